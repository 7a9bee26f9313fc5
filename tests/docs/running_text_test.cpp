// Commands and options that running text speaks of are those of the program.

#include <algorithm>

#include "cli/command_help.hpp"
#include "docs/commands.hpp"
#include "docs/pages.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const std::vector<cli::CommandHelp>& all_commands() {
  static const auto commands = cli::command_help();
  return commands;
}

/// The options of a command, "" for all of them, as they are written.
std::vector<std::string> options_of(const std::string& command) {
  std::vector<std::string> names{"--help", "--version", "-h"};
  for (const auto& known : all_commands())
    if (command.empty() || known.name == command)
      for (const auto& option : known.options) names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Words of a line of shell up to a pipe or a redirection.
std::vector<std::string> first_command(const std::string& line) {
  auto words = test::words_of(line);
  const auto end = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    return word.starts_with('|') || word.starts_with('>') || word.starts_with(';') || word.starts_with('&');
  });
  words.erase(end, words.end());
  return words;
}

void expect_known(const std::string& where, const std::string& text) {
  auto words = first_command(text);
  INFO(where << ": " << text);
  if (words.size() < 2 || !is_one_of(words[0], {"doctor", "build/debug/doctor"})) return;
  std::vector<std::string> commands{"COMMAND", "--help", "--version"};
  for (const auto& command : all_commands()) commands.push_back(command.name);
  if (words[1].starts_with("__")) return;
  CHECK(is_one_of(words[1], commands));
  const auto options = options_of(words[1] == "COMMAND" ? "" : words[1]);
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto word = words[i].substr(0, words[i].find('='));
    if (!word.starts_with('-') || word == "-") continue;
    INFO(word);
    CHECK(is_one_of(word, options));
  }
}

}  // namespace

TEST_CASE("commands and options in running text exist", "[text]") {
  // Of other programs.
  const std::vector<std::string> others{"--password", "--token"};
  const auto all = options_of("");
  int seen = 0;
  for (const auto& page : test::pages())
    for (const auto& span : page.spans) {
      const auto where = page.name + ":" + std::to_string(span.line);
      if (span.text.starts_with("doctor ") || span.text.starts_with("build/debug/doctor ")) {
        expect_known(where, span.text);
        ++seen;
      }
      if (!span.text.starts_with("--")) continue;
      const auto name = span.text.substr(0, span.text.find_first_of(" =|["));
      INFO(where << ": " << span.text);
      CHECK((is_one_of(name, all) || is_one_of(name, others)));
      ++seen;
    }
  CHECK(seen > 100);
}

}  // namespace doctor::lab
