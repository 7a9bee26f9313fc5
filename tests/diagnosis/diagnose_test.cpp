// What a log says, next to what the checks have seen.

#include "diagnosis/diagnose.hpp"

#include "checks/registry.hpp"
#include "support/catch.hpp"

using doctor::CheckInfo;
using doctor::Code;
using doctor::Deployment;
using doctor::Finding;
using doctor::Judgement;
using doctor::core::CheckResult;
using doctor::core::RunResult;
using doctor::diagnosis::diagnose;
using doctor::diagnosis::Report;
using doctor::guides::Library;

namespace {

const CheckInfo* check_named(std::string_view id) {
  for (const auto* check : doctor::checks::all())
    if (check->id == id) return check;
  throw std::out_of_range{"no such check"};
}

/// service:chatalot connects to endpoint:postgres:5432 and listens at endpoint:chatalot:8080.
Deployment deployment() {
  Deployment made;
  made.system = "chatalot";
  made.services.resize(2);
  made.services[0].name = "chatalot";
  made.services[1].name = "postgres";
  made.edges = {{"endpoint:chatalot:8080", "service:chatalot"},
                {"service:chatalot", "endpoint:postgres:5432"},
                {"endpoint:postgres:5432", "service:postgres"}};
  return made;
}

CheckResult result_of(std::string_view check, Judgement judgement) {
  return {check_named(check), std::move(judgement), "", "", {}};
}

Finding line(const std::string& entry) {
  return {Code{"log-signature"},
          "service:chatalot",
          {{"line", "Error: pool timed out while waiting for an open connection", "container chatalot-server", ""},
           {"count", "3", "container chatalot-server", ""}},
          entry};
}

Judgement with(Finding finding) {
  Judgement judgement;
  judgement.findings.push_back(std::move(finding));
  return judgement;
}

Judgement well(std::string subject) {
  Judgement judgement;
  judgement.healthy.push_back({std::move(subject), "all well"});
  return judgement;
}

Report report_on(std::vector<CheckResult> results) {
  RunResult run;
  run.checks = std::move(results);
  const Library library{doctor::guides::embedded()};
  return diagnose(deployment(), run, library);
}

const char* unreachable = "chatalot-database-unreachable";

}  // namespace

TEST_CASE("a line about a fault that a check has seen is evidence of it") {
  const Finding refused{Code{"database-refused"}, "endpoint:postgres:5432", {{"address", "172.20.0.2:5432", "", ""}}};
  const auto report = report_on({result_of("database", with(refused)), result_of("logs", with(line(unreachable)))});
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].entry == unreachable);
  CHECK(report.problems[0].check == "database");
  CHECK(report.problems[0].evidence.size() == 3);
}

TEST_CASE("a line about a fault that is over is history") {
  const auto report =
      report_on({result_of("database", well("endpoint:postgres:5432")), result_of("logs", with(line(unreachable)))});
  CHECK(report.problems.empty());
}

TEST_CASE("what is well elsewhere does not make a line history") {
  const auto report =
      report_on({result_of("database", well("endpoint:other:5432")), result_of("logs", with(line(unreachable)))});
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].check == "logs");
  CHECK(report.problems[0].subject == "service:chatalot");
}

TEST_CASE("while the service itself is ill its log is no history") {
  const Finding ill{Code{"health-refused"}, "endpoint:chatalot:8080", {{"address", "127.0.0.1:8080", "", ""}}};
  const auto report = report_on({result_of("database", well("endpoint:postgres:5432")), result_of("health", with(ill)),
                                 result_of("logs", with(line(unreachable)))});
  REQUIRE(report.problems.size() == 2);
  CHECK(report.problems[0].entry == unreachable);
  CHECK_FALSE(report.problems[1].root);
}

TEST_CASE("a finding that names a line's entry explains the line, although the line points to an earlier check") {
  RunResult run;
  const Finding outdated{Code{"upstream-schema-outdated"},
                         "endpoint:gateway:supabase",
                         {{"upstream", "supabase", "", ""}, {"status", "404", "", ""}}};
  Finding failed = line("smoltbot-migration-pending");
  failed.subject = "service:gateway";
  run.checks = {result_of("database", well("endpoint:postgres:5432")), result_of("upstream", with(outdated)),
                result_of("logs", with(failed))};
  Deployment made;
  made.system = "smoltbot";
  made.services.resize(1);
  made.services[0].name = "gateway";
  made.edges = {{"service:gateway", "endpoint:gateway:supabase"},
                {"endpoint:gateway:supabase", "endpoint:postgres:5432"}};
  const auto report = diagnose(made, run, Library{doctor::guides::embedded()});
  REQUIRE(report.problems.size() == 2);
  CHECK(report.problems[0].entry == "smoltbot-schema-cache-stale");
  CHECK(report.problems[0].root);
  CHECK(report.problems[1].entry == "smoltbot-migration-pending");
  CHECK_FALSE(report.problems[1].root);
}

TEST_CASE("that the service runs again does not undo what ended the run before") {
  auto ended = line(unreachable);
  ended.code = "log-run-ended";
  const auto runs = report_on({result_of("containers", well("service:chatalot")), result_of("logs", with(ended))});
  REQUIRE(runs.problems.size() == 1);
  CHECK(runs.problems[0].entry == unreachable);
  const auto repaired =
      report_on({result_of("database", well("endpoint:postgres:5432")), result_of("logs", with(ended))});
  CHECK(repaired.problems.empty());
}

TEST_CASE("lines that are gone are missed only where something is wrong") {
  const Finding gone{Code{"logs-rotated-away"}, "service:chatalot", {{"lines", "7", "", ""}}};
  const Finding refused{Code{"database-refused"}, "endpoint:postgres:5432", {{"address", "172.20.0.2:5432", "", ""}}};
  CHECK(report_on({result_of("logs", with(gone))}).problems.empty());
  CHECK(report_on({result_of("database", with(refused)), result_of("logs", with(gone))}).problems.size() == 2);
}
