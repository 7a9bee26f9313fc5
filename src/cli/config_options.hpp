#pragma once

#include "cli/options.hpp"
#include "cli/run.hpp"

namespace doctor::cli {

/// `doctor config --options`: doctor's own options of `check`, each with its value and where that is from. Values of
/// --set are not shown, since they may be secret.
int config_options(const ConfigCommand& command, Streams streams);

}  // namespace doctor::cli
