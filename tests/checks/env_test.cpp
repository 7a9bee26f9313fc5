#include "checks/env_world.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace env_world;

void problem(World& world, const std::string& code, std::map<std::string, std::string> evidence) {
  world.deployment.problems.push_back({code, "file:.env", {".env", 3, 1}, std::move(evidence)});
}

const bool added = add_scenarios(
    "env",
    {
        {"a healthy deployment is silent", healthy, {}, {}},
        {"nothing is set up at all", [](World&) {}, {}, {}},
        {"a required variable is nowhere",
         [](World& world) {
           healthy(world);
           auto& key = world.setting("web", "APP_KEY");
           key.configured.reset();
           key.running.reset();
         },
         {"env-required-missing setting:web/APP_KEY"},
         {}},
        {"a described variable that nothing mentions is missing too",
         [](World& world) {
           healthy(world);
           SettingRule rule;
           rule.name = "DATABASE_URL";
           rule.required = true;
           world.service("web").rule.settings = {rule};
         },
         {"env-required-missing setting:web/DATABASE_URL"},
         {}},
        {"a service that is switched off needs nothing",
         [](World& world) {
           healthy(world);
           world.service("tunnel").enabled = false;
           world.setting("tunnel", "TOKEN").rule.required = true;
         },
         {},
         {}},
        {"a rule for bare processes does not hold under compose",
         [](World& world) {
           healthy(world);
           auto& setting = world.setting("web", "DB_URL");
           setting.rule.required = true;
           setting.rule.when = "process";
         },
         {},
         {}},
        {"a variable of a switched-off profile may keep its example",
         [](World& world) {
           healthy(world);
           world.service("tunnel").enabled = false;
           auto& token = world.secret("compose", "TUNNEL_TOKEN");
           token.rule.examples = {"your_token"};
           world.says(token, "example", true);
           world.deployment.edges.push_back({"service:tunnel", "setting:compose/TUNNEL_TOKEN"});
         },
         {},
         {}},
        {"empty",
         [](World& world) { healthy(world), world.says(world.setting("web", "APP_KEY"), "empty", true); },
         {"env-required-empty setting:web/APP_KEY"},
         {}},
        {"an optional variable may be empty when its rule says so",
         [](World& world) {
           healthy(world);
           auto& url = changed(world, "PUBLIC_URL", "");
           url.rule.may_be_empty = true;
           url.rule.form = "http-url";
           world.says(url, "empty", true);
           world.says(url, "well-formed", false, "no scheme");
         },
         {},
         {}},
        {"an example value, said once",
         [](World& world) {
           healthy(world);
           world.says(world.setting("web", "APP_KEY"), "example", true);
           world.says(world.setting("web", "APP_KEY"), "strong", false, "shorter than 32");
         },
         {"env-example-value setting:web/APP_KEY"},
         {}},
        {"an example that is pasted into a URL is told about once",
         [](World& world) {
           healthy(world);
           world.secret("compose", "DB_PASSWORD").rule.examples = {"change_me"};
           auto& url = world.secret("web", "DATABASE_URL");
           url.running = url.configured;
           url.rule.examples = {"change_me"};
           url.built_from = {"setting:compose/DB_PASSWORD"};
           world.says(url, "example", true);
           world.says(world.setting("compose", "DB_PASSWORD"), "example", true);
         },
         {"env-example-value setting:compose/DB_PASSWORD"},
         {}},
        {"weak",
         [](World& world) {
           healthy(world);
           world.says(world.setting("web", "APP_KEY"), "strong", false, "shorter than 32 characters");
         },
         {"env-secret-weak setting:web/APP_KEY"},
         {}},
        {"malformed",
         [](World& world) {
           healthy(world);
           world.says(changed(world, "MAX_SIZE", "100M"), "well-formed", false, "not a whole number");
         },
         {"env-value-malformed setting:web/MAX_SIZE"},
         {}},
        {"not one of the allowed",
         [](World& world) {
           healthy(world);
           auto& mode = changed(world, "MODE", "anyone");
           mode.rule.allowed = {"open", "closed"};
           world.says(mode, "allowed", false);
         },
         {"env-value-not-allowed setting:web/MODE"},
         {}},
        {"out of range",
         [](World& world) { healthy(world), changed(world, "MAX_SIZE", "1001"); },
         {"env-value-out-of-range setting:web/MAX_SIZE"},
         {}},
        {"noisy",
         [](World& world) { healthy(world), changed(world, "LOG", "app=debug,http=info"); },
         {"env-value-noisy setting:web/LOG"},
         {}},
        {"a longer word is not noisy",
         [](World& world) { healthy(world), changed(world, "LOG", "debugger=info"); },
         {},
         {}},
        {"an edit of a pinned variable",
         [](World& world) { healthy(world), written(world, "MAX_SIZE", "500", Reach::pinned); },
         {"env-edit-ineffective setting:web/MAX_SIZE"},
         {}},
        {"an edit of a variable that is never passed",
         [](World& world) { healthy(world), written(world, "QUOTA", "500", Reach::not_passed); },
         {"env-edit-ineffective setting:web/QUOTA"},
         {}},
        {"the application's own default is no edit",
         [](World& world) {
           healthy(world);
           changed(world, "MAX_SIZE", "200");
           written(world, "MAX_SIZE", "100", Reach::pinned);
         },
         {},
         {}},
        {"a pinned variable that nobody described and another service takes from .env",
         [](World& world) {
           healthy(world);
           written(world, "POSTGRES_USER", "app", Reach::pinned).described = false;
           auto& other = world.plain("db", "POSTGRES_USER", "app");
           other.reach = Reach::passed;
         },
         {},
         {}},
        {"a stopped container keeps what it was created with",
         [](World& world) {
           healthy(world);
           world.service("web").container->status = "exited";
           world.says(world.setting("web", "MAX_SIZE"), "applied", false);
         },
         {"env-edit-not-applied setting:web/MAX_SIZE"},
         {}},
        {"edited after the start",
         [](World& world) { healthy(world), world.says(world.setting("web", "MAX_SIZE"), "applied", false); },
         {"env-edit-not-applied setting:web/MAX_SIZE"},
         {}},
        {"a password that breaks the URL it is pasted into",
         [](World& world) {
           healthy(world);
           auto& password = world.secret("compose", "DB_PASSWORD");
           auto& url = world.secret("web", "DATABASE_URL");
           url.running = url.configured;
           url.rule.form = "url";
           url.built_from = {"setting:compose/DB_PASSWORD"};
           world.says(world.setting("compose", password.name), "url-safe", false, "slash");
         },
         {"env-password-unescaped setting:compose/DB_PASSWORD"},
         {}},
        {"a misspelt name",
         [](World& world) {
           healthy(world);
           world.setting("web", "ADMIN_USERNAME");
           auto& typo = world.setting("compose", "ADMIN_USRNAME");
           typo.described = false;
           typo.written = Value::plain("me");
           typo.written_at = Place{".env", 9, 1};
           typo.reach = Reach::not_passed;
         },
         {"env-name-misspelt setting:compose/ADMIN_USRNAME"},
         {}},
        {"an unknown name near one that is set is somebody else's",
         [](World& world) {
           healthy(world);
           auto& other = world.setting("compose", "APP_KEYS");
           other.described = false;
           other.written = Value::plain("me");
           other.reach = Reach::not_passed;
         },
         {},
         {}},
        {"an unknown name near another one that nobody reads",
         [](World& world) {
           healthy(world);
           auto& bare = world.setting("compose", "APP_COLOR");  // a name without a value
           bare.described = false;
           bare.reach = Reach::not_passed;
           auto& other = world.setting("compose", "APP_COLOUR");
           other.described = false;
           other.written = Value::plain("red");
           other.reach = Reach::not_passed;
         },
         {},
         {}},
        {"half a group",
         [](World& world) {
           healthy(world);
           world.service("web").rule.groups = {{"push", {"PUSH_PUBLIC", "PUSH_PRIVATE"}}};
           changed(world, "PUSH_PUBLIC", "x");
           world.setting("web", "PUSH_PRIVATE");
         },
         {"env-group-incomplete setting:web/PUSH_PRIVATE"},
         {}},
        {"a group of which all are empty",
         [](World& world) {
           healthy(world);
           world.service("web").rule.groups = {{"push", {"PUSH_PUBLIC", "PUSH_PRIVATE"}}};
           world.says(changed(world, "PUSH_PUBLIC", ""), "empty", true);
           world.setting("web", "PUSH_PRIVATE");
         },
         {},
         {}},
        {"files that are broken",
         [](World& world) {
           healthy(world);
           problem(world, "env-key-duplicated",
                   {{"setting", "A"}, {"file", ".env"}, {"where", ".env:3"}, {"first", ".env:1"}});
           problem(world, "env-file-missing", {{"file", ".env"}, {"example", ".env.example"}});
           problem(world, "env-file-unreadable", {{"file", ".env"}, {"reason", "EACCES"}});
           problem(world, "env-file-invalid", {{"file", ".env"}, {"where", ".env:3"}, {"reason", "quote not closed"}});
           problem(world, "env-file-not-text", {{"file", ".env"}, {"reason", "NUL byte"}});
           problem(world, "env-file-oversized", {{"file", ".env"}, {"size", "5 MB"}, {"limit", "4 MB"}});
           problem(world, "compose-file-invalid", {});
         },
         {"env-key-duplicated file:.env", "env-file-missing file:.env", "env-file-unreadable file:.env",
          "env-file-invalid file:.env", "env-file-not-text file:.env", "env-file-oversized file:.env"},
         {}},
        {"everybody may read the secrets",
         [](World& world) { healthy(world), world.file("/srv/app/.env", 0644); },
         {"env-file-exposed file:.env"},
         {}},
        {"an example file is for everybody, and so are its values, in a checkout where nothing runs",
         [](World& world) {
           healthy(world);
           world.deployment.env_file = ".env.example";
           world.file("/srv/app/.env.example", 0644);
           for (auto& setting : world.deployment.settings) setting.running.reset();
           world.says(world.setting("web", "APP_KEY"), "example", true);
         },
         {},
         {}},
        {"an example file that something runs with",
         [](World& world) {
           healthy(world);
           world.deployment.env_file = ".env.example";
           world.file("/srv/app/.env.example", 0644);
           world.says(world.setting("web", "APP_KEY"), "example", true);
         },
         {"env-example-value setting:web/APP_KEY"},
         {}},
        {"a bare process that does not load its .env", bare_process, {"env-file-not-loaded file:.env"}, {}},
        {"a bare process that hides its environment",
         [](World& world) {
           bare_process(world);
           world.setting("web", "PATH").running.reset();
           world.service("web").rule.name = "web";
         },
         {},
         {"service:web"}},
        {"a public URL in clear text",
         [](World& world) { healthy(world), changed(world, "PUBLIC_URL", "http://app.example.org:8080/x"); },
         {"env-url-insecure setting:web/PUBLIC_URL"},
         {}},
        {"clear text on this machine is nobody's business",
         [](World& world) { healthy(world), changed(world, "PUBLIC_URL", "http://[::1]:8080"); },
         {},
         {}},
        {"the bundle does not say",
         [](World& world) {
           healthy(world);
           world.fakes.on<SecretQuestion>().answer_if(
               [](const SecretQuestion& question) { return question.setting == "setting:web/APP_KEY"; },
               failed(FailureKind::not_recorded));
         },
         {},
         {"setting:web/APP_KEY"}},
    });

TEST_CASE("env judges settings and .env", "[env]") {
  expect_scenarios("env");
}

TEST_CASE("env names the line that pins a variable", "[env]") {
  World world;
  healthy(world);
  written(world, "MAX_SIZE", "500", Reach::pinned);
  const auto judgement = run_check(check_named("env"), world);
  CHECK(evidence_of(judgement, "env-edit-ineffective", "pinned_at") == "docker-compose.yml:14");
  CHECK(evidence_of(judgement, "env-edit-ineffective", "reason") == "pinned");
  CHECK(evidence_of(judgement, "env-edit-ineffective", "where") == ".env:7");
}

TEST_CASE("env shows what a healthy service has", "[env]") {
  World world;
  healthy(world);
  const auto judgement = run_check(check_named("env"), world);
  REQUIRE(judgement.healthy.size() == 2);
  CHECK(judgement.healthy.front().subject == "setting:web/APP_KEY");
  CHECK(judgement.healthy.back().figure == "4 settings, all required ones set");
}

TEST_CASE("env refuses a problem with a code that it does not know", "[env]") {
  World world;
  problem(world, "env-something-else", {});
  CHECK_THROWS_AS(run_check(check_named("env"), world), std::logic_error);
}

}  // namespace
}  // namespace doctor::test
