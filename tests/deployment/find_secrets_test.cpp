#include "deployment/find_secrets.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "deployment/secret_words.hpp"
#include "redact/secret_reader.hpp"
#include "support/catch.hpp"

using namespace std::string_literals;
namespace deployment = doctor::deployment;

namespace {

/// A world of files alone.
struct World {
  std::map<std::string, std::string> files;
  doctor::Deployment deployment;
  deployment::Dotenv dotenv;
  deployment::Environment shell;
  std::vector<deployment::Environment> environments;
  std::vector<std::vector<std::string>> arguments;

  World() { deployment.directory = "/srv"; }

  void add(const std::string& path, const std::string& text) {
    files[path] = text;
    deployment.files.push_back(path);
  }

  /// Name and value of all that was found.
  std::set<std::pair<std::string, std::string>> found() const {
    deployment::SecretSources sources;
    sources.deployment = &deployment;
    sources.dotenv = &dotenv;
    sources.shell = &shell;
    sources.environments = environments;
    sources.arguments = arguments;
    sources.read = [this](const std::string& path) -> doctor::Outcome<std::string> {
      const auto file = files.find(path);
      if (file == files.end()) {
        doctor::ProbeFailure failure;
        failure.kind = doctor::FailureKind::not_found;
        return doctor::Failed{failure};
      }
      return file->second;
    };
    std::set<std::pair<std::string, std::string>> all;
    for (const auto& secret : deployment::find_secrets(sources))
      all.emplace(secret.name, doctor::SecretReader::reveal(secret.value));
    return all;
  }

  bool finds(const std::string& name, const std::string& value) const { return found().count({name, value}) > 0; }
};

}  // namespace

TEST_CASE("secrets of compose files that no setting holds") {
  World world;
  world.add("/srv/docker-compose.yml", R"(
services:
  app:
    build: {args: {NPM_TOKEN: npm-secret-1}}
    command: ["app", "--smtp-password", "cmd-secret-1", "--port=25"]
    entrypoint: /entry --api-token=entry-secret-1
    labels:
      - "com.example.api-key=label-secret-1"
      - "hook=https://u:url-secret-1@hooks.example.com/x"
    healthcheck:
      test: ["CMD-SHELL", "redis-cli -a health-secret-1 ping"]
    environment:
      KEY_PREFIX: app
      JWT_PRIVATE_KEY_PATH: /run/secrets/jwt
      DB_PASSWORD: ${DB_PASSWORD}
      DEBUG_TOKEN: "true"
secrets:
  inline: {content: inline-secret-1}
)");
  CHECK(world.finds("NPM_TOKEN", "npm-secret-1"));
  CHECK(world.finds("smtp-password", "cmd-secret-1"));
  CHECK(world.finds("api-token", "entry-secret-1"));
  CHECK(world.finds("com.example.api-key", "label-secret-1"));
  CHECK(world.finds("inline", "inline-secret-1"));
  CHECK(world.finds("redis-password", "health-secret-1"));
  const auto all = world.found();
  CHECK(std::any_of(all.begin(), all.end(),
                    [](const auto& one) { return one.second.find("url-secret-1") != std::string::npos; }));
  for (const auto& [name, value] : all) {
    CAPTURE(name, value);
    CHECK(value.find("${") == std::string::npos);
    CHECK(value != "app");
    CHECK(value != "true");
    CHECK(value != "/run/secrets/jwt");
    CHECK(value != "25");
  }
}

TEST_CASE("secrets of Kubernetes and Helm files") {
  World world;
  world.add("/srv/k8s.yaml", R"(apiVersion: v1
kind: Secret
metadata: {name: unused}
stringData: {smtp: string-secret-1}
data: {blob: ZGF0YS1zZWNyZXQtMQ==, tls.crt: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSQo=}
---
apiVersion: apps/v1
kind: Deployment
spec: {template: {spec: {containers: [{name: app, env: [{name: API_TOKEN, value: env-secret-1}]}]}}}
)");
  world.add("/srv/values.yaml", "postgresql:\n  auth:\n    password: helm-secret-1\n    existingSecret: my-db\n");
  CHECK(world.finds("smtp", "string-secret-1"));
  CHECK(world.finds("blob", "data-secret-1"));
  CHECK(world.finds("API_TOKEN", "env-secret-1"));
  CHECK(world.finds("password", "helm-secret-1"));
  CHECK(world.found().size() == 4);
}

TEST_CASE("secrets of .env files, of their comments, of environments and of arguments") {
  World world;
  world.add("/srv/.env",
            "PORT=8080\nSTRIPE_SECRET_KEY=unused-secret-1\n# DB_PASSWORD='old-secret-1'\n# see the docs\n");
  world.environments = {{{"EXTRA_TOKEN", "process-secret-1"}, {"PATH", "/bin"}}};
  world.arguments = {{"--db-password=argument-secret-1", "-u", "app:login-secret-1", "--user", "999:999"}};
  CHECK(world.found() == std::set<std::pair<std::string, std::string>>{{"STRIPE_SECRET_KEY", "unused-secret-1"},
                                                                       {"DB_PASSWORD", "old-secret-1"},
                                                                       {"EXTRA_TOKEN", "process-secret-1"},
                                                                       {"db-password", "argument-secret-1"},
                                                                       {"user", "login-secret-1"}});
}

TEST_CASE("a password file of PostgreSQL, and a setting that is declared open") {
  World world;
  world.shell = {{"PGPASSFILE", "/root/.pgpass"}};
  world.files["/root/.pgpass"] = "# host:port:db:user:password\ndb:5432:*:app:p\\:a\\\\ss-1\n";
  doctor::Setting open;
  open.service = "app";
  open.name = "PUBLIC_TOKEN";
  open.described = true;
  world.deployment.settings.push_back(open);
  world.environments = {{{"PUBLIC_TOKEN", "everybody-may-1"}}};
  CHECK(world.found() == std::set<std::pair<std::string, std::string>>{{"PGPASSFILE", "p:a\\ss-1"}});
}

TEST_CASE("a private key that a setting names, but no public one") {
  World world;
  const std::string key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFake\n-----END PRIVATE KEY-----";
  world.files["/srv/keys/private.pem"] = key + "\n";
  world.files["/srv/keys/public.pem"] = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAFake\n-----END PUBLIC KEY-----\n";
  doctor::Service app;
  app.name = "app";
  app.process = doctor::Process{};
  app.process->directory = "/srv";
  world.deployment.services.push_back(app);
  for (const std::string name : {"private", "public"}) {
    doctor::Setting setting;
    setting.service = "app";
    setting.name = "JWT_" + name + "_KEY_PATH";
    setting.configured = setting.running = doctor::Value::plain("/srv/keys/" + name + ".pem");
    world.deployment.settings.push_back(setting);
  }
  CHECK(world.found() == std::set<std::pair<std::string, std::string>>{{"JWT_private_KEY", key}});
}

TEST_CASE("a command is parted as a shell does") {
  CHECK(deployment::words_of_command(R"(a 'b c' "d \"e" f\ g; h|i)") ==
        std::vector<std::string>{"a", "b c", "d \"e", "f g", "h", "i"});
  CHECK(deployment::words_of_command("").empty());
}
