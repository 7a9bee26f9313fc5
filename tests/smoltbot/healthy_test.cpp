// A smoltbot stack in which nothing is wrong.

#include <chrono>
#include <thread>

#include "lab/quiet.hpp"
#include "lab/smoltbot_lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

void use(const SmoltbotLab& lab) {
  CHECK(lab.get("/anthropic/v1/models", {"x-api-key: sk-ant-api03-client"}).status == 200);
  CHECK(lab.get("/openai/v1/models", {"authorization: Bearer sk-client"}).status == 200);
  CHECK(lab.get("/gemini/v1beta/models", {"x-goog-api-key: AIza-client"}).status == 200);
}

}  // namespace

TEST_CASE("a healthy gateway", "[healthy]") {
  SmoltbotLab lab;
  lab.start();
  const auto result = check(lab, {"--fail-on", "info"});
  expect_silent(result, 0);
  CHECK(result.report.at("deployment").at("system") == "smoltbot");
  CHECK(result.report.at("run").at("complete") == true);
  for (const auto& one : result.report.at("checks")) {
    INFO(one.dump());
    CHECK((one.at("status") == "passed" || one.at("status") == "skipped"));
  }
}

TEST_CASE("doctor does not make the gateway phone home", "[healthy]") {
  SmoltbotLab lab;
  lab.simulate("LAB_HEARTBEAT_MS", "3600000");
  lab.start();
  for (int attempt = 0; attempt < 250 && lab.mnemom().requests() == 0; ++attempt)  // the first heartbeat
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  const auto before = lab.mnemom().requests();
  REQUIRE(before > 0);
  expect_silent(check(lab, {"--skip", "upstream,clock,license", "--allow-incomplete"}), 0);
  CHECK(lab.mnemom().requests() == before);
  lab.get("/models.json");
  CHECK(lab.mnemom().requests() > before);
}

TEST_CASE("a healthy gateway with an observer, both in use", "[healthy]") {
  SmoltbotLab lab;
  lab.simulate("LAB_TICK_MS", "500").simulate("LAB_HEARTBEAT_MS", "500");
  lab.start();
  lab.start_observer();
  use(lab);
  lab.wait_for_observer_log("Observer scheduled handler complete");
  expect_silent(check(lab, {"--fail-on", "info"}), 0);
}

TEST_CASE("a healthy gateway that runs the jobs, too", "[healthy]") {
  SmoltbotLab lab;
  lab.set("SMOLTBOT_ROLE", "all");
  lab.start();
  expect_silent(check(lab, {"--fail-on", "info"}), 0);
}

TEST_CASE("a healthy gateway without a licence", "[healthy]") {
  SmoltbotLab lab;
  lab.unset("MNEMOM_LICENSE_JWT");
  lab.start();
  expect_silent(check(lab, {"--fail-on", "info"}), 0);
}

TEST_CASE("a healthy gateway and observer stay silent, in the same words", "[healthy]") {
  SmoltbotLab lab;
  lab.start();
  lab.start_observer();
  const auto doctor = [](Arguments arguments) {
    arguments.insert(arguments.begin(), doctor_binary());
    return run(arguments);
  };
  expect_quiet(doctor, lab.directory().path(), healthy_runs(10));
}

}  // namespace doctor::lab
