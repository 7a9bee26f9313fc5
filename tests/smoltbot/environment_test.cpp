// Settings and compose files of smoltbot that are wrong, found without anything running.

#include "lab/smoltbot_lab.hpp"
#include "smoltbot/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

std::string gateway(const std::string& name) {
  return "setting:gateway/" + name;
}

std::string observer(const std::string& name) {
  return "setting:observer/" + name;
}

/// The root, and what goes with it, when there is nothing else.
void expect_root(const Result& result, const Root& root, int exit) {
  expect_roots(result, {root}, exit);
}

}  // namespace

TEST_CASE("smoltbot's files with what the shipped ones lack", "[environment]") {
  SmoltbotFiles files;
  const auto result = files.check({"--allow-incomplete", "--fail-on", "info"});
  CHECK(result.report.at("deployment").at("system") == "smoltbot");
  CHECK(result.roots().empty());
  CHECK(result.consequences().empty());
  CHECK(result.run.exit == 0);
}

TEST_CASE("no key of the REST front end", "[environment]") {
  SmoltbotFiles files;
  files.unset("SUPABASE_KEY");
  const auto result = files.check();
  expect_root(result, {"smoltbot-env-required-missing", "env-required-empty", "env", gateway("SUPABASE_KEY")}, 1);
  CHECK(result.evidence("smoltbot-env-required-missing", "where") == ".env");
}

TEST_CASE("a variable that the compose file does not pass", "[environment]") {
  SmoltbotFiles files;
  files.edit_compose("      ANTHROPIC_API_KEY: ${ANTHROPIC_API_KEY}\n      REDIS_URL: redis://redis:6379\n      PORT",
                     "      REDIS_URL: redis://redis:6379\n      PORT");
  expect_finding(files.check(),
                 {"smoltbot-env-required-missing", "env-required-missing", "env", gateway("ANTHROPIC_API_KEY")});
}

TEST_CASE("an example's key", "[environment]") {
  SmoltbotFiles files;
  files.set("ANTHROPIC_API_KEY", "sk-ant-...");
  expect_root(files.check(), {"smoltbot-placeholder-secret", "env-example-value", "env", gateway("ANTHROPIC_API_KEY")},
              0);
}

TEST_CASE("an address in .env that the compose file pins in both services", "[environment]") {
  SmoltbotFiles files;
  files.set("REDIS_URL", "redis://cache.example.org:6379");
  const auto result = files.check();
  expect_root(result, {"smoltbot-env-edit-ineffective", "env-edit-ineffective", "env", gateway("REDIS_URL")}, 0);
  CHECK(result.evidence("smoltbot-env-edit-ineffective", "reason") == "pinned");
  CHECK(result.evidence("smoltbot-env-edit-ineffective", "pinned_at").find(", ") != std::string::npos);
}

TEST_CASE("a heartbeat address in .env that the compose file never passes", "[environment]") {
  SmoltbotFiles files;
  files.set("HEARTBEAT_URL", "http://127.0.0.1:9/beat");
  const auto result = files.check();
  expect_root(result, {"smoltbot-env-edit-ineffective", "env-edit-ineffective", "env", gateway("HEARTBEAT_URL")}, 0);
  CHECK(result.evidence("smoltbot-env-edit-ineffective", "reason") == "not-passed");
}

TEST_CASE("the .env of the example changes nothing that is said", "[environment]") {
  SmoltbotFiles files;
  for (const auto* name : {"SUPABASE_URL", "OPENAI_API_KEY", "GEMINI_API_KEY", "MNEMOM_ANALYZE_URL", "MNEMOM_API_KEY",
                           "OTLP_ENDPOINT", "OTLP_AUTH"})
    files.set(name, "");
  files.set("REDIS_URL", "redis://redis:6379").set("PORT", "8787").set("SMOLTBOT_ROLE", "all");
  CHECK(files.check().roots().empty());
}

TEST_CASE("the address of PostgreSQL instead of a REST front end", "[environment]") {
  SmoltbotFiles files;
  files.give("gateway", "SUPABASE_URL", "http://postgres:5432");
  const auto result = files.check();
  expect_root(result, {"smoltbot-supabase-url-raw-postgres", "env-value-refused", "env", gateway("SUPABASE_URL")}, 1);
  CHECK(result.evidence("smoltbot-supabase-url-raw-postgres", "where").starts_with("docker-compose.override.yml:"));
}

TEST_CASE("a pooler's port is PostgreSQL's, too", "[environment]") {
  SmoltbotFiles files;
  files.give("observer", "SUPABASE_URL", "https://db.example.org:6543");
  expect_root(files.check(),
              {"smoltbot-supabase-url-raw-postgres", "env-value-refused", "env", observer("SUPABASE_URL")}, 1);
}

