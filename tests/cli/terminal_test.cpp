// What a terminal of a certain kind gets.

#include <algorithm>

#include "cli/pseudo_terminal.hpp"
#include "lab/files_case.hpp"
#include "render/wrap.hpp"
#include "support/catch.hpp"
#include "util/text.hpp"

namespace doctor::lab {
namespace {

constexpr auto cross = "\u2717";

/// The report of a deployment with an error, as a terminal shows it.
std::string report_on(const TerminalOptions& options, const Arguments& more = {}) {
  const FilesCase files;
  Arguments arguments{doctor_binary(), "check", files.directory().path(), "--only",
                      "env",           "--set", "DATABASE_URL=mysql://x"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  Terminal terminal{arguments, options};
  CHECK(terminal.wait() == 1);
  return terminal.seen();
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/// Without commands and names, which are never broken.
std::size_t widest_prose(const std::string& text) {
  std::size_t widest = 0;
  for (const auto& line : util::split(text, '\n')) {
    if (line.starts_with("  Symptom") || line.starts_with("  Cause"))
      widest = std::max(widest, render::display_width(line) - (line.ends_with('\r') ? 1 : 0));
  }
  return widest;
}

}  // namespace

TEST_CASE("a terminal gets colour, its own width, and progress that is cleared", "[terminal]") {
  const auto narrow = report_on({{{"LANG", "C.UTF-8"}}, 50, 24});
  INFO(narrow);
  CHECK(says(narrow, "\x1b[31;1merror\x1b[0m"));
  CHECK(says(narrow, cross));
  CHECK(says(narrow, "\r\x1b[K"));
  const auto plain = report_on({{{"NO_COLOR", "1"}}, 50, 24}, {"--no-progress"});
  CHECK(widest_prose(plain) > 30);
  CHECK(widest_prose(plain) <= 50);
  CHECK(widest_prose(report_on({{{"NO_COLOR", "1"}}, 200, 24}, {"--no-progress"})) <= 120);
}

TEST_CASE("names of files are links where the terminal is known to have them", "[terminal]") {
  const std::string link = "\x1b]8;;file://";
  const auto on = [](const Environment& environment) { return report_on({environment}, {"--no-progress"}); };
  for (const auto& environment : {Environment{{"TERM", "xterm-kitty"}}, Environment{{"VTE_VERSION", "6800"}},
                                  Environment{{"TERM_PROGRAM", "WezTerm"}}, Environment{{"FORCE_HYPERLINK", "1"}}})
    CHECK(says(on(environment), link));
  for (const auto& environment :
       {Environment{{"TERM", "xterm"}}, Environment{{"VTE_VERSION", "4200"}},
        Environment{{"TERM", "xterm-kitty"}, {"FORCE_HYPERLINK", "0"}},
        Environment{{"TERM", "xterm-kitty"}, {"CI", "1"}}, Environment{{"FORCE_HYPERLINK", "1"}, {"NO_COLOR", "1"}}})
    CHECK_FALSE(says(on(environment), link));
}

TEST_CASE("NO_COLOR and TERM=dumb are honoured", "[terminal]") {
  for (const auto& environment : {Environment{{"NO_COLOR", "1"}}, Environment{{"TERM", "dumb"}}}) {
    const auto text = report_on({environment}, {"--no-progress"});
    CHECK(says(text, "error"));
    CHECK_FALSE(says(text, "\x1b"));
  }
  CHECK_FALSE(says(report_on({{{"TERM", "dumb"}}}), "\r\x1b[K"));
  CHECK(says(report_on({{{"NO_COLOR", "1"}}}, {"--color", "always"}), "\x1b[31;1m"));
}

TEST_CASE("a locale without UTF-8 gets ASCII", "[terminal]") {
  const auto text = report_on({{{"LC_ALL", "C"}, {"LANG", "C.UTF-8"}}});
  CHECK(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  CHECK(says(text, "x "));
  CHECK(says(report_on({{{"LC_ALL", ""}, {"LC_CTYPE", ""}, {"LANG", "de_DE.UTF-8"}}}), cross));
}

}  // namespace doctor::lab
