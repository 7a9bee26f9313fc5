// What the user puts up with: entries, what follows from ignored findings, entries that are over or about nothing.

#include "diagnosis/ignore.hpp"

#include <algorithm>

#include "checks/registry.hpp"
#include "diagnosis/baseline.hpp"
#include "support/catch.hpp"

using doctor::Deployment;
using doctor::diagnosis::Baseline;
using doctor::diagnosis::count;
using doctor::diagnosis::exit_code;
using doctor::diagnosis::Ignore;
using doctor::diagnosis::Problem;
using doctor::diagnosis::read_baseline;
using doctor::diagnosis::Report;
using doctor::guides::Library;

namespace {

constexpr auto today = "2026-06-15";

Problem problem(const std::string& name, const std::string& severity, const std::vector<std::string>& caused_by = {}) {
  Problem made;
  made.code = name;
  made.entry = "shop-" + name;
  made.severity = severity;
  made.severity_alone = severity;
  made.check = "env";
  made.subject = "service:" + name;
  made.fingerprint = "f-" + name;
  made.root = caused_by.empty();
  made.caused_by = caused_by;
  return made;
}

Report report_of(std::vector<Problem> problems) {
  Report report;
  report.problems = std::move(problems);
  for (const auto* check : doctor::checks::all())
    report.checks.push_back({std::string{check->id}, "passed", "", 1, ""});
  return report;
}

Ignore entry(const std::string& code, const std::string& subject = "", const std::string& expires = "2026-12-31") {
  return {code, subject, "the supplier repairs it", expires, "doctor.ignore.yaml:1", "doctor.ignore.yaml"};
}

void apply(Report& report, const std::vector<Ignore>& entries) {
  const Library library{doctor::guides::embedded()};
  doctor::diagnosis::ignore(report, entries, today, Deployment{}, library);
}

const Problem& named(const Report& report, const std::string& code) {
  const auto found = std::find_if(report.problems.begin(), report.problems.end(),
                                  [&](const Problem& item) { return item.code == code; });
  REQUIRE(found != report.problems.end());
  return *found;
}

bool has(const Report& report, const std::string& code) {
  return std::any_of(report.problems.begin(), report.problems.end(),
                     [&](const Problem& item) { return item.code == code; });
}

}  // namespace

TEST_CASE("an ignored finding does not count, by code or by entry") {
  for (const auto* name : {"broken", "shop-broken"}) {
    auto report = report_of({problem("broken", "error")});
    apply(report, {entry(name)});
    CHECK(report.problems.at(0).ignored);
    CHECK(report.problems.at(0).ignored_by->reason == "the supplier repairs it");
    CHECK(count(report).error == 0);
    CHECK(count(report).ignored == 1);
    CHECK(exit_code(report, "info", false) == 0);
  }
}

TEST_CASE("a subject limits an entry, as a glob") {
  auto report = report_of({problem("broken", "error"), problem("broken", "error")});
  report.problems[1].subject = "endpoint:shop:80";
  apply(report, {entry("broken", "endpoint:*")});
  CHECK_FALSE(report.problems[0].ignored);
  CHECK(report.problems[1].ignored);
  CHECK(exit_code(report, "error", false) == 1);
}

TEST_CASE("what follows from ignored findings alone does not count") {
  auto report = report_of({problem("broken", "error"), problem("effect", "error", {"f-broken"})});
  apply(report, {entry("broken")});
  CHECK(named(report, "effect").ignored);
  CHECK_FALSE(named(report, "effect").ignored_by.has_value());
  CHECK(count(report).consequences == 0);
  CHECK(exit_code(report, "error", false) == 0);
}

TEST_CASE("what has another cause stays below that one") {
  auto report = report_of(
      {problem("broken", "error"), problem("worse", "warning"), problem("effect", "error", {"f-broken", "f-worse"})});
  report.problems[1].severity = "error";  // by its consequence
  apply(report, {entry("broken")});
  CHECK_FALSE(named(report, "effect").ignored);
  CHECK(count(report).consequences == 1);
  CHECK(named(report, "worse").severity == "error");
  CHECK(exit_code(report, "error", false) == 1);
}

TEST_CASE("a root is as severe as what counts of its consequences") {
  auto report = report_of({problem("broken", "warning"), problem("effect", "error", {"f-broken"})});
  report.problems[0].severity = "error";
  apply(report, {entry("effect")});
  CHECK(named(report, "effect").ignored);
  CHECK_FALSE(named(report, "broken").ignored);
  CHECK(named(report, "broken").severity == "warning");
  CHECK(exit_code(report, "error", false) == 0);
  CHECK(exit_code(report, "warning", false) == 1);
}

TEST_CASE("an entry for a warning does not hide an error that follows from it") {
  auto report = report_of({problem("broken", "warning"), problem("effect", "error", {"f-broken"})});
  report.problems[0].severity = "error";
  apply(report, {entry("broken")});
  CHECK_FALSE(named(report, "broken").ignored);
  CHECK(named(report, "broken").ignored_by.has_value());
  CHECK_FALSE(named(report, "effect").ignored);
  CHECK(exit_code(report, "error", false) == 1);
  CHECK_FALSE(has(report, "ignore-stale"));
}

