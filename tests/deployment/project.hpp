#pragma once

#include <string>
#include <utility>
#include <vector>

#include "deployment/compose.hpp"
#include "deployment/settings.hpp"
#include "redact/secret_reader.hpp"

/// Hand-built compose projects, .env files and descriptions.
namespace doctor::deployment::test {

inline ServiceVariable variable(std::string name, std::string expression, std::optional<std::string> value,
                                std::vector<std::string> variables, int line) {
  ServiceVariable made;
  made.kind = variables.empty() ? "literal" : "interpolation";
  made.name = std::move(name);
  made.expression = std::move(expression);
  made.value = std::move(value);
  made.variables = std::move(variables);
  made.place = {"docker-compose.yml", line, 7};
  return made;
}

inline VariableUse use(std::string name, std::string path, int line, std::string operation, bool set) {
  return {std::move(name), std::move(path), {"docker-compose.yml", line, 7}, std::move(operation), set};
}

inline DotenvEntry entry(std::string name, std::string value, int line) {
  return {std::move(name), value, value, {}, {".env", line, 1}};
}

inline SettingRule rule(std::string name, std::string role = "", bool secret = false) {
  SettingRule made;
  made.name = std::move(name);
  made.role = std::move(role);
  made.secret = secret;
  return made;
}

inline Service service(std::string name, std::vector<std::string> networks) {
  Service made;
  made.name = std::move(name);
  made.networks = std::move(networks);
  made.place = {"docker-compose.yml", 3, 3};
  return made;
}

inline SystemDescription description() {
  SystemDescription system;
  system.name = "chatalot";
  system.recognise = {{"chatalot"}, {"*chatalot*"}, {"TOTP_ENCRYPTION_KEY"}};
  system.compose = {"docker-compose.yml"};
  system.env_examples = {".env.example"};
  system.variables = {rule("DB_PASSWORD", "", true)};
  system.variables.front().required = true;
  ServiceRule app;
  app.name = "chatalot";
  app.port = 8080;
  app.process.exe = "chatalot-server";
  app.process.unit = "chatalot.service";
  app.talks_to = {"postgres"};
  auto url = rule("DATABASE_URL", "database-url", true);
  url.schemes = {"postgres", "postgresql"};
  auto storage = rule("FILE_STORAGE_PATH", "storage-path");
  storage.fallback = "./data/files";
  auto listen = rule("LISTEN_ADDR", "listen-address");
  listen.fallback = "0.0.0.0:8080";
  app.settings = {url,
                  rule("JWT_PRIVATE_KEY_PATH", "jwt-private-key-path"),
                  rule("TOTP_ENCRYPTION_KEY", "", true),
                  listen,
                  storage,
                  rule("UPLOAD_QUOTA_MB"),
                  rule("RUST_LOG")};
  Expectation health;
  health.http = "/api/health";
  app.expect = {health};
  system.services = {app};
  return system;
}

/// A stack like the one that chatalot ships: a pinned URL with the password from .env, and one setting passed on.
inline ComposeProject project() {
  ComposeProject made;
  made.name = "chatalot";
  made.files = {"/srv/chatalot/docker-compose.yml"};
  ComposeService app;
  app.service = service("chatalot", {"external", "internal"});
  app.service.depends_on = {"postgres"};
  app.service.ports = {{"", 8080, 8080, "tcp", {"docker-compose.yml", 20, 9}}};
  app.service.mounts = {{"volume", "file_storage", "/app/data/files", false, {}},
                        {"secret", "/srv/chatalot/secrets/jwt_private.pem", "/run/secrets/jwt_private_key", true, {}}};
  app.environment = {
      variable("DATABASE_URL", "postgres://chatalot:${DB_PASSWORD}@postgres:5432/chatalot",
               "postgres://chatalot:hunter2hunter2@postgres:5432/chatalot", {"DB_PASSWORD"}, 10),
      variable("JWT_PRIVATE_KEY_PATH", "/run/secrets/jwt_private_key", "/run/secrets/jwt_private_key", {}, 11),
      variable("TOTP_ENCRYPTION_KEY", "${TOTP_ENCRYPTION_KEY:-}", "", {"TOTP_ENCRYPTION_KEY"}, 12),
      variable("LISTEN_ADDR", "0.0.0.0:8080", "0.0.0.0:8080", {}, 13),
      variable("FILE_STORAGE_PATH", "/app/data/files", "/app/data/files", {}, 14),
      variable("RUST_LOG", "${RUST_LOG:-info}", "info", {"RUST_LOG"}, 15)};
  app.environment[2].defaulted = app.environment[5].defaulted = true;
  ComposeService database;
  database.service = service("postgres", {"internal"});
  database.service.image = "postgres:17";
  database.service.mounts = {{"volume", "postgres_data", "/var/lib/postgresql/data", false, {}}};
  database.environment = {variable("POSTGRES_PASSWORD", "${DB_PASSWORD}", "hunter2hunter2", {"DB_PASSWORD"}, 30)};
  made.services = {app, database};
  made.networks = {{"external", "chatalot_external", false, false, {}, {}},
                   {"internal", "chatalot_internal", true, false, {}, {}}};
  made.volumes = {{"file_storage", "chatalot_file_storage", false, {}, {}, "", {}},
                  {"postgres_data", "chatalot_postgres_data", false, {}, {}, "", {}}};
  made.secrets = {
      {"jwt_private_key", "/srv/chatalot/secrets/jwt_private.pem", "", false, {"docker-compose.yml", 50, 3}}};
  made.uses = {use("DB_PASSWORD", "services.chatalot.environment.DATABASE_URL", 10, "", true),
               use("TOTP_ENCRYPTION_KEY", "services.chatalot.environment.TOTP_ENCRYPTION_KEY", 12, ":-", false),
               use("RUST_LOG", "services.chatalot.environment.RUST_LOG", 15, ":-", false),
               use("DB_PASSWORD", "services.postgres.environment.POSTGRES_PASSWORD", 30, "", true)};
  return made;
}

inline std::vector<Service> services_of(const ComposeProject& project, const SystemDescription& system) {
  std::vector<Service> services;
  for (const auto& found : project.services) {
    services.push_back(found.service);
    if (const auto* known = system.service(found.service.name)) services.back().rule = *known;
  }
  return services;
}

inline const Setting* find(const std::vector<Setting>& settings, const std::string& subject) {
  for (const auto& setting : settings)
    if (setting.subject() == subject) return &setting;
  return nullptr;
}

inline std::string revealed(const std::optional<Value>& value) {
  return value ? SecretReader::reveal(*value) : "(none)";
}

}  // namespace doctor::deployment::test
