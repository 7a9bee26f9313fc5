#include "lab/quiet.hpp"

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <set>

#include <nlohmann/json.hpp>

#include "lab/files.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using nlohmann::json;

/// What a report says of a healthy deployment, times aside.
json words_of(json report) {
  report.at("run").erase("started");
  report.at("run").erase("duration_ms");
  for (auto& check : report.at("checks")) check.erase("duration_ms");
  for (auto& item : report.at("ruled_out")) item.at("evidence") = without_figures(item.at("evidence"));
  for (auto& event : report.at("timeline")) event.at("text") = without_figures(event.at("text"));
  return report;
}

}  // namespace

int healthy_runs(int usual) {
  const char* wanted = std::getenv("DOCTOR_HEALTHY_RUNS");
  return wanted == nullptr ? usual : std::max(1, std::atoi(wanted));
}

std::string without_figures(std::string text) {
  static const std::regex blanks{R"(\s+)"};  // columns and lines are as wide as the figures
  static const std::regex moment{R"([0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+( UTC|Z)?)"};
  static const std::regex span{R"([0-9]+(\.[0-9]+)? (ms|s|min|h|days)\b)"};
  static const std::regex figure{R"([0-9]+(\.[0-9]+)?( %| lines?| of [0-9]+ connections| [kMG]B)(?![A-Za-z]))"};
  text = std::regex_replace(text, blanks, " ");
  text = std::regex_replace(text, moment, "MOMENT");
  text = std::regex_replace(text, span, "SPAN");
  return std::regex_replace(text, figure, "FIGURE");
}

void expect_quiet(const RunDoctor& doctor, const std::string& directory, int runs, const Arguments& more) {
  const Directory beside{"quiet", "/tmp"};
  const auto file = beside.path("report.json");
  Arguments arguments{"check", directory, "--fail-on", "info", "--verbose", "--report", "json=" + file};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::set<std::string> texts;
  std::set<json> reports;
  for (int i = 0; i < runs; ++i) {
    const auto result = doctor(arguments);
    INFO("run " << i << "\n" << result.out << result.err);
    REQUIRE(result.exit == 0);
    const auto report = json::parse(read_file(file));
    REQUIRE(report.at("findings").empty());
    REQUIRE(report.at("unexamined").empty());
    texts.insert(without_figures(result.out));
    reports.insert(words_of(report));
  }
  INFO(*texts.begin() << *texts.rbegin() << *reports.begin() << "\n" << *reports.rbegin());
  CHECK(texts.size() == 1);
  CHECK(reports.size() == 1);
}

}  // namespace doctor::lab
