#include "deployment/settings.hpp"

#include "deployment/guess.hpp"
#include "deployment/project.hpp"
#include "deployment/settings_expression.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;
using namespace doctor::deployment::test;

namespace {

/// A stack whose settings are built from what the test changes.
struct Stack {
  ComposeProject compose = project();
  Dotenv dotenv{".env", true, {entry("DB_PASSWORD", "hunter2hunter2", 2)}, {}};
  Environment shell;
  SystemDescription system = description();
  bool with_compose = true;
  std::map<std::string, RunningEnvironment> running;
  std::vector<Override> overrides;
  std::vector<Service> services = services_of(compose, system);

  std::vector<Setting> settings() {
    SettingSources sources;
    sources.compose = with_compose ? &compose : nullptr;
    sources.dotenv = &dotenv;
    sources.shell = &shell;
    sources.description = &system;
    sources.services = &services;
    sources.running = running;
    sources.overrides = overrides;
    return build_settings(sources);
  }

  void run_container(const std::string& service, Environment values) {
    RunningEnvironment environment;
    environment.kind = "container";
    environment.where = "container " + service + "-1";
    environment.values = std::move(values);
    environment.image = "the-image";
    running[service] = std::move(environment);
  }

  void run_process(Environment values) {
    with_compose = false;
    services = {service("chatalot", {})};
    services.front().place = {};
    services.front().rule = system.services.front();
    services.front().process = Process{4711, "/opt/chatalot/chatalot-server", "/opt/chatalot", 999, {999}, 0};
    RunningEnvironment environment;
    environment.kind = "process";
    environment.where = "process 4711";
    environment.values = std::move(values);
    environment.only_known = true;
    running["chatalot"] = std::move(environment);
  }
};

std::string kinds(const Setting& setting) {
  std::string text;
  for (const auto& hop : setting.chain) text += (text.empty() ? "" : " ") + hop.kind;
  return text;
}

bool tells(const std::vector<Setting>& settings, const std::string& secret) {
  for (const auto& setting : settings) {
    for (const auto& hop : setting.chain)
      if ((hop.expression + hop.where).find(secret) != std::string::npos) return true;
    for (const auto* value : {&setting.configured, &setting.running, &setting.written})
      if (*value && (*value)->shown().find(secret) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a URL that the compose file builds from .env is traced to the password") {
  Stack stack;
  stack.run_container("chatalot", {{"DATABASE_URL", "postgres://chatalot:hunter2hunter2@postgres:5432/chatalot"}});
  const auto settings = stack.settings();
  const auto* url = find(settings, "setting:chatalot/DATABASE_URL");
  REQUIRE(url != nullptr);
  CHECK(url->described);
  CHECK(url->reach == Reach::pinned);
  CHECK(url->passed_at->line == 10);
  CHECK_FALSE(url->written_at);
  CHECK(url->built_from == std::vector<std::string>{"setting:compose/DB_PASSWORD"});
  REQUIRE(kinds(*url) == "dotenv interpolation container");
  CHECK(url->chain[0].where == ".env:2");
  CHECK(url->chain[0].expression == "DB_PASSWORD=[redacted]");
  CHECK(url->chain[1].where == "docker-compose.yml:10");
  CHECK(url->chain[1].expression == "postgres://chatalot:${DB_PASSWORD}@postgres:5432/chatalot");
  CHECK(url->chain[2].where == "container chatalot-1");
  CHECK(url->configured->is_secret());
  CHECK_FALSE(tells(settings, "hunter2"));
}

TEST_CASE("what is written in .env without effect says where it is pinned or that it is not passed") {
  Stack stack;
  stack.dotenv.entries.push_back(entry("FILE_STORAGE_PATH", "/data", 5));
  stack.dotenv.entries.push_back(entry("UPLOAD_QUOTA_MB", "900", 6));
  stack.dotenv.entries.push_back(entry("RUST_LOG", "debug", 7));
  const auto settings = stack.settings();
  const auto* pinned = find(settings, "setting:chatalot/FILE_STORAGE_PATH");
  CHECK(pinned->reach == Reach::pinned);
  CHECK(pinned->written->text() == "/data");
  CHECK(pinned->written_at->text() == ".env:5");
  CHECK(pinned->configured->text() == "/app/data/files");
  const auto* quota = find(settings, "setting:chatalot/UPLOAD_QUOTA_MB");
  CHECK(quota->reach == Reach::not_passed);
  CHECK_FALSE(quota->configured);
  CHECK(find(settings, "setting:chatalot/RUST_LOG")->reach == Reach::passed);
}

TEST_CASE("the compose file's own variables form a service of their own") {
  Stack stack;
  stack.compose.uses.push_back(use("HTTP_PORT", "services.chatalot.ports[0]", 20, ":-", false));
  const auto settings = stack.settings();
  const auto* password = find(settings, "setting:compose/DB_PASSWORD");
  REQUIRE(password != nullptr);
  CHECK(password->described);
  CHECK(password->rule.required);
  CHECK(password->reach == Reach::passed);
  CHECK(password->written_at->text() == ".env:2");
  CHECK(revealed(password->configured) == "hunter2hunter2");
  const auto* port = find(settings, "setting:compose/HTTP_PORT");
  REQUIRE(port != nullptr);
  CHECK_FALSE(port->described);
  CHECK(kinds(*port) == "default");
  INFO("a variable that is only passed on is its service's");
  CHECK(find(settings, "setting:compose/RUST_LOG") == nullptr);
}

TEST_CASE("a variable of a disabled service is not a setting") {
  Stack stack;
  stack.compose.services[1].service.enabled = false;
  stack.services[1].enabled = false;
  const auto settings = stack.settings();
  CHECK(find(settings, "setting:postgres/POSTGRES_PASSWORD") == nullptr);
  CHECK(find(settings, "setting:chatalot/DATABASE_URL") != nullptr);
}

TEST_CASE("a variable of a profile that is not active is not judged") {
  Stack stack;
  ComposeService tunnel;
  tunnel.service = service("cloudflared", {"external"});
  tunnel.service.enabled = false;
  stack.compose.services.push_back(tunnel);
  stack.compose.uses.push_back(use("TUNNEL_TOKEN", "services.cloudflared.environment.TOKEN", 60, ":-", true));
  stack.dotenv.entries.push_back(entry("TUNNEL_TOKEN", "abc", 9));
  const auto settings = stack.settings();
  const auto* token = find(settings, "setting:compose/TUNNEL_TOKEN");
  REQUIRE(token != nullptr);
  CHECK(token->reach == Reach::unknown);
}

TEST_CASE("an empty value is no secret") {
  Stack stack;
  const auto settings = stack.settings();
  const auto* key = find(settings, "setting:chatalot/TOTP_ENCRYPTION_KEY");
  REQUIRE(key->configured);
  CHECK(key->rule.secret);
  CHECK_FALSE(key->configured->is_secret());
  CHECK(key->configured->text().empty());
}

TEST_CASE("a flood of unknown names is bounded") {
  Stack stack;
  for (int i = 0; i < 50000; ++i) stack.dotenv.entries.push_back(entry("NAME_" + std::to_string(i), "x", i + 10));
  const auto settings = stack.settings();
  CHECK(settings.size() < 1100);
  CHECK(find(settings, "setting:compose/NAME_0") != nullptr);
}

TEST_CASE("a value that .env builds from another one is traced to it") {
  Stack stack;
  auto built = entry("RUST_LOG", "chatalot=debug", 6);
  built.expression = "chatalot=${LEVEL}";
  built.variables = {"LEVEL", "LATER", "ABSENT"};
  stack.dotenv.entries.push_back(entry("LEVEL", "debug", 5));
  stack.dotenv.entries.push_back(built);
  stack.dotenv.entries.push_back(entry("LATER", "x", 7));
  const auto settings = stack.settings();
  const auto* log = find(settings, "setting:chatalot/RUST_LOG");
  CHECK(kinds(*log) == "dotenv interpolation dotenv " + kinds(*log).substr(kinds(*log).rfind(' ') + 1));
  CHECK(log->chain[0].expression == "LEVEL=debug");
  CHECK(log->chain[1].where == ".env:6");
  CHECK(log->chain[1].expression == "chatalot=${LEVEL}");
  CHECK(log->built_from == std::vector<std::string>{"setting:compose/LEVEL"});
  stack.shell = {{"LEVEL", "warn"}};  // what .env took from the shell is not in .env
  CHECK(find(stack.settings(), "setting:chatalot/RUST_LOG")->built_from.empty());
}

TEST_CASE("the shell wins over .env, and the chain says so") {
  Stack stack;
  stack.dotenv.entries.push_back(entry("RUST_LOG", "debug", 7));
  stack.shell["RUST_LOG"] = "trace";
  stack.compose.services[0].environment[5].value = "trace";
  const auto settings = stack.settings();
  const auto* log = find(settings, "setting:chatalot/RUST_LOG");
  CHECK(log->configured->text() == "trace");
  CHECK(log->written->text() == "debug");
  REQUIRE_FALSE(log->chain.empty());
  CHECK(log->chain.front().kind == "shell");
}

TEST_CASE("a variable that only the image sets is configured by the image") {
  Stack stack;
  stack.run_container("postgres", {{"PG_MAJOR", "17"}, {"POSTGRES_PASSWORD", "older-password"}});
  const auto settings = stack.settings();
  const auto* major = find(settings, "setting:postgres/PG_MAJOR");
  REQUIRE(major != nullptr);
  CHECK(kinds(*major) == "image container");
  CHECK(major->configured->text() == "17");
  const auto* password = find(settings, "setting:postgres/POSTGRES_PASSWORD");
  CHECK(password->rule.secret);
  CHECK(revealed(password->running) == "older-password");
  CHECK(revealed(password->configured) == "hunter2hunter2");
}

TEST_CASE("a variable that the container alone still has is not configured any more") {
  Stack stack;
  stack.run_container("chatalot", {{"UPLOAD_QUOTA_MB", "900"}});
  stack.running["chatalot"].of_image = Environment{{"RUST_LOG", "info"}};
  const auto settings = stack.settings();
  const auto* quota = find(settings, "setting:chatalot/UPLOAD_QUOTA_MB");
  CHECK(quota->running->text() == "900");
  CHECK_FALSE(quota->configured);
}

TEST_CASE("a bare process has its own environment, and .env says what it should have") {
  Stack stack;
  stack.dotenv.entries.push_back(entry("RUST_LOG", "info", 3));
  stack.dotenv.entries.push_back(entry("RUST_LGO", "info", 4));
  stack.run_process({{"RUST_LOG", "debug"}, {"HOME", "/root"}, {"SSH_AUTH_SOCK", "/tmp/x"}});
  const auto settings = stack.settings();
  const auto* log = find(settings, "setting:chatalot/RUST_LOG");
  CHECK(log->running->text() == "debug");
  CHECK(log->configured->text() == "info");
  CHECK(log->reach == Reach::unknown);
  CHECK(kinds(*log) == "dotenv process");
  CHECK(log->chain.back().where == "process 4711");
  CHECK(find(settings, "setting:chatalot/HOME") == nullptr);
  const auto* unknown = find(settings, "setting:chatalot/RUST_LGO");
  REQUIRE(unknown != nullptr);
  CHECK_FALSE(unknown->described);
  const auto* password = find(settings, "setting:compose/DB_PASSWORD");
  REQUIRE(password != nullptr);
  CHECK_FALSE(password->rule.required);
}

TEST_CASE("a name in .env that nothing reads is kept, so that it can be called misspelt") {
  Stack stack;
  stack.dotenv.entries.push_back(entry("RUST_LOGG", "info", 9));
  stack.dotenv.entries.push_back(entry("COMPOSE_PROJECT_NAME", "x", 10));
  const auto settings = stack.settings();
  const auto* unknown = find(settings, "setting:compose/RUST_LOGG");
  REQUIRE(unknown != nullptr);
  CHECK(unknown->reach == Reach::not_passed);
  CHECK_FALSE(unknown->described);
  CHECK(find(settings, "setting:compose/COMPOSE_PROJECT_NAME") == nullptr);
}

TEST_CASE("rules that hold only elsewhere keep their role and secrecy but demand nothing") {
  auto required = rule("DATABASE_URL", "database-url", true);
  required.required = true;
  required.when = "process";
  const auto here = rules_in({required}, "process");
  const auto elsewhere = rules_in({required}, "compose");
  REQUIRE(here.size() == 1);
  REQUIRE(elsewhere.size() == 1);
  CHECK(here.front().required);
  CHECK_FALSE(elsewhere.front().required);
  CHECK(elsewhere.front().secret);
  CHECK(elsewhere.front().role == "database-url");
}

TEST_CASE("--set replaces the value of one service or of all") {
  Stack stack;
  stack.run_container("chatalot", {{"RUST_LOG", "info"}});
  stack.overrides = {{"chatalot", "RUST_LOG", "trace"}, {"", "NEW_TOKEN", "abcdefgh"}};
  const auto settings = stack.settings();
  CHECK(find(settings, "setting:chatalot/RUST_LOG")->running->text() == "trace");
  CHECK(find(settings, "setting:chatalot/RUST_LOG")->chain.back().kind == "flag");
  const auto* added = find(settings, "setting:chatalot/NEW_TOKEN");
  REQUIRE(added != nullptr);
  CHECK(added->configured->is_secret());
  CHECK_FALSE(tells(settings, "abcdefgh"));
}

TEST_CASE("what flows into a secret is secret, and what it flows from too") {
  Stack stack;
  auto& app = stack.compose.services[0].environment;
  app.push_back(variable("EXTRA_URL", "mqtt://u:${BROKER}@mq", "mqtt://u:broker-pass@mq", {"BROKER"}, 40));
  app.push_back(variable("COPY", "${BROKER}", "broker-pass", {"BROKER"}, 41));
  app.push_back(variable("API_TOKEN", "${PLAIN_NAME}", "token-text", {"PLAIN_NAME"}, 42));
  app.push_back(
      variable("LITERAL_SECRET", "prefix-literal-${X:-default-text}", "prefix-literal-default-text", {"X"}, 43));
  stack.dotenv.entries.push_back(entry("BROKER", "broker-pass", 5));
  stack.dotenv.entries.push_back(entry("PLAIN_NAME", "token-text", 6));
  for (const auto* name : {"BROKER", "PLAIN_NAME", "X"})
    stack.compose.uses.push_back(use(name, "services.chatalot.environment.Y", 40, "", true));
  const auto settings = stack.settings();
  for (const auto* name : {"EXTRA_URL", "COPY", "API_TOKEN", "LITERAL_SECRET"})
    CHECK(find(settings, std::string{"setting:chatalot/"} + name)->rule.secret);
  CHECK(find(settings, "setting:compose/BROKER")->rule.secret);
  for (const auto* secret : {"broker-pass", "token-text", "literal", "default-text"})
    CHECK_FALSE(tells(settings, secret));
  CHECK(find(settings, "setting:chatalot/RUST_LOG")->configured->text() == "info");
}

TEST_CASE("expressions of secrets keep their references and nothing else that could be secret") {
  CHECK(without_secrets("postgres://chatalot:${DB_PASSWORD}@postgres:5432/chatalot") ==
        "postgres://chatalot:${DB_PASSWORD}@postgres:5432/chatalot");
  CHECK(without_secrets("postgres://u:plain-pass@db/x") == "postgres://u:[redacted]@db/x");
  CHECK(without_secrets("postgres://u:${P:-fallback}@db/x") == "postgres://u:${P:-[redacted]}@db/x");
  CHECK(without_secrets("postgres://u:pre${P}post@db/x") == "postgres://u:[redacted]${P}[redacted]@db/x");
  CHECK(without_secrets("postgres://u:p@db/x?password=abc").find("abc") == std::string::npos);
  CHECK(without_secrets("plain") == "[redacted]");
  CHECK(without_secrets("$NAME") == "$NAME");
  CHECK(without_secrets("${NAME:?must be set}") == "${NAME:?...}");
  CHECK(without_secrets("a$$b") == "[redacted]");
  CHECK(without_secrets("${UNCLOSED:-abc").find("abc") == std::string::npos);
  CHECK(without_secrets("") == "");
  CHECK(secret_references("postgres://${U}:${P}@${H}/x", true) == std::vector<std::string>{"P"});
  CHECK(secret_references("${P:-x}", true) == std::vector<std::string>{"P"});
  CHECK(secret_references("${P:-x}", false).empty());
}

TEST_CASE("names and values that look secret") {
  for (const auto* name :
       {"DB_PASSWORD", "jwt_secret", "GITHUB_API_TOKEN", "GIPHY_API_KEY", "DB_PASS", "AWS_CREDENTIALS"})
    CHECK(name_looks_secret(name));
  for (const auto* name : {"JWT_PRIVATE_KEY_PATH", "POSTGRES_PASSWORD_FILE", "VAPID_PUBLIC_KEY", "RUST_LOG", "PATH"})
    CHECK_FALSE(name_looks_secret(name));
  for (const auto* value :
       {"postgres://u:p@h/d", "redis://:p@h", "http://token@h/", "postgres://u:pa/ss@h/d", "a,amqp://u:p@h",
        "-----BEGIN PRIVATE KEY-----", "eyJhbGciOi.eyJzdWIi.sig", "host=db password=abc"})
    CHECK(value_looks_secret(value));
  for (const auto* value : {"http://127.0.0.1:8080", "https://chat.example.com/a@b", "0.0.0.0:8080", "", "://",
                            "http://[::1]:80/x@y", "postgres://h/d"})
    CHECK_FALSE(value_looks_secret(value));
}

TEST_CASE("variables of unknown applications are guessed") {
  CHECK(guessed_rule("DATABASE_URL", "").role == "database-url");
  CHECK(guessed_rule("APP_DATABASE_URL", "").role == "database-url");
  CHECK(guessed_rule("STORE", "postgresql+asyncpg://u:p@h/d").role == "database-url");
  CHECK(guessed_rule("DATABASE_URL", "sqlite:///x.db").role.empty());
  CHECK(guessed_rule("DATABASE_URL", "data.db").role.empty());
  CHECK(guessed_rule("PORT", "8080").role.empty());
  CHECK(guessed_rule("REDIS_URL", "").role == "redis-url");
  CHECK(guessed_rule("APP_REDIS_URL", "redis://cache:6379").role == "redis-url");
  CHECK(guessed_rule("CELERY_BROKER_URL", "rediss://:p@h/1").role == "redis-url");
  CHECK(guessed_rule("CELERY_BROKER_URL", "rediss://:p@h/1").secret);
  CHECK(guessed_rule("REDIS_URL", ":p@cache:6379").secret);
  CHECK(guessed_rule("CELERY_BROKER_URL", "amqp://u:p@h").role.empty());
  CHECK(guessed_rule("REDIS_URL", "cache:6379").role.empty());
  CHECK(guessed_rule("REDIS_NODES", "redis://a:1,redis://b:2").role.empty());
  CHECK(guessed_rule("REDIS_URL", "redis://:a,b@h").role == "redis-url");
  CHECK_FALSE(guessed_rule("PORT", "8080").secret);
  CHECK(guessed_rule("DATABASE_URL", "").secret);
}
