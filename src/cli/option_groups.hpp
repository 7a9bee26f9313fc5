#pragma once

#include "cli/option_kinds.hpp"

namespace doctor::cli {

/// Gives the options that commands share the heading below which --help shows them, and a name for what they take.
void arrange(CLI::App& command);

}  // namespace doctor::cli
