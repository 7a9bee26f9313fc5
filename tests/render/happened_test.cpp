#include <sstream>

#include <nlohmann/json.hpp>

#include "render/happened.hpp"
#include "render/render.hpp"
#include "support/catch.hpp"
#include "tests/render/report_fixture.hpp"

using namespace doctor;
using diagnosis::Report;

namespace {

constexpr std::int64_t noon = 1'770'000'000;  // 2026-02-02 02:40:00 UTC

Report with_timeline() {
  auto report = report_fixture();
  report.timeline = {
      {noon - 90'000, "boot", "host:boot", "the host booted", "/proc/stat", false, false},
      {noon - 60, "edited", "file:.env", ".env was written", "file time", false, true},
      {noon, "container-exited", "service:web", "container web ended\x1b[31m", "Docker Engine", true, false},
      {noon + 5, "container-started", "service:web", "container web started", "Docker Engine", false, false}};
  return report;
}

std::string human(const Report& report, bool verbose, int width = 80) {
  render::Style style;
  style.verbose = verbose;
  style.width = width;
  std::ostringstream out;
  render::human(report, style, out);
  return out.str();
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a report with an error tells what happened around the first failure") {
  const auto text = human(with_timeline(), false);
  CHECK(holds(text, "> 2026-02-02 02:39:00  .env was written"));
  CHECK(holds(text, "x 2026-02-02 02:40:00  container web ended\\x1b[31m"));
  CHECK(holds(text, "  2026-02-02 02:40:05  container web started"));
  CHECK_FALSE(holds(text, "the host booted"));
  CHECK(holds(human(with_timeline(), true), "the host booted"));
}

TEST_CASE("a report without an error or a warning is quiet about the past") {
  auto report = with_timeline();
  report.problems.clear();
  CHECK_FALSE(holds(human(report, false), "What happened"));
  CHECK(holds(human(report, true), "What happened"));
  CHECK_FALSE(holds(human(report_fixture(), true), "What happened"));
}

TEST_CASE("at most twelve lines are told") {
  auto report = with_timeline();
  for (int i = 0; i < 50; ++i)
    report.timeline.push_back({noon + 10 + i, "log-failure", "service:web", "again", "log", true, false});
  CHECK(render::told_events(report, false).size() == 12);
  CHECK(render::told_events(report, true).size() == 54);
}

TEST_CASE("long events are wrapped within the width") {
  auto report = with_timeline();
  report.timeline[1].text = std::string(30, 'w') + " " + std::string(30, 'v') + " " + std::string(30, 'u');
  std::istringstream lines{human(report, false, 60)};
  for (std::string line; std::getline(lines, line);)
    if (holds(line, "wwww") || holds(line, "vvvv") || holds(line, "uuuu")) CHECK(line.size() <= 60);
}

TEST_CASE("the timeline in JSON") {
  std::ostringstream out;
  render::json(with_timeline(), {}, out);
  const auto events = nlohmann::json::parse(out.str()).at("timeline");
  REQUIRE(events.size() == 4);
  CHECK(events.at(1) == nlohmann::json{{"time", "2026-02-02T02:39:00Z"},
                                       {"kind", "edited"},
                                       {"subject", "file:.env"},
                                       {"text", ".env was written"},
                                       {"source", "file time"},
                                       {"failure", false},
                                       {"just_before", true}});
  CHECK(events.at(2).at("failure") == true);
}
