// What the numbers of a smoltbot gateway give away.

#include "lab/smoltbot_lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

Root by_number(const SmoltbotLab& lab, const std::string& entry) {
  return {entry, "metric-out-of-bounds", "metrics", lab.endpoint()};
}

/// Calls of clients, more than the gateway must have seen before anything is said.
void call_often(const SmoltbotLab& lab, int status) {
  constexpr int often = 30;
  for (int i = 0; i < often; ++i)
    CHECK(lab.post("/anthropic/v1/messages", "{}", {"x-api-key: sk-ant-api03-of-a-client"}).status == status);
}

}  // namespace

TEST_CASE("the numbers of a gateway in use", "[metrics]") {
  SmoltbotLab lab;
  lab.start();
  call_often(lab, 200);
  expect_silent(check(lab, {"--only", "metrics", "--fail-on", "info"}), 0);
}

TEST_CASE("a provider that rejects what clients send", "[metrics]") {
  SmoltbotLab lab;
  lab.start();
  SECTION("their key is invalid") {
    lab.anthropic().mode("401 /v1/messages");
    call_often(lab, 401);
    expect_roots(check(lab), {by_number(lab, "smoltbot-upstream-key-invalid")}, 1);
  }
  SECTION("their key may not do this") {
    lab.anthropic().mode("403 /v1/messages");
    call_often(lab, 403);
    expect_roots(check(lab), {by_number(lab, "smoltbot-upstream-key-forbidden")}, 1);
  }
  SECTION("they ask too often") {
    lab.anthropic().mode("429 /v1/messages");
    call_often(lab, 429);
    expect_roots(check(lab), {by_number(lab, "smoltbot-upstream-rate-limited")}, 0);
  }
}

TEST_CASE("billing refuses requests", "[metrics]") {
  SmoltbotLab lab;
  lab.sql("INSERT INTO billing_accounts VALUES ('acct-1', 'suspended')");
  lab.set("BILLING_ENFORCEMENT_ENABLED", "true").start();
  CHECK(lab.post("/anthropic/v1/messages", "{}", {"x-api-key: sk-ant-api03-of-a-client"}).status == 402);
  const auto result = check(lab);
  expect_roots(result, {by_number(lab, "smoltbot-billing-blocked")}, 1);
  CHECK(result.evidence("smoltbot-billing-blocked", "limit") == "at most 0 %");
}

TEST_CASE("the analysis fails for nearly all requests", "[metrics]") {
  SmoltbotLab lab;
  lab.simulate("LAB_METRICS",
               "gateway_aip_checks_total{verdict=\"error\"}=61;gateway_aip_checks_total{verdict=\"clear\"}=2");
  lab.start();
  const auto result = check(lab);
  expect_roots(result, {by_number(lab, "smoltbot-analysis-key-invalid")}, 1);
  CHECK(result.evidence("smoltbot-analysis-key-invalid", "value") == "61 of 63 (96.8 %)");
}

TEST_CASE("answers that are held in memory", "[metrics]") {
  SmoltbotLab lab;
  lab.simulate("LAB_METRICS", "nodejs_external_memory_bytes=412000000").start();
  const auto result = check(lab);
  expect_roots(result, {by_number(lab, "smoltbot-memory-buffered-responses")}, 0);
  CHECK(result.evidence("smoltbot-memory-buffered-responses", "value") == "412 MB");
}

}  // namespace doctor::lab
