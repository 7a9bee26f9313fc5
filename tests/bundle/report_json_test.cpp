#include "bundle/report_json.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include "render/render.hpp"
#include "support/catch.hpp"
#include "tests/render/report_fixture.hpp"

using doctor::bundle::report_from_json;

namespace {

nlohmann::json document() {
  std::ostringstream out;
  doctor::render::json(report_fixture(), {}, out);
  return nlohmann::json::parse(out.str());
}

}  // namespace

TEST_CASE("the report that doctor writes is read again") {
  const auto report = report_from_json(document().dump());
  REQUIRE(report);
  const auto fixture = report_fixture();
  CHECK(report->version == fixture.version);
  CHECK(report->started == fixture.started);
  REQUIRE(report->problems.size() == fixture.problems.size());
  CHECK(report->problems[0].fingerprint == fixture.problems[0].fingerprint);
  CHECK(report->problems[0].evidence == fixture.problems[0].evidence);
  CHECK(report->problems[2].caused_by == fixture.problems[2].caused_by);
  CHECK_FALSE(report->problems[2].root);
  CHECK(report->unexamined.size() == fixture.unexamined.size());
  CHECK(report->checks.size() == fixture.checks.size());
}

TEST_CASE("what is no report is refused, with its place and without its words") {
  const auto refused = [](const std::string& text) {
    const auto report = report_from_json(text);
    REQUIRE_FALSE(report);
    CHECK(report.error().find("hunter2") == std::string::npos);
    CHECK_FALSE(report.error().empty());
    return report.error();
  };
  refused("");
  refused("hunter2");
  refused("[]");
  refused("{\"schema\": \"hunter2\"}");
  refused(std::string(100, '['));
  refused("{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}");
  refused(std::string(17 * 1024 * 1024, ' '));
  auto broken = document();
  broken["findings"][1]["severity"] = "hunter2";
  CHECK(refused(broken.dump()).find("findings[1]") != std::string::npos);
  for (const auto* key : {"schema", "tool", "run", "deployment", "findings", "ruled_out", "unexamined", "checks"}) {
    auto without = document();
    without.erase(key);
    refused(without.dump());
    auto mistaken = document();
    mistaken[key] = 7;
    refused(mistaken.dump());
  }
  for (const auto* key : {"code", "entry", "severity", "check", "subject", "fingerprint", "title", "root", "caused_by",
                          "ignored", "evidence"}) {
    auto mistaken = document();
    mistaken["findings"][0][key] = nlohmann::json::object();
    refused(mistaken.dump());
  }
}

TEST_CASE("texts of a report are redacted and escaped") {
  auto hostile = document();
  hostile["findings"][0]["title"] = "\x1b[31m postgres://u:hunter2hunter2@db/x";
  const auto report = report_from_json(hostile.dump());
  REQUIRE(report);
  CHECK(report->problems[0].title.find('\x1b') == std::string::npos);
  CHECK(report->problems[0].title.find("hunter2") == std::string::npos);
}
