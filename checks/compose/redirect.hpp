#pragma once

#include <string>

#include "doctor/deployment.hpp"

namespace doctor::checks::compose_redirect {

/// How the command of a service sends its standard output to a file, "> /var/log/app.log"; "" when it does not. Only a
/// shell (sh -c) does that, and only its last command, or an `exec` without a command, decides where the output of the
/// service goes. /dev and /proc are no files.
std::string output_file(const Service& service);

}  // namespace doctor::checks::compose_redirect
