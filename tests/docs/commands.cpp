#include "docs/commands.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <regex>

#include "cli/command_help.hpp"
#include "util/text.hpp"

namespace doctor::test {
namespace {

std::string language(const Block& block) {
  return block.info.substr(0, block.info.find(' '));
}

/// "check|bundle|...".
const std::string& command_names() {
  static const std::string names = [] {
    std::vector<std::string> all;
    for (const auto& command : cli::command_help()) all.push_back(command.name);
    return util::join(all, "|");
  }();
  return names;
}

std::string without_comment(const std::string& line) {
  const auto comment = line.find(" # ");
  return util::trim(line.substr(0, comment));
}

/// Lines of shell; a backslash at the end joins two.
std::vector<std::string> logical_lines(const std::string& text) {
  std::vector<std::string> lines;
  bool open = false;
  for (const auto& line : util::split(text, '\n')) {
    auto content = without_comment(line);
    const bool continues = content.ends_with('\\');
    if (continues) content = util::trim(content.substr(0, content.size() - 1));
    if (open)
      lines.back() += " " + content;
    else if (!content.empty() && !content.starts_with('#'))
      lines.push_back(content);
    open = continues && !lines.empty();
  }
  return lines;
}

/// The values of `run` and `script`, as GitHub and GitLab have them.
void collect_steps(const YAML::Node& node, std::vector<std::string>& steps) {
  if (node.IsSequence())
    for (const auto& item : node) collect_steps(item, steps);
  if (!node.IsMap()) return;
  for (const auto& pair : node) {
    const auto key = pair.first.as<std::string>();
    if (key != "run" && key != "script") {
      collect_steps(pair.second, steps);
    } else if (pair.second.IsSequence()) {
      for (const auto& step : pair.second) steps.push_back(step.as<std::string>());
    } else {
      steps.push_back(pair.second.as<std::string>());
    }
  }
}

std::vector<std::string> yaml_commands(const std::string& text) {
  std::vector<std::string> steps;
  collect_steps(YAML::Load(text), steps);
  std::vector<std::string> lines;
  for (const auto& step : steps)
    for (auto& line : logical_lines(step)) lines.push_back(std::move(line));
  return lines;
}

std::vector<std::string> matches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator match{text.begin(), text.end(), pattern}, none; match != none; ++match)
    found.push_back(util::trim(match->str(1)));
  return found;
}

/// The whole line is one.
std::optional<std::string> command_in(const std::string& line) {
  static const std::regex prompt{R"(^\s*\$ (.*)$)"};
  static const std::regex direct{R"(^\s*((?:\S*/)?doctor (?:)" + command_names() + R"()(?: .*)?|\./dev .*)$)"};
  static const std::regex unit{R"(^\s*Exec[A-Za-z]*=(.*)$)"};
  std::smatch match;
  for (const auto* pattern : {&prompt, &unit, &direct})
    if (std::regex_match(line, match, *pattern)) return without_comment(match.str(1));
  return std::nullopt;
}

/// command = [ "doctor", "check" ]
std::optional<std::string> icinga_command(const std::string& line) {
  static const std::regex list{R"(^\s*command = \[(.*)\]$)"};
  static const std::regex word{R"re("([^"]*)")re"};
  std::smatch match;
  if (!std::regex_match(line, match, list)) return std::nullopt;
  return util::join(matches(match.str(1), word), " ");
}

/// What stands somewhere in a line of output; quotes, escapes and markup end it.
std::vector<std::string> mentioned(const std::string& line) {
  static const std::regex mention{R"re(\b(doctor (?:)re" + command_names() + R"re()(?=["\\ ]|$)[^"`\\%<&]*))re"};
  return matches(line, mention);
}

std::vector<std::string> lines_of_others(const std::string& text) {
  std::vector<std::string> commands;
  for (const auto& line : util::split(text, '\n')) {
    if (auto command = command_in(line)) {
      commands.push_back(std::move(*command));
    } else if (auto command_list = icinga_command(line)) {
      commands.push_back(std::move(*command_list));
    } else {
      for (auto& command_mentioned : mentioned(line)) commands.push_back(std::move(command_mentioned));
    }
  }
  return commands;
}

std::vector<std::string> commands_in(const Block& block) {
  static const std::regex groovy_step{R"(\bsh '([^']*)')"};
  const auto kind = language(block);
  if (kind == "groovy") return matches(block.text, groovy_step);
  if (kind == "yaml") return yaml_commands(block.text);
  if (kind != "sh") return lines_of_others(block.text);
  return logical_lines(block.text);
}

}  // namespace

std::vector<Shown> commands_of(const Page& page) {
  std::vector<Shown> all;
  for (const auto& block : page.blocks)
    for (auto& text : commands_in(block)) all.push_back({std::move(text), page.name, block.line});
  return all;
}

std::vector<Shown> doctors_commands_of(const Page& page) {
  std::vector<Shown> all;
  for (const auto& block : page.blocks)
    for (auto& line : logical_lines(block.text))
      if (line.starts_with("doctor ")) all.push_back({std::move(line), page.name, block.line});
  return all;
}

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  char quote = '\0';
  bool open = false;
  for (const char c : line) {
    if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (quote == '\0' && c == ' ') {
      open = false;
      continue;
    } else {
      if (!open) words.emplace_back();
      words.back() += c;
      open = true;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
  }
  return words;
}

}  // namespace doctor::test
