// What the log of a smoltbot gateway gives away, read from where the running process writes it.

#include "lab/smoltbot_lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const Arguments only_logs{"--only", "logs"};

Root by_log(const std::string& entry, const std::string& service = "gateway") {
  return {entry, "log-signature", "logs", "service:" + service};
}

/// A call of a client, which the gateway looks up and passes on.
SmoltbotLab::Answer call(const SmoltbotLab& lab) {
  return lab.get("/anthropic/v1/models", {"x-api-key: sk-ant-api03-of-a-client"});
}

}  // namespace

TEST_CASE("the log of a healthy gateway in use", "[logs]") {
  SmoltbotLab lab;
  lab.start().start_observer();
  CHECK(call(lab).status == 200);
  expect_silent(check(lab, only_logs), 0);
}

TEST_CASE("a call fails on the way to the REST front end", "[logs]") {
  SmoltbotLab lab;
  lab.start().rest("refuse");
  CHECK(call(lab).status == 500);
  expect_roots(check(lab, only_logs), {by_log("smoltbot-supabase-unreachable")}, 1);
}

TEST_CASE("a call fails on the way to the provider", "[logs]") {
  SmoltbotLab lab;
  lab.start();
  lab.anthropic().mode("refuse");
  CHECK(call(lab).status == 500);
  expect_roots(check(lab, only_logs), {by_log("smoltbot-upstream-unreachable")}, 1);
}

TEST_CASE("a call fails on a table that is not there", "[logs]") {
  SmoltbotLab lab;
  lab.start();
  lab.sql("DROP TABLE agents CASCADE");
  CHECK(call(lab).status == 500);
  CHECK(lab.get("/health/ready").status == 200);
  expect_roots(check(lab, only_logs), {by_log("smoltbot-migration-pending")}, 1);
}

TEST_CASE("heartbeats that get no answer, or the wrong one", "[logs]") {
  SmoltbotLab lab;
  SECTION("nobody is there") {
    lab.mnemom().mode("refuse");
    lab.start().wait_for_log("[heartbeat] Failed to send heartbeat: fetch failed");
  }
  SECTION("the server is not well") {
    lab.mnemom().mode("503 /v1/deployments");
    lab.start().wait_for_log("[heartbeat] Server returned 503");
  }
  expect_roots(check(lab, only_logs), {by_log("smoltbot-heartbeat-failing")}, 0);
}

TEST_CASE("heartbeats to nowhere", "[logs]") {
  SmoltbotLab lab;
  lab.set("HEARTBEAT_URL", "").start().wait_for_log("Failed to parse URL from");
  expect_roots(check(lab, only_logs), {by_log("smoltbot-heartbeat-url-invalid")}, 0);
}

TEST_CASE("a licence with a line end in it", "[logs]") {
  SmoltbotLab lab;
  auto broken = lab.value("MNEMOM_LICENSE_JWT");
  const auto half = broken.size() / 2;
  lab.secrets().add(broken.substr(0, half));
  lab.secrets().add(broken.substr(half));
  broken.insert(half, "\n");
  lab.start({{"MNEMOM_LICENSE_JWT", broken}}).wait_for_log("is an invalid header value");
  expect_roots(check(lab, only_logs), {by_log("smoltbot-license-malformed"), by_log("smoltbot-secrets-in-logs")}, 1);
}

TEST_CASE("background work that does not end", "[logs]") {
  SmoltbotLab lab;
  lab.simulate("LAB_BACKLOG", "3").start().wait_for_log("drain() timed out");
  const auto result = check(lab, only_logs);
  expect_roots(result, {by_log("smoltbot-background-task-backlog")}, 0);
  CHECK(result.evidence("smoltbot-background-task-backlog", "pending") == "3");
}

TEST_CASE("a level of the log that nobody knows", "[logs]") {
  SmoltbotLab lab;
  lab.set("LOG_LEVEL", "WARNING").start();
  const auto result = check(lab, only_logs);
  expect_roots(result, {by_log("smoltbot-log-level-invalid")}, 0);
  CHECK(result.evidence("smoltbot-log-level-invalid", "value") == "WARNING");
}

TEST_CASE("a gateway that says that it has no Redis", "[logs]") {
  SmoltbotLab lab;
  lab.unset("REDIS_URL").start();
  expect_roots(check(lab, only_logs), {by_log("smoltbot-cache-in-memory")}, 0);
}

}  // namespace doctor::lab
