#include "core/runner.hpp"

#include <atomic>
#include <thread>
#include <tuple>

#include "support/catch.hpp"
#include "util/crash.hpp"

using doctor::CheckInfo;
using doctor::Code;
using doctor::Context;
using doctor::Deployment;
using doctor::Finding;
using doctor::Judgement;
using doctor::core::RunOptions;
using std::chrono::milliseconds;

namespace {

constexpr Code broken{"broken"};

Judgement well(const Context&) {
  Judgement judgement;
  judgement.healthy.push_back({"host:test", "fine"});
  return judgement;
}

Judgement sick(const Context&) {
  Judgement judgement;
  judgement.findings.emplace_back(broken, "setting:app/URL");
  return judgement;
}

Judgement throws(const Context&) {
  throw std::runtime_error("a bug");
}

Judgement throws_no_exception(const Context&) {
  throw 42;
}

Judgement hangs(const Context&) {
  std::this_thread::sleep_for(std::chrono::seconds{3});
  return {};
}

Judgement waits_for_stop(const Context& context) {
  while (!context.deadline.expired()) std::this_thread::sleep_for(milliseconds{5});
  Judgement judgement;
  judgement.unexamined.push_back({"host:test", "stopped"});
  return judgement;
}

Judgement depends(const Context& context) {
  Judgement judgement;
  if (auto reason = context.blocked("endpoint:db:1"))
    judgement.skipped.push_back({"endpoint:db:1", *reason});
  else
    judgement.healthy.push_back({"endpoint:db:1", "asked"});
  return judgement;
}

Judgement says_what_it_does(const Context&) {
  Judgement judgement;
  const std::string repeatable = doctor::util::Repeatable::now() ? "repeatable" : "not repeatable";
  judgement.healthy.push_back({"host:test", std::string{doctor::util::doing()} + ", " + repeatable});
  return judgement;
}

Judgement nothing(const Context&) {
  return {};
}

constexpr std::string_view after_sick[]{"sick"};

CheckInfo check(std::string_view id, Judgement (*run)(const Context&), std::span<const std::string_view> after = {}) {
  return {id, "all is well", {}, after, {}, run};
}

/// These checks ask nothing; a probe that is asked all the same says so.
template <class Question>
struct Unasked final : doctor::Probe<Question> {
  doctor::Outcome<typename Question::Answer> ask(const Question&, const doctor::Deadline&) override {
    throw std::logic_error("a probe was asked");
  }
};

template <class... Questions>
struct AllUnasked {
  std::tuple<Unasked<Questions>...> all;
  doctor::ProbeSet<Questions...> probes{std::get<Unasked<Questions>>(all)...};
};

std::shared_ptr<doctor::Probes> unasked() {
  auto all = std::make_shared<doctor::ForAllQuestions<AllUnasked>>();
  auto* probes = &all->probes;
  return {std::move(all), probes};
}

doctor::core::RunResult run(const std::vector<const CheckInfo*>& checks, RunOptions options = {}) {
  auto deployment = std::make_shared<Deployment>();
  deployment->edges.push_back({"endpoint:db:1", "setting:app/URL"});
  options.is_error = [](const Finding&) { return true; };
  return doctor::core::run(checks, deployment, unasked(), options);
}

}  // namespace

TEST_CASE("the status of a check is derived from what it found") {
  const auto a = check("well", well);
  const auto b = check("sick", sick);
  const auto c = check("nothing", nothing);
  const auto result = run({&a, &b, &c});
  REQUIRE(result.checks.size() == 3);
  CHECK(result.complete);
  CHECK(result.checks[0].status == "passed");
  CHECK(result.checks[1].status == "failed");
  CHECK(result.checks[2].status == "skipped");
}

TEST_CASE("a check that throws is a named unexamined and changes no other result") {
  const auto a = check("throws", throws);
  const auto b = check("odd", throws_no_exception);
  const auto c = check("well", well);
  const auto result = run({&a, &b, &c});
  CHECK(result.checks[0].status == "unexamined");
  CHECK(result.checks[0].judgement.unexamined.at(0).subject == "check:throws");
  CHECK(result.checks[0].reason.find("a bug") != std::string::npos);
  CHECK(result.checks[1].status == "unexamined");
  CHECK(result.checks[2].status == "passed");
}

