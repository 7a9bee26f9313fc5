#include <sstream>

#include <nlohmann/json.hpp>

#include "render/render.hpp"
#include "support/catch.hpp"
#include "tests/render/report_fixture.hpp"

using doctor::diagnosis::exit_code;
using doctor::diagnosis::Report;

namespace {

nlohmann::json printed(const Report& report) {
  std::ostringstream out;
  doctor::render::json(report, {}, out);
  return nlohmann::json::parse(out.str());
}

}  // namespace

TEST_CASE("the JSON report has every field of the contract") {
  const auto json = printed(report_fixture());
  CHECK(json.at("schema") == "doctor-report/v1");
  CHECK(json.at("tool").at("version") == "0.1.0");
  CHECK(json.at("run") ==
        nlohmann::json{{"started", "2026-01-01T00:00:00Z"}, {"duration_ms", 412}, {"complete", true}});
  CHECK(json.at("deployment").at("system") == "chatalot");
  CHECK(json.at("summary") == nlohmann::json{{"error", 1},
                                             {"warning", 1},
                                             {"info", 0},
                                             {"consequences", 1},
                                             {"passed", 1},
                                             {"skipped", 1},
                                             {"unexamined", 1},
                                             {"ignored", 0},
                                             {"baseline", 0},
                                             {"exit_code", 1}});
  REQUIRE(json.at("findings").size() == 3);
  const auto& finding = json.at("findings").at(0);
  for (const char* key : {"code", "entry", "severity", "check", "subject", "fingerprint", "title", "root", "caused_by",
                          "ignored", "symptom", "cause", "fix", "verify", "evidence"})
    CHECK(finding.contains(key));
  CHECK(finding.at("evidence").at(1) ==
        nlohmann::json{{"name", "sqlstate"}, {"value", "28P01"}, {"source", "127.0.0.1:5432"}, {"vantage", "host"}});
  CHECK(finding.at("fix").at(0).at("kind") == "command");
  CHECK(finding.at("fix").at(0).at("risk") == "disruptive");
  CHECK(finding.at("fix").at(1).at("effective") == false);
  CHECK(json.at("findings").at(2).at("caused_by").at(0) == finding.at("fingerprint"));
  CHECK(json.at("ruled_out").at(0).at("subject") == "disk:docker");
  CHECK(json.at("unexamined").at(0).at("check") == "jwt");
  CHECK(json.at("checks").size() == 4);
}

TEST_CASE("bytes that are no UTF-8 do not break the document") {
  auto report = report_fixture();
  report.problems[0].evidence[0].value = "\xff\xfe";
  CHECK(printed(report).at("findings").at(0).at("evidence").at(0).at("value").is_string());
}

TEST_CASE("the exit code belongs to the report") {
  auto report = report_fixture();
  CHECK(exit_code(report, "error", false) == 1);
  CHECK(exit_code(report, "never", true) == 0);
  CHECK(exit_code(report, "never", false) == 3);
  report.problems.erase(report.problems.begin());  // the root; a consequence alone fails nothing
  CHECK(exit_code(report, "error", true) == 0);
  CHECK(exit_code(report, "error", false) == 3);
  CHECK(exit_code(report, "warning", true) == 1);
  report.problems.front().ignored = true;
  CHECK(exit_code(report, "info", true) == 0);
  report.interrupted_by = 15;
  CHECK(exit_code(report, "error", true) == 143);
  report.interrupted_by = 2;
  CHECK(exit_code(report, "error", true) == 130);
}
