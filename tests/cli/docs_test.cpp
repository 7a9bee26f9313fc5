// What the documentation tells of the command line is what the program takes.

#include <algorithm>
#include <fstream>
#include <sstream>

#include "cli/command_help.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

namespace {

const std::string docs = doctor::test::source_path("docs/");

std::string read(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string in_table(std::string text) {
  for (auto bar = text.find('|'); bar != std::string::npos; bar = text.find('|', bar + 2)) text.insert(bar, "\\");
  return text;
}

/// The rows for the flags of `doctor check`, in the order of --help.
std::string flags_of_check() {
  const auto commands = doctor::cli::command_help();
  const auto check = std::find_if(commands.begin(), commands.end(),
                                  [](const doctor::cli::CommandHelp& command) { return command.name == "check"; });
  REQUIRE(check != commands.end());
  std::string rows;
  for (const auto& option : check->options) {
    if (option.positional) continue;
    std::string names;
    for (const auto& name : option.names) names += (names.empty() ? "`" : ", `") + name + "`";
    const auto fallback = option.fallback.empty() ? std::string{} : "`" + option.fallback + "`";
    auto description = option.description;
    if (!option.choices.empty()) {
      description += ": ";
      for (const auto& choice : option.choices) description += (description.ends_with(": ") ? "" : ", ") + choice;
    }
    if (option.repeatable) description += " (may be repeated)";
    rows += "| " + names + " | " + fallback + " | " + in_table(description) + " |\n";
  }
  return rows;
}

}  // namespace

TEST_CASE("the table of flags in docs/usage.md is what the program takes", "[docs]") {
  const std::string head = "| flag | by default | what it does |\n| --- | --- | --- |\n";
  const auto page = read(docs + "usage.md");
  const auto begin = page.find(head);
  REQUIRE(begin != std::string::npos);
  const auto first = begin + head.size();
  const auto end = page.find("\n\n", first);
  const auto rows = page.substr(first, end == std::string::npos ? end : end + 1 - first);
  const auto expected = flags_of_check();
  INFO("the rows must be:\n" << expected);
  CHECK(rows == expected);
}