TEST_CASE("an address with a password, a path, or without a scheme", "[environment]") {
  const std::string password = random_alphanumeric(20);
  for (const auto& url :
       {"https://admin:" + password + "@api.example.org", std::string{"https://api.example.org/rest/v1"}}) {
    SmoltbotFiles files;
    files.secrets().add(password);
    files.give("gateway", "SUPABASE_URL", url);
    expect_root(files.check(), {"smoltbot-supabase-url-invalid", "env-value-refused", "env", gateway("SUPABASE_URL")},
                1);
  }
  SmoltbotFiles files;
  files.give("gateway", "SUPABASE_URL", "api.example.org");
  expect_root(files.check(), {"smoltbot-supabase-url-invalid", "env-value-malformed", "env", gateway("SUPABASE_URL")},
              1);
}

TEST_CASE("only errors in the log", "[environment]") {
  SmoltbotFiles files;
  files.set("LOG_LEVEL", "error");
  const auto result = files.check();
  expect_root(result, {"smoltbot-log-level-too-quiet", "env-value-quiet", "env", gateway("LOG_LEVEL")}, 0);
  CHECK(result.report.at("summary").at("info") == 1);
}

TEST_CASE("a log level that the program does not know", "[environment]") {
  SmoltbotFiles files;
  files.set("LOG_LEVEL", "INFO");
  const auto result = files.check();
  expect_root(result, {"smoltbot-log-level-invalid", "env-value-not-allowed", "env", gateway("LOG_LEVEL")}, 0);
  CHECK(result.evidence("smoltbot-log-level-invalid", "value") == "INFO");
  files.set("LOG_LEVEL", "info").give("gateway", "LOG_LEVEL", "");
  expect_root(files.check(), {"smoltbot-log-level-invalid", "env-value-not-allowed", "env", gateway("LOG_LEVEL")}, 0);
}

TEST_CASE("smoltbot's debug logging", "[environment]") {
  SmoltbotFiles files;
  files.set("LOG_LEVEL", "debug");
  expect_root(files.check(), {"smoltbot-log-level-debug", "env-value-noisy", "env", gateway("LOG_LEVEL")}, 0);
}

TEST_CASE("a heartbeat address that is empty, or none", "[environment]") {
  for (const auto* value : {"", "api.mnemom.ai/v1"}) {
    SmoltbotFiles files;
    files.give("gateway", "HEARTBEAT_URL", value);
    expect_root(files.check(),
                {"smoltbot-heartbeat-url-invalid", "env-value-malformed", "env", gateway("HEARTBEAT_URL")}, 0);
  }
}

TEST_CASE("a role that the program does not know", "[environment]") {
  SmoltbotFiles files;
  files.give("observer", "SMOLTBOT_ROLE", "worker");
  const auto result = files.check();
  expect_root(result, {"smoltbot-role-unknown", "env-value-not-allowed", "env", observer("SMOLTBOT_ROLE")}, 0);
  CHECK(result.evidence("smoltbot-role-unknown", "value") == "worker");
}

TEST_CASE("an unknown role is the default one, which needs the secret of the jobs", "[environment]") {
  SmoltbotFiles files;
  files.give("gateway", "SMOLTBOT_ROLE", "worker");
  const auto result = files.check();
  expect_finding(result, {"smoltbot-role-unknown", "env-value-not-allowed", "env", gateway("SMOLTBOT_ROLE")});
  expect_finding(
      result, {"smoltbot-supabase-jwt-secret-missing", "env-required-missing", "env", gateway("SUPABASE_JWT_SECRET")});
  expect_finding(result, {"smoltbot-scheduler-duplicated", "service-duplicated", "compose", "service:observer"});
}

TEST_CASE("an edit of .env after the start", "[environment]") {
  SmoltbotLab lab;
  lab.start();
  lab.set("DEPLOYMENT_ID", "second");
  const auto result = check(lab);
  expect_root(result, {"smoltbot-env-not-applied", "env-edit-not-applied", "env", gateway("DEPLOYMENT_ID")}, 0);
  CHECK(result.evidence("smoltbot-env-not-applied", "container") == "process " + std::to_string(lab.pid()));
}

TEST_CASE("a port that is none", "[environment]") {
  for (const auto* value : {"eighty", ""}) {
    SmoltbotFiles files;
    files.give("gateway", "PORT", value);
    expect_root(files.check(), {"smoltbot-port-invalid", "env-value-malformed", "env", gateway("PORT")}, 1);
  }
  for (const auto* value : {"0", "65536"}) {
    SmoltbotFiles files;
    files.give("gateway", "PORT", value);
    expect_root(files.check(), {"smoltbot-port-invalid", "env-value-out-of-range", "env", gateway("PORT")}, 1);
  }
}

TEST_CASE("another port than the container's", "[environment]") {
  SmoltbotFiles files;
  files.give("gateway", "PORT", "9090");
  const auto result = files.check();
  expect_root(result, {"smoltbot-port-mismatch", "env-port-unexpected", "env", gateway("PORT")}, 1);
  CHECK(result.evidence("smoltbot-port-mismatch", "value") == "9090");
}

