#include <algorithm>

#include "cli/options_parts.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// "TEXT:{auto,always,never}" of CLI11 names the words that an option takes.
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto open = type.find('{');
  const auto close = type.rfind('}');
  if (open != std::string::npos && close != std::string::npos && open < close)
    return util::split(type.substr(open + 1, close - open - 1), ',');
  const auto& description = option.get_description();
  if (!description.starts_with(format_description)) return {};
  auto formats = util::split(description.substr(format_description.size()), ',');
  for (auto& format : formats) format = util::trim(format);
  return formats;
}

std::string value_name(const CLI::Option& option) {
  if (option.get_expected_max() == 0) return {};
  const std::string type = option.get_type_name();
  return type.substr(0, type.find_first_of(":{ "));
}

bool is_for_help(const CLI::Option& option) {
  return option.check_lname("help") || option.check_lname("version");
}

}  // namespace

OptionHelp help_of(const CLI::Option& option) {
  OptionHelp help;
  for (const auto& name : option.get_snames()) help.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) help.names.push_back("--" + name);
  help.positional = help.names.empty();
  if (help.positional) help.names.push_back(option.get_name());
  help.choices = choices_of(option);
  help.value = help.positional ? std::string{} : value_name(option);
  help.description = option.get_description();
  if (!help.choices.empty() && help.description.starts_with(format_description)) help.description = "Output format";
  help.fallback = option.get_default_str();
  help.environment = option.get_envname();
  help.group = option.get_group();
  help.repeatable = option.get_expected_max() > 1;
  help.is_required = option.get_required();
  return help;
}

CommandHelp help_of_command(const CLI::App& command) {
  CommandHelp help{command.get_name(), command.get_description(), {}};
  for (const auto* option : command.get_options())
    if (!is_for_help(*option)) help.options.push_back(help_of(*option));
  return help;
}

std::vector<CommandHelp> help_of(const CLI::App& app) {
  std::vector<CommandHelp> commands;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_group().empty()) commands.push_back(help_of_command(*command));  // else it is not shown
  return commands;
}

}  // namespace doctor::cli
