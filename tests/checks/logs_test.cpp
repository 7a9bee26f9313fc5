#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string web = "service:web";

LogHit hit(const std::string& entry, std::int64_t last) {
  LogHit hit;
  hit.entry = entry;
  hit.line = "ERROR \x1b[31mit broke";
  hit.count = 3;
  hit.first = last - 10;
  hit.last = last;
  return hit;
}

LogsAnswer quiet() {
  LogsAnswer log;
  log.source = "container app-web-1";
  log.lines = 12;
  log.since = World::now - 3600;
  return log;
}

LogsAnswer cut_off() {
  auto log = quiet();
  log.complete = false;
  return log;
}

LogHit of_the_run_before(LogHit hit) {
  hit.previous = true;
  return hit;
}

LogsAnswer with(const LogHit& hit) {
  auto log = quiet();
  log.errors = hit.count;
  log.hits = {hit};
  return log;
}

void running(World& world, Outcome<LogsAnswer> log) {
  world.container("web");
  world.fakes.on<LogsQuestion>().answer({"web"}, std::move(log));
}

Scenario says(const std::string& name, const Outcome<LogsAnswer>& log, std::vector<std::string> findings,
              std::vector<std::string> unexamined = {}) {
  return {name, [log](World& world) { running(world, log); }, std::move(findings), std::move(unexamined)};
}

const bool added = add_scenarios(
    "logs", {
                says("a log without a fault", quiet(), {}),
                says("a line that a guide knows", with(hit("app-broken", World::now - 7200)), {"log-signature " + web}),
                says("an error that nobody explains", with(hit("", World::now - 60)), {"log-errors-present " + web}),
                says("an error without a time", with(hit("", 0)), {"log-errors-present " + web}),
                says("an error of hours ago", with(hit("", World::now - 7200)), {}),
                says("what ended the run before", with(of_the_run_before(hit("app-broken", World::now - 7200))),
                     {"log-run-ended " + web}),
                says("a log without its beginning", cut_off(), {"logs-rotated-away " + web}),
                says("a log that goes to the journal",
                     failed(FailureKind::not_found, "", "", "its output goes to the journal"), {}),
                says("a log that doctor may not read", failed(FailureKind::permission_denied, "EACCES"), {}, {web}),
                says("a log that does not come", failed(FailureKind::timed_out), {}, {web}),
                {"a service that has never run", [](World& world) { world.service("web"); }, {}, {}},
                {"a service that is switched off",
                 [](World& world) {
                   running(world, with(hit("app-broken", World::now)));
                   world.service("web").enabled = false;
                 },
                 {},
                 {}},
                {"a program without a container",
                 [](World& world) {
                   world.process("web");
                   world.fakes.on<LogsQuestion>().answer({"web"}, with(hit("app-broken", World::now)));
                 },
                 {"log-signature " + web},
                 {}},
                {"the bundle does not say", [](World& world) { world.container("web"); }, {}, {web}},
            });

TEST_CASE("logs judges what services have written", "[logs]") {
  expect_scenarios("logs");
}

TEST_CASE("logs names the guide's entry and shows its named groups", "[logs]") {
  World world;
  auto known = hit("app-locked", World::now);
  known.groups = {{"account", "ann\n"}};
  running(world, with(known));
  const auto judgement = run_check(check_named("logs"), world);
  REQUIRE(judgement.findings.size() == 1);
  CHECK(judgement.findings.front().entry == "app-locked");
  CHECK(evidence_of(judgement, "log-signature", "account") == "ann\\n");
  CHECK(evidence_of(judgement, "log-signature", "count") == "3");
  CHECK(evidence_of(judgement, "log-signature", "line") == "ERROR \\x1b[31mit broke");
}

TEST_CASE("logs keeps what is explained and what is not apart", "[logs]") {
  World world;
  auto log = with(hit("app-locked", World::now));
  log.hits.push_back(hit("", World::now));
  running(world, log);
  CHECK(codes_and_subjects(run_check(check_named("logs"), world)) ==
        std::vector<std::string>{"log-errors-present " + web, "log-signature " + web});
}

}  // namespace
}  // namespace doctor::test
