#include "cli/help.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

constexpr std::size_t widest_name = 26;
constexpr std::string_view name_indent = "  ";

/// "-o, --output FILE", "--only CHECK ..."
std::string spelling(const OptionHelp& option) {
  auto text = util::join(option.names, ", ");
  if (!option.value.empty()) text += " " + option.value;
  if (option.repeatable && !option.positional) text += " ...";
  return text;
}

/// "[auto], always, never": the default in brackets.
std::string choices_of(const OptionHelp& option) {
  auto choices = option.choices;
  for (auto& choice : choices)
    if (choice == option.fallback) choice = "[" + choice + "]";
  return util::join(choices, ", ");
}

std::string details(const OptionHelp& option) {
  if (option.choices.empty()) return option.description + (option.fallback.empty() ? "" : " [" + option.fallback + "]");
  if (option.description == "Output format") return choices_of(option);  // they say it themselves
  return option.description + ": " + choices_of(option);
}

/// The headings in the order in which the options bring them; positional arguments stand below the first one.
std::vector<std::string> groups_of(const CommandHelp& command) {
  std::vector<std::string> groups;
  for (const auto& option : command.options)
    if (!option.positional && std::find(groups.begin(), groups.end(), option.group) == groups.end())
      groups.push_back(option.group);
  return groups;
}

std::size_t name_column(const CommandHelp& command) {
  std::size_t column = 0;
  for (const auto& option : command.options) column = std::max(column, std::min(spelling(option).size(), widest_name));
  return name_indent.size() + column + 2;
}

std::string row(const OptionHelp& option, std::size_t column, std::size_t width) {
  const auto name = std::string{name_indent} + spelling(option);
  const std::string indent(column, ' ');
  const auto text = render::wrap(details(option), width, indent, indent);
  if (name.size() + 2 > column) return name + "\n" + text + "\n";
  return name + text.substr(name.size()) + "\n";
}

std::string positional_rows(const CommandHelp& command, std::size_t column, std::size_t width) {
  std::string text;
  for (const auto& option : command.options)
    if (option.positional) text += row(option, column, width);
  return text;
}

}  // namespace

std::string positionals_of(const CommandHelp& command) {
  std::string text;
  for (const auto& option : command.options)
    if (option.positional) text += option.is_required ? " " + option.names.front() : " [" + option.names.front() + "]";
  return text;
}

std::string help_text(const CommandHelp& command, std::size_t width) {
  const auto column = name_column(command);
  const auto groups = groups_of(command);
  auto text = "doctor " + command.name + positionals_of(command) + (groups.empty() ? "" : " [options]") + "\n" +
              render::wrap(command.summary + ".", width, "", "") + "\n";
  auto positional = positional_rows(command, column, width);
  if (groups.empty() && !positional.empty()) text += "\n" + positional;
  for (const auto& group : groups) {
    text += "\n" + group + "\n" + std::exchange(positional, {});
    for (const auto& option : command.options)
      if (!option.positional && option.group == group) text += row(option, column, width);
  }
  return text;
}

}  // namespace doctor::cli
