// --help of the commands: what it holds, and that it fits.

#include <algorithm>

#include "cli/command_help.hpp"
#include "cli/pseudo_terminal.hpp"
#include "render/wrap.hpp"
#include "support/catch.hpp"
#include "util/text.hpp"

namespace doctor::lab {
namespace {

std::vector<std::string> help_lines(const std::string& command, const Environment& more = {}) {
  CommandOptions options;
  options.environment = more;
  const auto result = run({doctor_binary(), command, "--help"}, options);
  CHECK(result.exit == 0);
  CHECK(result.err.empty());
  auto lines = util::split(result.out, '\n');
  REQUIRE(lines.back().empty());
  lines.pop_back();
  return lines;
}

std::size_t widest(const std::vector<std::string>& lines) {
  std::size_t width = 0;
  for (const auto& line : lines) width = std::max(width, render::display_width(line));
  return width;
}

bool is_option_line(const std::string& line) {
  return line.starts_with("  ") && line.size() > 2 && line[2] != ' ';
}

}  // namespace

TEST_CASE("--help of check fits a screen of 80 columns and 50 lines", "[help]") {
  const auto lines = help_lines("check");
  CHECK(lines.size() <= 50);
  CHECK(widest(lines) <= 80);
}

TEST_CASE("--help of every command holds each of its options once, within its columns", "[help]") {
  for (const auto& command : cli::command_help()) {
    INFO(command.name);
    const auto lines = help_lines(command.name);
    CHECK(lines.front().starts_with("doctor " + command.name));
    CHECK(widest(lines) <= 80);
    CHECK(widest(help_lines(command.name, {{"COLUMNS", "60"}})) <= 60);
    const auto options = std::count_if(lines.begin(), lines.end(), is_option_line);
    CHECK(static_cast<std::size_t>(options) == command.options.size());
    for (const auto& option : command.options) {
      const auto begins_with_it = [&](const std::string& line) {
        return is_option_line(line) && line.find(option.names.back()) != std::string::npos;
      };
      INFO(option.names.back());
      CHECK(std::any_of(lines.begin(), lines.end(), begins_with_it));
    }
  }
}

TEST_CASE("the options of check are grouped by what they are for", "[help]") {
  const auto lines = help_lines("check");
  const auto below = [&](const std::string& heading, const std::string& option) {
    auto at = std::find(lines.begin(), lines.end(), heading);
    REQUIRE(at != lines.end());
    for (++at; at != lines.end() && !at->empty(); ++at)
      if (at->starts_with("  " + option + " ")) return true;
    return false;
  };
  CHECK(below("What is examined", "DIR"));
  CHECK(below("What is examined", "--env-file"));
  CHECK(below("How far it goes", "--only"));
  CHECK(below("What counts", "--fail-on"));
  CHECK(below("How the result is shown", "--report"));
  CHECK(below("Again and again", "--wait"));
  CHECK(std::count(lines.begin(), lines.end(), "") == 5);
}

TEST_CASE("--help is as wide as the terminal", "[help]") {
  Terminal terminal{{doctor_binary(), "check", "--help"}, {{}, 50, 24}};
  CHECK(terminal.wait() == 0);
  auto lines = util::split(terminal.seen(), '\n');
  for (auto& line : lines) line = util::trim(line);
  CHECK(widest(lines) <= 50);
  CHECK(lines.size() > 50);
}

}  // namespace doctor::lab
