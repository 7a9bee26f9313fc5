#include "cli/manual.hpp"

#include <algorithm>

#include "cli/help.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// "**-o**, **--output** *FILE*".
std::string spelling(const OptionHelp& option) {
  std::vector<std::string> names;
  for (const auto& name : option.names) names.push_back("**" + name + "**");
  return util::join(names, ", ") + (option.value.empty() ? "" : " *" + option.value + "*");
}

std::string details(const OptionHelp& option) {
  auto text = option.description + ".";
  if (!option.choices.empty()) text += " One of " + util::join(option.choices, ", ") + ".";
  if (option.fallback == ".")
    text += " Default: the working directory.";
  else if (!option.fallback.empty())
    text += " Default: `" + option.fallback + "`.";
  if (option.repeatable) text += " May be given more than once.";
  if (!option.environment.empty()) text += " Environment: `" + option.environment + "`.";
  return text;
}

bool has_options(const CommandHelp& command) {
  return std::any_of(command.options.begin(), command.options.end(),
                     [](const OptionHelp& option) { return !option.positional; });
}

}  // namespace

std::string commands_markdown(const std::vector<CommandHelp>& commands) {
  std::string text;
  for (const auto& command : commands) {
    text += "## doctor " + command.name + positionals_of(command) + (has_options(command) ? " [options]" : "") + "\n\n";
    text += command.summary + ".\n\n";
    for (const auto& option : command.options) text += "- " + spelling(option) + "\n\n  " + details(option) + "\n\n";
  }
  return text;
}

}  // namespace doctor::cli
