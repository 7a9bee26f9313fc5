// What stands in a report only sometimes: waiting, what-if, timings. In every format for people.

#include <nlohmann/json.hpp>
#include <sstream>

#include "render/formats.hpp"
#include "support/catch.hpp"
#include "tests/render/hostile_report.hpp"

using doctor::diagnosis::Report;
using doctor::diagnosis::WhatIf;

namespace {

std::string printed(const Report& report, const std::string& format) {
  std::ostringstream out;
  doctor::render::find_format(format)->write(report, {}, out);
  return out.str();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Report waited_report() {
  auto report = report_fixture();
  report.waiting = doctor::diagnosis::Waiting{
      61500,
      7,
      false,
      {{"redis-refused", "endpoint:redis:6379", "Redis refuses connections", 4200, 1}},
      {{"health-status", "endpoint:chatalot:8080", "The server answers 500", 30100, 2}},
      {{"chatalot-database-auth-failed", "endpoint:postgres:5432", "PostgreSQL refuses the password", 0, 1}},
      {{"websocket", "endpoint:chatalot:8081", "no process of it runs", 5300, 1}}};
  return report;
}

Report what_if_report() {
  auto report = report_fixture();
  const auto item = [](const std::string& title, const std::string& reason = {}) {
    return WhatIf::Item{"entry", "error", "endpoint:postgres:5432", "00", title, true, reason};
  };
  report.what_if = WhatIf{{{"setting:chatalot/DB_PORT", true, true, "5433", "the compose file pins it"},
                           {"setting:chatalot/DATABASE_URL", false, false, "", ""}},
                          {item("Resolved one")},
                          {item("Expected one")},
                          {item("Fresh one")},
                          {item("Remaining one")},
                          {item("Unknown one", "nobody asked")},
                          {{"endpoint:redis:6379", "redis", "not recorded"}}};
  return report;
}

const std::vector<std::string> for_people{"human", "markdown", "html"};

}  // namespace

TEST_CASE("every format for people tells what happened while doctor waited", "[waiting]") {
  for (const auto& format : for_people) {
    const auto text = printed(waited_report(), format);
    INFO(text);
    for (const char* part : {"5 s, 7 runs", "healthy after 4.2 s", "Redis refuses connections", "came back 2 times",
                             "The server answers 500", "never healthy", "endpoint:postgres:5432"})
      CHECK(has(text, part));
    CHECK_FALSE(has(printed(report_fixture(), format), "never healthy"));
  }
}

TEST_CASE("formats for programs tell what happened while doctor waited", "[waiting]") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> parts{
      {"json", {"\"became_examined\"", "no process of it runs"}},
      {"jsonl", {"\"became_examined\"", "no process of it runs"}},
      {"junit", {"<system-out>waited 61.5 s, 7 runs", "healthy after 4.2 s: Redis refuses connections"}},
      {"tap", {"\n# waited 61.5 s, 7 runs", "\n# examined after 5.3 s: endpoint:chatalot:8081"}},
      {"nagios", {" waited=61.500s;;;0\n", "\nwaited 61.5 s, 7 runs", "\nflapping, came back 2 times: "}},
      {"prometheus",
       {"\ndoctor_wait_duration_seconds 61.500\n", "\ndoctor_wait_runs 7\n", "\ndoctor_wait_reached 0\n"}},
      {"sarif", {"waited 61.5 s, 7 runs"}},
      {"github", {"\ndoctor waited: 61.5 s, 7 runs", "\ndoctor waited: never healthy: "}}};
  for (const auto& [format, wanted] : parts) {
    const auto text = printed(waited_report(), format);
    INFO(format << "\n" << text);
    for (const auto& part : wanted) {
      CHECK(has(text, part));
      CHECK_FALSE(has(printed(report_fixture(), format), part));
    }
  }
}

TEST_CASE("every format for people tells what other settings would do", "[what-if]") {
  for (const auto& format : for_people) {
    const auto text = printed(what_if_report(), format);
    INFO(text);
    for (const char* part : {"If these settings were", "DB_PORT", "5433", "This would resolve", "Resolved one",
                             "Expected one", "This would be new", "Fresh one", "This would remain", "Remaining one",
                             "Unknown one", "nobody asked", "not recorded"})
      CHECK(has(text, part));
    CHECK_FALSE(has(printed(report_fixture(), format), "This would"));
  }
}

TEST_CASE("parts of what-if without a line are left out", "[what-if]") {
  auto report = what_if_report();
  report.what_if->fresh.clear();
  report.what_if->unknown.clear();
  for (const auto& format : for_people) {
    const auto text = printed(report, format);
    CHECK_FALSE(has(text, "This would be new"));
    CHECK(has(text, "This would remain"));
    CHECK(has(text, "cannot be judged"));  // something was not recorded
  }
}

TEST_CASE("timings in a table of columns, and in JSON", "[timings]") {
  auto report = report_fixture();
  report.timings = doctor::diagnosis::Timings{
      {{"discovery", 120}, {"checks", 1300}, {"timeline", 0}},
      {{"http", 12, 2400, 900, "http://127.0.0.1:3000/health"}, {"tcp", 3, 4, 2, "127.0.0.1 5432"}}};
  const auto text = printed(report, "human");
  INFO(text);
  CHECK(has(text, "finding out what is deployed  0.1 s\n"));
  CHECK(has(text, "checks                        1.3 s\n"));
  CHECK(has(text, "http      12     2.4 s    0.9 s  http://127.0.0.1:3000/health\n"));
  CHECK(has(text, "tcp        3      4 ms     2 ms  127.0.0.1 5432\n"));
  CHECK(has(text, "env     3 ms"));
  const auto run = nlohmann::json::parse(printed(report, "json")).at("run");
  CHECK(run.at("timings").at("parts").at(1).at("duration_ms") == 1300);
  CHECK(run.at("timings").at("probes").at(0).at("asked") == 12);
  CHECK_FALSE(nlohmann::json::parse(printed(report_fixture(), "json")).at("run").contains("timings"));
}
