// What several runs, one after the other, saw come and go.

#include "diagnosis/waiting.hpp"

#include "support/catch.hpp"

using doctor::diagnosis::Problem;
using doctor::diagnosis::Report;
using doctor::diagnosis::WaitHistory;

namespace {

Report run_with(const std::vector<std::string>& names, const std::string& severity = "error") {
  Report report;
  report.checks = {{"health", names.empty() ? "passed" : "failed", "", 1, ""}};
  for (const auto& name : names) {
    Problem problem;
    problem.entry = name;
    problem.severity = severity;
    problem.severity_alone = severity;
    problem.check = "health";
    problem.subject = "endpoint:" + name;
    problem.fingerprint = name;
    report.problems.push_back(problem);
  }
  return report;
}

}  // namespace

TEST_CASE("what goes away became healthy, and when") {
  WaitHistory history{"error"};
  CHECK(history.add(run_with({"a", "b"}), 100).size() == 2);
  const auto events = history.add(run_with({"b"}), 2100);
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "healthy");
  CHECK(events[0].change.after_ms == 2100);
  CHECK(history.failing().size() == 1);
  CHECK(history.add(run_with({}), 4100).size() == 1);
  const auto waiting = history.waiting();
  CHECK(waiting.attempts == 3);
  REQUIRE(waiting.became_healthy.size() == 2);
  CHECK(waiting.became_healthy[0].entry == "a");
  CHECK(waiting.became_healthy[1].after_ms == 4100);
  CHECK(waiting.flapping.empty());
  CHECK(waiting.starting.empty());
}

TEST_CASE("flapping is told from starting") {
  WaitHistory history{"error"};
  history.add(run_with({"never", "now-and-then"}), 0);
  history.add(run_with({"never"}), 1000);
  const auto events = history.add(run_with({"never", "now-and-then"}), 2000);
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "failing again");
  history.add(run_with({"never"}), 3000);
  history.add(run_with({"never", "now-and-then"}), 4000);
  const auto waiting = history.waiting();
  REQUIRE(waiting.flapping.size() == 1);
  CHECK(waiting.flapping[0].entry == "now-and-then");
  CHECK(waiting.flapping[0].times == 2);
  CHECK(waiting.flapping[0].after_ms == 4000);
  REQUIRE(waiting.starting.size() == 1);
  CHECK(waiting.starting[0].entry == "never");
  CHECK(waiting.became_healthy.empty());
}

TEST_CASE("what nobody looked at has not become healthy") {
  WaitHistory history{"error"};
  history.add(run_with({"a"}), 0);
  auto blind = run_with({});
  blind.unexamined.push_back({"endpoint:a", "health", "no answer"});
  const auto events = history.add(blind, 1000);
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "not examined");
  auto skipped = run_with({});
  skipped.checks[0].status = "skipped";
  CHECK(history.add(skipped, 2000).empty());
  CHECK(history.waiting().became_healthy.empty());
  CHECK(history.waiting().starting.size() == 1);
}

TEST_CASE("what could not be examined at first is told, once for a subject, and when it could") {
  auto blind = run_with({});
  blind.unexamined = {{"endpoint:a", "health", "nothing runs"}, {"endpoint:a", "websocket", "nothing runs"}};
  WaitHistory history{"error"};
  const auto events = history.add(blind, 100);
  REQUIRE(events.size() == 1);
  CHECK(events[0].change.subject == "endpoint:a");
  CHECK(events[0].change.title == "nothing runs");
  CHECK(history.add(blind, 1100).empty());
  CHECK(history.unexamined() == 1);
  const auto seen = history.add(run_with({}), 2100);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].kind == "examined");
  CHECK(history.unexamined() == 0);
  const auto waiting = history.waiting();
  REQUIRE(waiting.became_examined.size() == 1);
  CHECK(waiting.became_examined[0].after_ms == 2100);
  CHECK(waiting.became_examined[0].entry == "health");
  WaitHistory lenient{"error", true};
  CHECK(lenient.add(blind, 100).empty());
}

TEST_CASE("nobody waits for what is below the threshold, ignored or known") {
  WaitHistory history{"error"};
  CHECK(history.add(run_with({"a"}, "warning"), 0).empty());
  auto ignored = run_with({"b"});
  ignored.problems[0].ignored = true;
  CHECK(history.add(ignored, 0).empty());
  auto known = run_with({"c"});
  known.problems[0].known = true;
  CHECK(history.add(known, 0).empty());
  CHECK(WaitHistory{"warning"}.add(run_with({"a"}, "warning"), 0).size() == 1);
  CHECK(WaitHistory{"never"}.add(run_with({"a"}), 0).empty());
}
