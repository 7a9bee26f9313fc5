#pragma once

#include <cstddef>
#include <string>

#include "cli/command_help.hpp"

namespace doctor::cli {

/// What `doctor COMMAND --help` prints: its options below their headings, wrapped at `width` columns.
std::string help_text(const CommandHelp& command, std::size_t width);

/// The words that stand for its positional arguments, " CODE" or " [DIR]", each after a blank.
std::string positionals_of(const CommandHelp& command);

}  // namespace doctor::cli
