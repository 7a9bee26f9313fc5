#pragma once

#include <vector>

#include <sys/types.h>

#include "probes/helper.hpp"

namespace doctor::probes {

/// The life of the helper process: takes requests from `socket` until its other end is closed. Only in a forked child.
[[noreturn]] void helper_loop(int socket, pid_t parent, const std::vector<HelperJob>& jobs);

}  // namespace doctor::probes
