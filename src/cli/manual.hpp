#pragma once

#include <string>
#include <vector>

#include "cli/command_help.hpp"

namespace doctor::cli {

/// Every command with its options, as Markdown: a heading of level two a command, a paragraph an option.
std::string commands_markdown(const std::vector<CommandHelp>& commands);

}  // namespace doctor::cli