TEST_CASE("an entry that is over hides nothing and is a finding") {
  auto report = report_of({problem("broken", "error")});
  apply(report, {entry("broken", "", "2026-06-14")});
  CHECK_FALSE(named(report, "broken").ignored);
  const auto& expired = named(report, "ignore-expired");
  CHECK(expired.severity == "warning");
  CHECK(expired.check == "doctor");
  CHECK(expired.subject == "file:doctor.ignore.yaml");
  CHECK(expired.evidence.at(1).source == "doctor.ignore.yaml:1");
  CHECK(count(report).warning == 1);
}

TEST_CASE("the last day counts") {
  auto report = report_of({problem("broken", "error")});
  apply(report, {entry("broken", "", today)});
  CHECK(named(report, "broken").ignored);
  CHECK_FALSE(has(report, "ignore-expired"));
}

TEST_CASE("an entry about nothing is a finding where somebody has looked") {
  auto report = report_of({});
  apply(report, {entry("env-required-missing"), entry("redis-auth-failed")});
  const auto& stale = named(report, "ignore-stale");
  CHECK(stale.severity == "info");
  CHECK(std::count_if(stale.evidence.begin(), stale.evidence.end(),
                      [](const doctor::Evidence& item) { return item.name == "entry"; }) == 2);
  CHECK(count(report).info == 1);
  CHECK(exit_code(report, "warning", false) == 0);
}

TEST_CASE("an entry is not stale where nobody has looked") {
  const auto is_stale = [](Report report) {
    apply(report, {entry("env-required-missing")});
    return has(report, "ignore-stale");
  };
  CHECK(is_stale(report_of({})));
  auto unseen = report_of({});
  unseen.unexamined.push_back({"file:.env", "env", "permission denied"});
  CHECK_FALSE(is_stale(unseen));
  auto skipped = report_of({});
  skipped.checks.front().status = "skipped";
  CHECK_FALSE(is_stale(skipped));
  auto left_out = report_of({});
  left_out.checks.erase(left_out.checks.begin());
  CHECK_FALSE(is_stale(left_out));
  auto broken_off = report_of({});
  broken_off.complete = false;
  CHECK_FALSE(is_stale(broken_off));
}

TEST_CASE("a flag is never stale, and doctor's own findings can be ignored") {
  auto report = report_of({});
  apply(report, {{"env-required-missing", "", "", "", "--ignore"}});
  CHECK(report.problems.empty());
  apply(report, {entry("redis-auth-failed"), {"ignore-stale", "", "", "", "--ignore"}});
  CHECK(named(report, "ignore-stale").ignored);
}

namespace {

constexpr auto earlier = R"({"schema": "doctor-report/v1", "run": {"started": "2026-01-01T00:00:00Z"},
  "deployment": {"system": "shop"}, "findings": [
  {"entry": "shop-broken", "subject": "service:broken", "fingerprint": "f-broken", "title": "Broken", "check": "env",
   "severity": "warning", "root": true, "ignored": false},
  {"entry": "shop-gone", "subject": "service:gone", "fingerprint": "f-gone", "title": "Gone", "check": "env",
   "severity": "error", "root": true, "ignored": false},
  {"entry": "shop-quiet", "subject": "service:quiet", "fingerprint": "f-quiet", "title": "Quiet", "check": "env",
   "severity": "error", "root": true, "ignored": true}]})";

Report compared(Report report) {
  const auto baseline = read_baseline(earlier);
  REQUIRE(baseline);
  doctor::diagnosis::compare(report, *baseline, "baseline.json");
  return report;
}

}  // namespace

TEST_CASE("what stands in the baseline does not count, and what is gone is said") {
  const auto report = compared(report_of({problem("broken", "warning"), problem("new", "warning")}));
  CHECK(report.problems[0].known);
  CHECK_FALSE(report.problems[1].known);
  CHECK(count(report).warning == 1);
  CHECK(count(report).known == 1);
  REQUIRE(report.baseline->resolved.size() == 1);
  CHECK(report.baseline->resolved[0].entry == "shop-gone");
  CHECK(report.baseline->started == "2026-01-01T00:00:00Z");
}

TEST_CASE("what is worse than in the baseline, or was ignored there, counts") {
  CHECK_FALSE(compared(report_of({problem("broken", "error")})).problems[0].known);
  CHECK_FALSE(compared(report_of({problem("quiet", "error")})).problems[0].known);
}

TEST_CASE("nothing is gone where nobody has looked") {
  auto report = report_of({});
  report.unexamined.push_back({"file:.env", "env", "permission denied"});
  CHECK(compared(report).baseline->resolved.empty());
}

TEST_CASE("a broken or foreign baseline is refused") {
  for (const auto* text :
       {"", "{", "[]", "{}", R"({"schema": "doctor-report/v2", "findings": []})", R"({"schema": "doctor-report/v1"})",
        R"({"schema": "doctor-report/v1", "findings": {}})", R"({"schema": "doctor-report/v1", "findings": [1]})",
        R"({"schema": "doctor-report/v1", "findings": [{"fingerprint": 5, "severity": "error"}]})",
        R"({"schema": "doctor-report/v1", "findings": [{"fingerprint": "a", "severity": "bad"}]})"}) {
    INFO(text);
    const auto baseline = read_baseline(text);
    REQUIRE_FALSE(baseline);
    CHECK_FALSE(baseline.error().empty());
  }
  CHECK_FALSE(read_baseline(std::string(doctor::diagnosis::most_baseline_bytes + 1, ' ')));
  CHECK_FALSE(read_baseline(std::string(1'000'000, '[')));
}