TEST_CASE("a check that hangs is left behind, and the others still run") {
  const auto a = check("hangs", hangs);
  const auto b = check("well", well);
  RunOptions options;
  options.workers = 1;
  options.check_limit = milliseconds{100};
  const auto begin = std::chrono::steady_clock::now();
  const auto result = run({&a, &b}, options);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{2});
  CHECK_FALSE(result.complete);
  CHECK(result.checks[0].status == "unexamined");
  CHECK(result.checks[0].reason.find("no answer after") != std::string::npos);
  CHECK(result.checks[1].status == "passed");
}

TEST_CASE("a target is skipped when an error stands on what it depends on, and only then") {
  const auto a = check("sick", sick);
  const auto b = check("depends", depends, after_sick);
  const auto blocked = run({&a, &b});
  CHECK(blocked.checks[1].status == "skipped");
  CHECK(blocked.checks[1].reason.find("setting:app/URL") != std::string::npos);
  const auto c = check("sick", well);
  CHECK(run({&c, &b}).checks[1].status == "passed");
}

TEST_CASE("an excluded check is skipped, and checks after it do not wait for it") {
  const auto a = check("sick", sick);
  const auto b = check("depends", depends, after_sick);
  RunOptions options;
  options.skipped = {"sick"};
  const auto result = run({&a, &b}, options);
  CHECK(result.checks[0].status == "skipped");
  CHECK(result.checks[0].judgement.findings.empty());
  CHECK(result.checks[1].status == "passed");
}

TEST_CASE("a check that crashed before is not run again, and is no healthy one") {
  const auto a = check("sick", sick);
  const auto b = check("depends", depends, after_sick);
  RunOptions options;
  options.crashed = {{"sick", "SIGSEGV"}};
  const auto result = run({&a, &b}, options);
  CHECK(result.checks[0].status == "unexamined");
  CHECK(result.checks[0].judgement.findings.empty());
  CHECK(result.checks[0].judgement.unexamined.at(0).subject == "check:sick");
  CHECK(result.checks[0].reason.find("SIGSEGV") != std::string::npos);
  CHECK(result.checks[1].status == "passed");
}

TEST_CASE("a check's thread says what it does, and a run may begin again while its checks run") {
  const auto a = check("says", says_what_it_does);
  const auto result = run({&a});
  CHECK(result.checks[0].judgement.healthy.at(0).figure == "says, repeatable");
  CHECK_FALSE(doctor::util::Repeatable::now());
  CHECK(doctor::util::doing().empty());
}

TEST_CASE("the end of the run's time ends checks that wait and checks that run") {
  const auto a = check("waits", waits_for_stop);
  const auto b = check("hangs", hangs);
  RunOptions options;
  options.run_limit = milliseconds{100};
  const auto result = run({&a, &b}, options);
  CHECK(result.checks[0].status == "unexamined");
  CHECK(result.checks[1].status == "unexamined");
  CHECK_FALSE(result.complete);
}

TEST_CASE("an interrupt gives the partial result within a second") {
  const auto a = check("well", well);
  const auto b = check("hangs", hangs);
  std::stop_source stop;
  std::thread later{[&] {
    std::this_thread::sleep_for(milliseconds{100});
    stop.request_stop();
  }};
  RunOptions options;
  options.stop = stop.get_token();
  const auto begin = std::chrono::steady_clock::now();
  const auto result = run({&a, &b}, options);
  later.join();
  // The stop comes after 100 ms, and the run may take a second from there.
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds{1100});
  CHECK_FALSE(result.complete);
  CHECK(result.checks[0].status == "passed");
  CHECK(result.checks[1].reason == "interrupted");
}

TEST_CASE("results come in the order of the list, whatever ended first") {
  const auto a = check("waits", waits_for_stop);
  const auto b = check("well", well);
  RunOptions options;
  options.check_limit = milliseconds{50};
  std::atomic<int> ended{0};
  options.ended = [&](const doctor::core::CheckResult&) { ++ended; };
  const auto result = run({&a, &b}, options);
  CHECK(result.checks[0].check->id == "waits");
  CHECK(result.checks[1].check->id == "well");
  CHECK(ended == 2);
}
