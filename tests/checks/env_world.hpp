#pragma once

#include <string>

#include "support/scenarios.hpp"

/// The deployment that the tests of the check `env` start from.
namespace doctor::test::env_world {

/// A healthy compose service "web" with a required secret, an optional number and a public URL.
inline void healthy(World& world) {
  world.service("web");
  world.container("web");
  auto& key = world.secret("web", "APP_KEY");
  key.rule.required = true;
  key.rule.length = 32;
  key.rule.examples = {"change_me"};
  key.running = key.configured;
  key.written = key.configured;
  key.written_at = Place{".env", 2, 1};
  key.reach = Reach::passed;
  auto& size = world.plain("web", "MAX_SIZE", "100");
  size.rule.form = "integer";
  size.rule.least = 1;
  size.rule.most = 1000;
  size.rule.fallback = "100";
  size.running = size.configured;
  auto& url = world.plain("web", "PUBLIC_URL", "https://app.example.org");
  url.rule.role = "public-url";
  url.running = url.configured;
  auto& level = world.plain("web", "LOG", "info,http=warn");
  level.rule.noisy = {"debug", "trace"};
  level.running = level.configured;
  world.secrets_are_well();
  world.file("/srv/app/.env", 0600);
}

inline Setting& changed(World& world, const std::string& name, const std::string& value) {
  auto& setting = world.setting("web", name);
  setting.configured = Value::plain(value);
  setting.running = setting.configured;
  return setting;
}

/// A line of .env that is not what the process gets.
inline Setting& written(World& world, const std::string& name, const std::string& value, Reach reach) {
  auto& setting = world.setting("web", name);
  setting.written = Value::plain(value);
  setting.written_at = Place{".env", 7, 1};
  setting.reach = reach;
  if (reach == Reach::pinned) setting.passed_at = Place{"docker-compose.yml", 14, 7};
  world.says(setting, "reaches-as-written", false);
  return setting;
}

inline void bare_process(World& world) {
  world.deployment.compose_file.clear();
  world.process("web");
  auto& path = world.plain("web", "PATH", "/usr/bin");
  path.described = false;
  path.running = path.configured;
  auto& key = world.secret("web", "APP_KEY");
  key.rule.required = true;
  key.written = key.configured;
  key.written_at = Place{".env", 2, 1};
  world.secrets_are_well();
  world.says(key, "applied", false);
  world.file("/srv/app/.env", 0600);
}

}  // namespace doctor::test::env_world
