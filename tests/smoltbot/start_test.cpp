// Faults that keep a bare gateway or observer from starting, or from doing what it was started for. The program's own
// last words prove that the fault is the real one.

#include <thread>

#include "lab/smoltbot_lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const std::vector<std::string> client{"authorization: Bearer sk-client"};

void expect_death(SmoltbotLab& lab, const std::string& words) {
  const auto death = lab.start_and_die();
  INFO(death.log);
  CHECK(death.exit == 1);
  CHECK(death.log.find(words) != std::string::npos);
}

Root by_log(const std::string& entry, const std::string& service = "gateway") {
  return {entry, "log-signature", "logs", "service:" + service};
}

Root degraded(const SmoltbotLab& lab) {
  return {"smoltbot-health-degraded", "health-answer-unexpected", "health", lab.endpoint()};
}

}  // namespace

TEST_CASE("a bare gateway without the provider's key", "[start]") {
  SmoltbotLab lab;
  lab.unset("ANTHROPIC_API_KEY");
  expect_death(lab, R"(Missing required environment variables:\n  ANTHROPIC_API_KEY\n)");
  const auto result = check(lab);
  expect_roots(result,
               {{"smoltbot-env-required-missing", "env-required-missing", "env", lab.setting("ANTHROPIC_API_KEY")}}, 1);
  CHECK(result.unexamined() == std::vector<std::string>{lab.endpoint()});
}

TEST_CASE("a gateway that runs jobs, without the secret of the jobs", "[start]") {
  SmoltbotLab lab;
  lab.set("SMOLTBOT_ROLE", "all").unset("SUPABASE_JWT_SECRET");
  expect_death(lab, R"(Missing required environment variables:\n  SUPABASE_JWT_SECRET\n)");
  expect_roots(
      check(lab),
      {{"smoltbot-supabase-jwt-secret-missing", "env-required-missing", "env", lab.setting("SUPABASE_JWT_SECRET")}}, 1);
}

TEST_CASE("a gateway alone needs no secret of the jobs", "[start]") {
  SmoltbotLab lab;
  lab.unset("SUPABASE_JWT_SECRET").start();
  expect_silent(check(lab), 0);
}

TEST_CASE("a port that is a word", "[start]") {
  SmoltbotLab lab;
  lab.set("PORT", "abc");
  expect_death(lab, "options.port should be >= 0 and < 65536");
  expect_roots(check(lab), {{"smoltbot-port-invalid", "env-value-malformed", "env", lab.setting("PORT")}}, 1);
}

TEST_CASE("a gateway that hangs before it listens", "[start]") {
  SmoltbotLab lab;
  lab.simulate("LAB_HANG", "gateway-import").start_until("Fetch interceptor installed");
  // A process is given ten seconds to begin to listen.
  std::this_thread::sleep_for(std::chrono::seconds{12});
  expect_roots(check(lab), {{"smoltbot-gateway-not-listening", "port-not-listening", "ports", lab.endpoint()}}, 1);
}

TEST_CASE("a gateway that never gets through its start-up", "[start]") {
  SmoltbotLab lab;
  lab.set("SMOLTBOT_ROLE", "all").simulate("LAB_HANG", "observer-import").start_until("HTTP server listening");
  expect_roots(check(lab), {{"smoltbot-startup-incomplete", "health-answer-unexpected", "health", lab.endpoint()}}, 0);
}

TEST_CASE("a gateway whose REST front end fails", "[start]") {
  SmoltbotLab lab;
  lab.start().rest("broken");
  const auto result = check(lab);
  expect_roots(
      result,
      {{"smoltbot-supabase-unreachable", "upstream-status-unexpected", "upstream", "endpoint:gateway:supabase"}}, 1);
  expect_consequence(result, degraded(lab), "smoltbot-supabase-unreachable");
}

TEST_CASE("Redis has been gone for minutes", "[start]") {
  SmoltbotLab lab;
  lab.simulate("LAB_REDIS_ATTEMPTS", "24");
  lab.redis().stop();
  lab.start();
  const auto result = check(lab);
  expect_roots(result,
               {{"smoltbot-redis-unreachable", "redis-refused", "redis",
                 "endpoint:redis:" + std::to_string(lab.redis().port())}},
               1);
  expect_consequence(result, degraded(lab), "smoltbot-redis-unreachable");
  expect_consequence(result, {"smoltbot-redis-outage-stalls-requests", "health-slow", "health", lab.endpoint()},
                     "smoltbot-redis-unreachable");
}

TEST_CASE("an observer without an account at Cloudflare", "[start]") {
  SmoltbotLab lab;
  lab.unset("CF_ACCOUNT_ID").simulate("LAB_TICK_MS", "200");
  lab.start().start_observer().wait_for_observer_log("Fatal error in scheduled handler");
  expect_roots(check(lab), {by_log("smoltbot-observer-cannot-read-logs", "observer")}, 0);
}

TEST_CASE("heartbeats that are answered by an error", "[start]") {
  SmoltbotLab lab;
  lab.mnemom().mode("500 /v1/deployments");
  lab.start().wait_for_log("[heartbeat] Server returned 500");
  expect_roots(check(lab),
               {{"smoltbot-heartbeat-failing", "upstream-status-unexpected", "upstream", "endpoint:gateway:heartbeat"}},
               0);
}

TEST_CASE("a heartbeat address that is none", "[start]") {
  for (const auto* value : {"localhost-heartbeat", ""}) {
    SmoltbotLab lab;
    lab.set("HEARTBEAT_URL", value).start();
    lab.wait_for_log(std::string{"Failed to parse URL from "} + value);
    expect_roots(check(lab),
                 {{"smoltbot-heartbeat-url-invalid", "env-value-malformed", "env", lab.setting("HEARTBEAT_URL")}}, 0);
  }
}

TEST_CASE("background tasks that are still pending", "[start]") {
  SmoltbotLab lab;
  lab.simulate("LAB_BACKLOG", "12").start().wait_for_log("drain() timed out");
  const auto result = check(lab);
  expect_roots(result, {by_log("smoltbot-background-task-backlog")}, 0);
  CHECK(result.evidence("smoltbot-background-task-backlog", "pending") == "12");
}

TEST_CASE("a password that got into the log", "[start]") {
  SmoltbotLab lab;
  lab.set("SUPABASE_URL", "postgres://smoltbot:" + random_alphanumeric(20) + "@127.0.0.1:5432/smoltbot").start();
  CHECK(lab.get("/openai/v1/models", client).status == 500);
  lab.wait_for_log("a URL that includes credentials: postgres://smoltbot:");
  const auto result = check(lab);
  expect_roots(result,
               {{"smoltbot-supabase-url-raw-postgres", "env-value-refused", "env", lab.setting("SUPABASE_URL")},
                by_log("smoltbot-secrets-in-logs")},
               1);
}

TEST_CASE("an agent that was paused", "[start]") {
  SmoltbotLab lab;
  lab.start();
  auto violation = client;
  violation.emplace_back("x-lab-violations: 3");
  CHECK(lab.get("/openai/v1/models", violation).status == 200);
  CHECK(lab.get("/openai/v1/models", client).body.find("agent_paused") != std::string::npos);
  expect_roots(check(lab), {by_log("smoltbot-agent-contained")}, 0);
}

}  // namespace doctor::lab