TEST_CASE("a published port of its own is no mismatch", "[environment]") {
  SmoltbotFiles files;
  files.set("PORT", "9090");
  CHECK(files.check().roots().empty());
}

TEST_CASE("a port for which root is needed", "[environment]") {
  SmoltbotFiles files;
  files.give("gateway", "PORT", "443").edit_compose("\"${PORT:-8787}:8787\"", "\"443:443\"");
  expect_root(files.check(), {"smoltbot-port-privileged", "env-value-refused", "env", gateway("PORT")}, 1);
}

TEST_CASE("no Redis in the settings", "[environment]") {
  SmoltbotFiles files;
  files.give("gateway", "REDIS_URL", "");
  expect_root(files.check(), {"smoltbot-cache-in-memory", "env-recommended-missing", "env", gateway("REDIS_URL")}, 0);
}

TEST_CASE("a proxy for Node, which does not look", "[environment]") {
  SmoltbotFiles files;
  files.give("gateway", "HTTPS_PROXY", "http://proxy.example.org:3128");
  const auto result = files.check();
  expect_root(result, {"smoltbot-egress-proxy-ignored", "env-companion-missing", "env", gateway("HTTPS_PROXY")}, 1);
  CHECK(result.evidence("smoltbot-egress-proxy-ignored", "other") == "NODE_USE_ENV_PROXY");
  files.give("gateway", "NODE_USE_ENV_PROXY", "1");
  CHECK(files.check().roots().empty());
}

TEST_CASE("the password that everybody knows", "[environment]") {
  SmoltbotFiles files;
  files.set("POSTGRES_PASSWORD", "changeme");
  const Root root{"smoltbot-default-credentials", "env-example-value", "env", "setting:compose/POSTGRES_PASSWORD"};
  expect_root(files.check(), root, 0);
  files.unset("POSTGRES_PASSWORD");
  expect_root(files.check(), root, 0);
}

TEST_CASE("jobs that two services run", "[environment]") {
  SmoltbotFiles files;
  const auto secret = random_alphanumeric(40);
  files.secrets().add(secret);
  files.give("gateway", "SMOLTBOT_ROLE", "all").give("gateway", "SUPABASE_JWT_SECRET", secret);
  const auto result = files.check();
  expect_root(result, {"smoltbot-scheduler-duplicated", "service-duplicated", "compose", "service:observer"}, 0);
  CHECK(result.evidence("smoltbot-scheduler-duplicated", "services") == "gateway, observer");
}

TEST_CASE("jobs that one service runs twice", "[environment]") {
  SmoltbotFiles files;
  files.add("observer", "deploy:\n  replicas: 2\n");
  const auto result = files.check();
  expect_root(result, {"smoltbot-scheduler-duplicated", "service-duplicated", "compose", "service:observer"}, 0);
  CHECK(result.evidence("smoltbot-scheduler-duplicated", "services") == "observer (2 copies)");
}

TEST_CASE("a service that the project has no more", "[environment]") {
  SmoltbotFiles files;
  files.add("gateway", "depends_on:\n  migrate:\n    condition: service_completed_successfully\n");
  expect_finding(files.check(),
                 {"smoltbot-migrate-service-missing", "compose-dependency-undefined", "compose", "service:gateway"});
}

TEST_CASE("a part of the sources that is not public", "[environment]") {
  SmoltbotFiles files;
  files.directory().remove("api/package.json");
  files.directory().remove("api");
  const auto result = files.check();
  expect_root(result,
              {"smoltbot-image-build-failed", "compose-build-source-missing", "compose", "file:Dockerfile.gateway"}, 1);
  CHECK(result.evidence("smoltbot-image-build-failed", "source") == "api/package.json, api");
}

TEST_CASE("output that goes to a file", "[environment]") {
  SmoltbotFiles files;
  files.add("gateway", "command: sh -c 'node dist/entrypoint.js > /tmp/gateway.log 2>&1'\n");
  const auto result = files.check();
  expect_root(result, {"smoltbot-logs-written-to-file", "compose-output-redirected", "compose", "service:gateway"}, 0);
  CHECK(result.evidence("smoltbot-logs-written-to-file", "redirect") == "> /tmp/gateway.log");
}

TEST_CASE("a log driver that keeps nothing here", "[environment]") {
  SmoltbotFiles files;
  files.add("gateway", "logging:\n  driver: none\n");
  expect_root(files.check(),
              {"smoltbot-log-driver-unreadable", "compose-log-driver-unreadable", "compose", "service:gateway"}, 0);
}

TEST_CASE("no secret for the jobs", "[environment]") {
  SmoltbotFiles files;
  files.give("observer", "SUPABASE_JWT_SECRET", "");
  expect_root(files.check(),
              {"smoltbot-supabase-jwt-secret-missing", "env-required-empty", "env", observer("SUPABASE_JWT_SECRET")},
              1);
}

}  // namespace doctor::lab
