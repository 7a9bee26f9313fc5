// Rules of settings that look at other settings, at other services, or at more than the form of a value.
#include <stdexcept>

#include "checks/env_world.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace env_world;

/// JOB_KEY is needed by a worker only.
Setting& role(World& world, const std::string& value) {
  world.setting("web", "JOB_KEY").rule.required_when = SettingCondition{"ROLE", {"worker"}};
  return changed(world, "ROLE", value);
}

void listening(World& world, const std::string& address) {
  healthy(world);
  world.service("web").rule.port = 8080;
  world.service("web").place = {"docker-compose.yml", 3, 3};
  changed(world, "LISTEN", address).rule.role = "listen-address";
}

void shared_example(World& world) {
  healthy(world);
  world.service("jobs");
  for (const auto* service : {"web", "jobs"}) {
    auto& key = world.secret(service, "API_KEY");
    key.rule.required = true;
    key.rule.examples = {"change_me"};
    key.running = key.configured;
    key.written_at = Place{".env", 5, 1};
    key.reach = Reach::passed;
    world.says(key, "example", true);
  }
}

const bool added = add_scenarios(
    "env",
    {
        {"required by the value of another setting",
         [](World& world) {
           healthy(world);
           role(world, "worker").rule.allowed = {"web", "worker"};
         },
         {"env-required-missing setting:web/JOB_KEY"},
         {}},
        {"required by the fallback of another setting, whose value nobody knows",
         [](World& world) {
           healthy(world);
           auto& role_setting = role(world, "wroker");
           role_setting.rule.allowed = {"web", "worker"};
           role_setting.rule.fallback = "worker";
         },
         {"env-required-missing setting:web/JOB_KEY"},
         {}},
        {"required by the fallback of another setting that is not set",
         [](World& world) {
           healthy(world);
           auto& role_setting = role(world, "");
           role_setting.rule.fallback = "WORKER";
           role_setting.configured.reset();
           role_setting.running.reset();
         },
         {"env-required-missing setting:web/JOB_KEY"},
         {}},
        {"not required by that value of another setting",
         [](World& world) { healthy(world), role(world, "web"); },
         {},
         {}},
        {"required and empty only by the value of another setting",
         [](World& world) {
           healthy(world);
           role(world, "worker");
           world.says(changed(world, "JOB_KEY", ""), "empty", true);
         },
         {"env-required-empty setting:web/JOB_KEY"},
         {}},
        {"recommended and missing",
         [](World& world) { healthy(world), world.setting("web", "CACHE_URL").rule.recommended = true; },
         {"env-recommended-missing setting:web/CACHE_URL"},
         {}},
        {"recommended and empty",
         [](World& world) {
           healthy(world);
           auto& url = changed(world, "CACHE_URL", "");
           url.rule.recommended = true;
           url.rule.form = "url";
           world.says(url, "empty", true);
           world.says(url, "well-formed", false, "it is empty");
         },
         {"env-recommended-missing setting:web/CACHE_URL"},
         {}},
        {"recommended and there",
         [](World& world) { healthy(world), changed(world, "CACHE_URL", "redis://cache").rule.recommended = true; },
         {},
         {}},
        {"a value that cannot work, whatever its form",
         [](World& world) {
           healthy(world);
           auto& url = changed(world, "API_URL", "postgres://db:5432");
           url.rule.form = "http-url";
           url.rule.refuses = {{"^x", "it begins with x", ""}, {":5432", "it names a port without HTTP", ""}};
           world.says(url, "well-formed", false, "scheme");
           world.says(url, "refused", true, "1");
         },
         {"env-value-refused setting:web/API_URL"},
         {}},
        {"a number out of range is not refused as well",
         [](World& world) {
           healthy(world);
           auto& size = changed(world, "MAX_SIZE", "1001");
           size.rule.refuses = {{"1", "it holds a 1", ""}};
           world.says(size, "refused", true, "0");
         },
         {"env-value-out-of-range setting:web/MAX_SIZE"},
         {}},
        {"a level that hides what happens",
         [](World& world) {
           healthy(world), changed(world, "LOG", "Error").rule.quiet = {"warn", "error"};
         },
         {"env-value-quiet setting:web/LOG"},
         {}},
        {"a level that the application does not know hides nothing",
         [](World& world) {
           healthy(world);
           auto& level = changed(world, "LOG", "ERROR");
           level.rule.quiet = {"error"};
           level.rule.allowed = {"info", "error"};
           world.says(level, "allowed", false);
         },
         {"env-value-not-allowed setting:web/LOG"},
         {}},
        {"an empty value that is kept although there is a default",
         [](World& world) {
           healthy(world);
           auto& level = changed(world, "LOG", "");
           level.rule.allowed = {"info", "error"};
           level.rule.fallback = "info";
           world.says(level, "empty", true);
           world.says(level, "allowed", false);
         },
         {"env-value-not-allowed setting:web/LOG"},
         {}},
        {"without the setting that it needs",
         [](World& world) {
           healthy(world);
           world.setting("web", "USE_PROXY");
           changed(world, "PROXY", "http://proxy:3128").rule.needs = SettingCondition{"USE_PROXY", {"1"}};
         },
         {"env-companion-missing setting:web/PROXY"},
         {}},
        {"with the setting that it needs",
         [](World& world) {
           healthy(world);
           changed(world, "USE_PROXY", "1");
           changed(world, "PROXY", "http://proxy:3128").rule.needs = SettingCondition{"USE_PROXY", {"1"}};
         },
         {},
         {}},
        {"one line of .env that two services take is told about once",
         shared_example,
         {"env-example-value setting:web/API_KEY"},
         {}},
        {"a line that only one of two services takes is an edit all the same",
         [](World& world) {
           healthy(world);
           world.service("jobs");
           auto& passed = world.plain("jobs", "QUOTA", "500");
           passed.running = passed.configured;
           passed.reach = Reach::passed;
           written(world, "QUOTA", "500", Reach::not_passed);
         },
         {},
         {}},
        {"a pinned variable of which the compose file makes something else",
         [](World& world) {
           healthy(world);
           written(world, "MAX_SIZE", "500", Reach::pinned);
           auto& port = world.plain("compose", "MAX_SIZE", "500");
           port.described = false;
           port.reach = Reach::passed;
         },
         {},
         {}},
        {"what pins a variable in two services is told about once",
         [](World& world) {
           healthy(world);
           world.service("jobs");
           written(world, "MAX_SIZE", "500", Reach::pinned);
           auto& other = world.plain("jobs", "MAX_SIZE", "100");
           other.running = other.configured;
           other.written = Value::plain("500");
           other.written_at = Place{".env", 7, 1};
           other.reach = Reach::pinned;
           other.passed_at = Place{"docker-compose.yml", 30, 7};
           world.says(other, "reaches-as-written", false);
         },
         {"env-edit-ineffective setting:web/MAX_SIZE"},
         {}},
        {"a port that the container is not made for",
         [](World& world) { listening(world, "0.0.0.0:9090"); },
         {"env-port-unexpected setting:web/LISTEN"},
         {}},
        {"the port that the container is made for", [](World& world) { listening(world, "[::]:8080"); }, {}, {}},
        {"another port that is published",
         [](World& world) {
           listening(world, "9090");
           world.service("web").ports.push_back({"", 9090, 9090, "tcp", {}});
         },
         {},
         {}},
        {"a bare process may listen where it likes",
         [](World& world) {
           listening(world, "9090");
           world.process("web");
         },
         {},
         {}},
        {"a default that everybody knows",
         [](World& world) {
           healthy(world);
           auto& password = world.setting("compose", "DB_PASSWORD");
           password.rule.examples = {"changeme"};
           password.rule.fallback = "changeme";
           password.reach = Reach::passed;
         },
         {"env-example-value setting:compose/DB_PASSWORD"},
         {}},
        {"the role of a bare process is whatever it was started with",
         [](World& world) {
           bare_process(world);
           auto& key = world.setting("web", "APP_KEY");
           key.running = key.configured;
           auto& own = world.plain("web", "ROLE", "web");
           own.rule.role = "process-role";
           own.running = Value::plain("worker");
           world.secrets_are_well();
           world.says(own, "applied", false);
         },
         {},
         {}},
        {"a service that may be absent, and is",
         [](World& world) {
           healthy(world);
           auto& jobs = world.service("jobs");
           jobs.rule.name = "jobs";
           jobs.rule.optional = true;
           jobs.place = {};
           world.setting("jobs", "TOKEN").rule.required = true;
         },
         {},
         {}},
    });

