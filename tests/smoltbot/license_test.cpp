// The licence of a smoltbot gateway and the key of its REST front end, and what goes wrong with them.

#include <ctime>

#include "lab/smoltbot_lab.hpp"
#include "support/catch.hpp"
#include "support/token.hpp"

namespace doctor::lab {
namespace {

using nlohmann::json;

constexpr long day = 86'400;

long now() {
  return static_cast<long>(std::time(nullptr));
}

Root about(const SmoltbotLab& lab, const std::string& entry, const std::string& code,
           const std::string& setting = "MNEMOM_LICENSE_JWT") {
  return {entry, code, "license", lab.setting(setting)};
}

/// The gateway with a licence that has these claims instead.
void start_with(SmoltbotLab& lab, const json& changed) {
  auto claims = lab.license_claims();
  claims.update(changed);
  lab.license(claims);
  lab.start();
}

/// The gateway with a licence of this text.
void start_with_text(SmoltbotLab& lab, const std::string& text) {
  lab.set("MNEMOM_LICENSE_JWT", text);
  lab.start();
}

}  // namespace

TEST_CASE("a licence that has expired", "[license]") {
  SmoltbotLab lab;
  start_with(lab, {{"exp", now() - 60}});
  CHECK(lab.get("/models.json").status == 403);
  const auto result = check(lab);
  expect_roots(result, {about(lab, "smoltbot-license-expired", "license-expired")}, 1);
}

TEST_CASE("a licence that two roles share is told about once", "[license]") {
  SmoltbotLab lab;
  start_with(lab, {{"exp", now() - 3 * day}});
  lab.start_observer();
  expect_roots(check(lab), {about(lab, "smoltbot-license-expired", "license-expired")}, 1);
}

TEST_CASE("a licence that expires soon, or very soon", "[license]") {
  SmoltbotLab lab;
  start_with(lab, {{"exp", now() + 20 * day}});
  expect_roots(check(lab, {"--fail-on", "error"}), {about(lab, "license-expires-soon", "license-expires-soon")}, 0);
  start_with(lab, {{"exp", now() + 3 * day}});
  expect_roots(check(lab, {"--fail-on", "error"}), {about(lab, "license-expires-now", "license-expires-now")}, 0);
}

TEST_CASE("licences that are well", "[license]") {
  SmoltbotLab lab;
  start_with(lab, {{"exp", now() + 40 * day}, {"is_offline", true}});
  expect_silent(check(lab), 0);
  auto claims = lab.license_claims();
  claims.erase("exp");
  lab.license(claims);
  lab.start();
  expect_silent(check(lab), 0);
  lab.set("MNEMOM_LICENSE_JWT", "");
  lab.start();
  expect_silent(check(lab), 0);
}

TEST_CASE("the end of a licence in milliseconds, or in words", "[license]") {
  SmoltbotLab lab;
  start_with(lab, {{"exp", (now() + 40 * day) * 1000}});
  expect_roots(check(lab, {"--fail-on", "error"}),
               {about(lab, "license-time-in-milliseconds", "license-time-in-milliseconds")}, 0);
  start_with(lab, {{"exp", "next year"}});
  expect_roots(check(lab, {"--fail-on", "error"}), {about(lab, "license-time-invalid", "license-time-invalid")}, 0);
}

TEST_CASE("a licence that cannot be read", "[license]") {
  SmoltbotLab lab;
  const auto good = lab.value("MNEMOM_LICENSE_JWT");
  const auto first = good.find('.');
  const auto last = good.rfind('.');
  for (const auto& [name, text, problem] : std::vector<std::array<std::string, 3>>{
           {"two parts", good.substr(0, last), "parts"},
           {"the end is missing", good.substr(0, good.size() - 20), "parts"},
           {"no base64", good.substr(0, first) + ".%%%" + good.substr(last), "encoding"},
           {"no JSON", good.substr(0, first) + ".d29yZHM" + good.substr(last), "json"},
           {"encoded twice", test::base64url(good), "encoding"},
           {"ordinary base64", good.substr(0, first) + ".eyJhIjoi4+/5In0" + good.substr(last), "encoding"},
       }) {
    INFO(name);
    start_with_text(lab, text);
    // That the signature is cut off only the licence server would notice, which compares it.
    CHECK(lab.get("/models.json").status == (name == "the end is missing" ? 200 : 403));
    const auto result = check(lab);
    expect_roots(result, {about(lab, "smoltbot-license-malformed", "license-malformed")}, 1);
    CHECK(result.evidence("smoltbot-license-malformed", "problem") == problem);
  }
}

TEST_CASE("a licence with quotation marks that belong to it", "[license]") {
  SmoltbotLab lab;
  const auto good = lab.value("MNEMOM_LICENSE_JWT");
  // The file says it right, and whoever started the process did not take the marks away.
  lab.start({{"MNEMOM_LICENSE_JWT", "\"" + good + "\""}});
  const auto result = check(lab);
  expect_finding(result, about(lab, "smoltbot-license-malformed", "license-malformed"));
  CHECK(result.evidence("smoltbot-license-malformed", "problem") == "quotes");
}

TEST_CASE("a licence with a line break in it", "[license]") {
  SmoltbotLab lab;
  const auto good = lab.value("MNEMOM_LICENSE_JWT");
  const auto broken = good.substr(0, 80) + "\n" + good.substr(80);
  lab.secrets().add(good.substr(80));
  lab.start({{"MNEMOM_LICENSE_JWT", broken}});
  const auto result = check(lab);
  expect_finding(result, about(lab, "smoltbot-license-malformed", "license-malformed"));
  CHECK(result.evidence("smoltbot-license-malformed", "problem") == "blanks");
  CHECK(result.run.exit == 1);
}

TEST_CASE("a licence without an id", "[license]") {
  SmoltbotLab lab;
  auto claims = lab.license_claims();
  claims.erase("license_id");
  lab.license(claims);
  lab.start();
  CHECK(lab.get("/health/ready").status == 200);
  CHECK(lab.get("/models.json").status == 403);
  expect_roots(check(lab), {about(lab, "smoltbot-license-id-missing", "license-claim-missing")}, 1);
}

TEST_CASE("the licence server refuses the licence", "[license]") {
  SmoltbotLab lab;
  lab.mnemom().mode("403 /v1/license");
  lab.start();
  CHECK(lab.get("/models.json").status == 403);
  const auto result = check(lab);
  expect_finding(result,
                 {"smoltbot-license-rejected", "redis-value-unexpected", "redis", lab.setting("MNEMOM_LICENSE_JWT")});
  CHECK(result.run.exit == 1);
}

TEST_CASE("a refusal that is older than the renewed licence", "[license]") {
  SmoltbotLab lab;
  // Written twenty minutes ago, before the gateway started with its new licence.
  lab.redis().command({"SETEX", "kv:license:status:" + lab.license_id(), "2400", "invalid"});
  lab.start();
  CHECK(lab.get("/models.json").status == 403);
  const auto result = check(lab);
  expect_roots(
      result,
      {{"smoltbot-license-rejection-cached", "redis-value-unexpected", "redis", lab.setting("MNEMOM_LICENSE_JWT")}}, 1);
  CHECK(result.evidence("smoltbot-license-rejection-cached", "key") == "kv:license:status:" + lab.license_id());
  CHECK(result.evidence("smoltbot-license-rejection-cached", "age") == "20 min");
}

TEST_CASE("a licence that only the wrong clock of this host calls expired", "[license]") {
  SmoltbotLab lab;
  for (auto* site : {&lab.anthropic(), &lab.openai(), &lab.gemini(), &lab.mnemom()}) site->mode("date-7200");
  start_with(lab, {{"exp", now() - 3600}});
  const auto result = check(lab);
  expect_roots(result, {{"smoltbot-clock-skew", "clock-skewed", "clock", "host:clock"}}, 1);
  expect_consequence(result, about(lab, "license-time-misjudged", "license-time-misjudged"), "smoltbot-clock-skew");
}

TEST_CASE("a licence that has expired by any clock, while this one is wrong", "[license]") {
  SmoltbotLab lab;
  for (auto* site : {&lab.anthropic(), &lab.openai(), &lab.gemini(), &lab.mnemom()}) site->mode("date-7200");
  start_with(lab, {{"exp", now() - 2 * day}});
  expect_roots(check(lab),
               {{"smoltbot-clock-skew", "clock-skewed", "clock", "host:clock"},
                about(lab, "smoltbot-license-expired", "license-expired")},
               1);
}

TEST_CASE("the anonymous key in the place of the service key", "[license]") {
  SmoltbotLab lab;
  lab.set("SUPABASE_KEY", lab.anon_key());
  lab.start();
  CHECK(lab.get("/health/ready").status == 200);
  const auto result = check(lab);
  expect_roots(result, {about(lab, "smoltbot-supabase-key-low-privilege", "license-claim-unexpected", "SUPABASE_KEY")},
               1);
  CHECK(result.evidence("smoltbot-supabase-key-low-privilege", "value") == "anon");
}

TEST_CASE("a key of the REST front end that has expired", "[license]") {
  SmoltbotLab lab;
  lab.set("SUPABASE_KEY", token({{"role", "service_role"}, {"exp", now() - day}}));
  lab.restart_rest({{"SERVICE_KEY", lab.value("SUPABASE_KEY")}});
  lab.start();
  expect_roots(check(lab), {about(lab, "smoltbot-supabase-key-invalid", "license-expired", "SUPABASE_KEY")}, 1);
}

TEST_CASE("a key of the new style is no token, and nothing is wrong with that", "[license]") {
  SmoltbotLab lab;
  lab.set("SUPABASE_KEY", "sb_secret_" + lab.license_id() + lab.license_id());
  lab.restart_rest({{"SERVICE_KEY", lab.value("SUPABASE_KEY")}});
  lab.start();
  expect_silent(check(lab), 0);
}

}  // namespace doctor::lab
