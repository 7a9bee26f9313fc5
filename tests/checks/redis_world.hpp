#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/scenarios.hpp"

/// A service with a Redis that is well, for the scenarios of the check `redis`.
namespace doctor::test::redis_world {

using Words = std::vector<std::string>;

inline const std::string server = "endpoint:redis:6379";
inline const std::string setting = "setting:web/REDIS_URL";

/// The answer to one command.
inline void says(World& world, const Words& command, Outcome<RedisReplyAnswer> answer) {
  world.fakes.on<RedisReplyQuestion>().answer_if(
      [command](const RedisReplyQuestion& question) { return question.command == command; }, std::move(answer));
}

inline RedisReplyAnswer text(const std::string& value, std::chrono::milliseconds took = {}) {
  return {"string", value, {}, took};
}

inline void session(World& world, Outcome<RedisSessionAnswer> answer) {
  world.fakes.on<RedisSessionQuestion>().answer_all(std::move(answer));
}

inline RedisSessionAnswer login() {
  RedisSessionAnswer answer;
  answer.version = "7.0.15";
  answer.address = "127.0.0.1:6379";
  return answer;
}

inline constexpr auto well =
    "# Server\r\nredis_version:7.0.15\r\n# Clients\r\nconnected_clients:4\r\nmaxclients:10000\r\n"
    "# Memory\r\nused_memory:1200000\r\nmaxmemory:256000000\r\nmaxmemory_policy:noeviction\r\n"
    "mem_not_counted_for_evict:0\r\n# Persistence\r\nrdb_last_bgsave_status:ok\r\naof_last_write_status:ok\r\n"
    "aof_last_bgrewrite_status:ok\r\n# Stats\r\nevicted_keys:0\r\n# Replication\r\nrole:master\r\n"
    "# Keyspace\r\ndb0:keys=12,expires=3,avg_ttl=0\r\n";

/// INFO of a server that is well, but for one line.
inline std::string info(const std::string& line = {}) {
  std::string lines = well;
  if (line.empty()) return lines;
  const auto name = line.substr(0, line.find(':') + 1);
  const auto begin = lines.find("\n" + name);
  if (begin == std::string::npos) return lines + line + "\r\n";
  const auto end = lines.find("\r\n", begin + 1);
  return lines.substr(0, begin + 1) + line + lines.substr(end);
}

inline DataSource source_of(const std::string& name) {
  DataSource source;
  source.setting = "setting:web/" + name;
  source.service = "web";
  source.role = "redis-url";
  source.scheme = "redis";
  source.host = "redis";
  source.port = 6379;
  source.database = "0";
  source.endpoint = server;
  source.dial.host = "127.0.0.1";
  source.dial.port = 6379;
  source.dial.vantage = "host";
  return source;
}

/// A server that is well, and a service that nobody described.
inline void healthy(World& world) {
  world.service("web");
  auto& url = world.secret("web", "REDIS_URL");
  url.rule.role = "redis-url";
  url.passed_at = Place{"docker-compose.yml", 14, 7};
  world.deployment.redis = {source_of("REDIS_URL")};
  session(world, login());
  says(world, {"INFO"}, text(info()));
  says(world, {"INFO", "server"}, text("redis_version:7.0.15\r\n"));
  says(world, {"PING"}, text("PONG"));
  says(world, {"TIME"}, RedisReplyAnswer{"array", "", {"1770000000", "1"}, {}});
  says(world, {"CONFIG", "GET", "protected-mode"}, RedisReplyAnswer{"array", "", {"protected-mode", "yes"}, {}});
}

inline Failed answered(const std::string& code, FailureKind kind = FailureKind::refused,
                       const std::string& detail = "words") {
  auto failure = failed(kind, code, "127.0.0.1:6379", detail);
  failure.value().phase = "answer";
  return failure;
}

}  // namespace doctor::test::redis_world