const Scenario& scenario_named(const std::string& name) {
  for (const auto& scenario : scenarios_of("env").scenarios)
    if (scenario.name == name) return scenario;
  throw std::out_of_range(name);
}

TEST_CASE("env names every line that pins a variable", "[env]") {
  World world;
  scenario_named("what pins a variable in two services is told about once").arrange(world);
  const auto judgement = run_check(check_named("env"), world);
  CHECK(evidence_of(judgement, "env-edit-ineffective", "pinned_at") == "docker-compose.yml:14, docker-compose.yml:30");
  CHECK(evidence_of(judgement, "env-edit-ineffective", "service") == "web");
}

TEST_CASE("env calls no setting well that shares an ill line", "[env]") {
  World world;
  shared_example(world);
  for (const auto& item : run_check(check_named("env"), world).healthy) CHECK(item.subject != "setting:jobs/API_KEY");
}

TEST_CASE("env takes the entry and the reason of the rule that a value breaks", "[env]") {
  World world;
  healthy(world);
  auto& key = world.secret("web", "API_KEY", "sbp_x");
  key.running = key.configured;
  key.rule.refuses = {{"^a", "one", "entry-one"}, {"^sbp", "two", "entry-two"}};
  world.says(key, "refused", true, "1");
  const auto judgement = run_check(check_named("env"), world);
  CHECK(judgement.findings.front().entry == "entry-two");
  CHECK(evidence_of(judgement, "env-value-refused", "reason") == "two");
}

TEST_CASE("env says which value the companion must have", "[env]") {
  World world;
  scenario_named("without the setting that it needs").arrange(world);
  const auto judgement = run_check(check_named("env"), world);
  CHECK(evidence_of(judgement, "env-companion-missing", "other") == "USE_PROXY");
  CHECK(evidence_of(judgement, "env-companion-missing", "expected") == "1");
}

}  // namespace
}  // namespace doctor::test
