#include "render/formats.hpp"

#include <set>
#include <sstream>

#include "render/check_outcome.hpp"
#include "support/catch.hpp"
#include "tests/render/hostile_report.hpp"
#include "util/unicode.hpp"

using doctor::diagnosis::Report;
using doctor::render::CheckOutcome;
using doctor::render::Format;
using doctor::render::Style;

namespace {

std::string printed(const Format& format, const Report& report, const Style& style = {}) {
  std::ostringstream out;
  format.write(report, style, out);
  return out.str();
}

/// The first character of a text that must never be shown raw, and where it stands.
std::string invisible(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto [point, length] = doctor::util::decode(text.substr(at));
    const bool line_break = point == '\n' || (point == '\t' && length == 1);
    if (length == 0 || (doctor::util::is_invisible(point) && !line_break))
      return std::to_string(static_cast<unsigned>(point)) + " at " + std::to_string(at) + ": " +
             doctor::util::json_shown(text.substr(at > 60 ? at - 60 : 0, 60));
    at += length;
  }
  return {};
}

struct Outcome {
  const char* name;
  Report report;
  int code;         ///< with --fail-on error
  int strict_code;  ///< with --fail-on warning
  int lenient;      ///< with --fail-on never --allow-incomplete
  int plugin;
};

std::vector<Outcome> outcomes() {
  return {{"healthy", healthy_report(), 0, 0, 0, 0},
          {"error", report_fixture(), 1, 1, 0, 2},
          {"warning only", warning_report(), 0, 1, 0, 1},
          {"unexamined", unexamined_report(), 3, 3, 0, 3},
          {"interrupted", interrupted_report(), 143, 143, 143, 3}};
}

}  // namespace

TEST_CASE("every format has a name of its own and says for whom it is", "[formats]") {
  std::set<std::string> names;
  for (const auto& format : doctor::render::formats()) {
    CHECK(names.insert(std::string{format.name}).second);
    CHECK_FALSE(format.what.empty());
    CHECK(doctor::render::find_format(format.name) == &format);
  }
  for (const char* name : {"human", "short", "markdown", "html", "json", "jsonl", "junit", "tap", "nagios",
                           "prometheus", "sarif", "github", "gitlab"})
    CHECK(names.count(name) == 1);
  CHECK(doctor::render::find_format("xml") == nullptr);
  CHECK(doctor::render::find_format("") == nullptr);
}

TEST_CASE("no format lets a control, bidi or zero-width character through", "[formats]") {
  REQUIRE_FALSE(invisible(hostile_text()).empty());
  for (const auto& format : doctor::render::formats()) {
    INFO(format.name);
    Style style;
    style.utf8 = true;
    style.verbose = true;
    CHECK(invisible(printed(format, hostile_report(), style)) == "");
  }
}

TEST_CASE("every format writes every outcome, ends with a line break and says the same twice", "[formats]") {
  for (const auto& format : doctor::render::formats()) {
    for (const auto& outcome : outcomes()) {
      INFO(format.name << " " << outcome.name);
      const auto text = printed(format, outcome.report);
      CHECK(text == printed(format, outcome.report));
      if (format.name == "short" && (outcome.code == 0 && outcome.strict_code == 0)) {
        CHECK(text.empty());
        continue;
      }
      REQUIRE_FALSE(text.empty());
      CHECK(text.back() == '\n');
    }
  }
}

TEST_CASE("the exit code is the report's in every format but the plugin's", "[formats]") {
  for (const auto& format : doctor::render::formats()) {
    for (const auto& outcome : outcomes()) {
      INFO(format.name << " " << outcome.name);
      const auto code = [&](const std::string& fail_on, bool allow_incomplete) {
        return doctor::render::exit_code(format.name, outcome.report, fail_on, allow_incomplete);
      };
      if (format.name == "nagios") {
        CHECK(code("error", false) == outcome.plugin);
        CHECK(code("never", false) == outcome.plugin);
        continue;
      }
      CHECK(code("error", false) == outcome.code);
      CHECK(code("warning", false) == outcome.strict_code);
      CHECK(code("never", true) == outcome.lenient);
    }
  }
}

TEST_CASE("test results fail exactly when the exit code does", "[formats]") {
  using Kind = CheckOutcome::Kind;
  for (const auto& outcome : outcomes()) {
    if (outcome.report.interrupted_by != 0) continue;
    for (const char* fail_on : {"error", "warning", "info", "never"}) {
      for (const bool allow_incomplete : {false, true}) {
        Style style;
        style.fail_on = fail_on;
        style.allow_incomplete = allow_incomplete;
        const auto checks = doctor::render::check_outcomes(outcome.report, style);
        const int code = doctor::diagnosis::exit_code(outcome.report, fail_on, allow_incomplete);
        INFO(outcome.name << " " << fail_on << " " << allow_incomplete);
        CHECK((count(checks, Kind::failed) > 0) == (code == 1));
        if (code != 1) CHECK((count(checks, Kind::unexamined) > 0) == (code == 3));
      }
    }
  }
}

TEST_CASE("what a check could not see is an error although it found a warning", "[formats]") {
  auto report = warning_report();
  report.unexamined = {{"file:a", "env", "permission denied"}};
  const auto checks = doctor::render::check_outcomes(report, Style{});
  CHECK(checks.at(0).check.id == "env");
  CHECK(checks.at(0).kind == CheckOutcome::Kind::unexamined);
  CHECK(checks.at(0).roots.size() == 1);
}

TEST_CASE("a check whose findings only follow from others fails with their cause", "[formats]") {
  auto report = report_fixture();
  report.checks.push_back({"health", "failed", "", 5, "It answers."});
  const auto checks = doctor::render::check_outcomes(report, Style{});
  const auto health =
      std::find_if(checks.begin(), checks.end(), [](const auto& one) { return one.check.id == "health"; });
  REQUIRE(health != checks.end());
  CHECK(health->kind == CheckOutcome::Kind::failed);
  CHECK(health->roots.empty());
  CHECK(health->message.find(report.problems[0].title) != std::string::npos);
}
