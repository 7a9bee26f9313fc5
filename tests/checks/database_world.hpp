#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/scenarios.hpp"

/// A service with a PostgreSQL that is well, for the scenarios of the check `database`.
namespace doctor::test::database_world {

using Cell = std::optional<std::string>;
using Rows = std::vector<std::vector<Cell>>;

inline const std::string server = "endpoint:db:5432";
inline const std::string setting = "setting:web/DATABASE_URL";

/// The answer to the question whose SQL contains `part`.
inline void rows(World& world, const std::string& part, Outcome<PostgresRowsAnswer> answer) {
  world.fakes.on<PostgresRowsQuestion>().answer_if(
      [part](const PostgresRowsQuestion& question) { return question.sql.find(part) != std::string::npos; },
      std::move(answer));
}

inline void rows(World& world, const std::string& part, Rows values) {
  PostgresRowsAnswer answer;
  if (!values.empty()) answer.columns.assign(values.front().size(), "c");
  answer.rows = std::move(values);
  rows(world, part, Outcome<PostgresRowsAnswer>{answer});
}

inline void session(World& world, Outcome<PostgresSessionAnswer> answer) {
  world.fakes.on<PostgresSessionQuestion>().answer_all(std::move(answer));
}

inline PostgresSessionAnswer login() {
  PostgresSessionAnswer answer;
  answer.version = 170002;
  answer.version_text = "17.2 (Debian 17.2-1)";
  answer.address = "127.0.0.1:5432";
  answer.user = "app";
  answer.database = "chatalot";
  return answer;
}

/// A data source that a description knows nothing about, and a server that is well.
inline void plain(World& world) {
  world.service("web");
  auto& url = world.secret("web", "DATABASE_URL");
  url.rule.role = "database-url";
  url.passed_at = Place{"docker-compose.yml", 14, 7};
  DataSource source;
  source.setting = setting;
  source.service = "web";
  source.role = "database-url";
  source.user = "app";
  source.host = "db";
  source.port = 5432;
  source.database = "chatalot";
  source.endpoint = server;
  source.dial.host = "127.0.0.1";
  source.dial.port = 5432;
  source.dial.vantage = "host";
  world.deployment.data_sources = {source};
  session(world, login());
  rows(world, "sum(numbackends)", Rows{{"12", "97"}});
  rows(world, "pg_blocking_pids", Rows{});
  rows(world, "idle in transaction", Rows{});
  rows(world, "pg_database_size", Rows{{"9600000"}});
  rows(world, "relpages", Rows{{"messages", "5000000"}, {"files", "1000000"}});
  rows(world, "pg_is_in_recovery", Rows{{"f"}});
}

inline void files(World& world, std::vector<DirectoryEntry> entries) {
  DirectoryAnswer answer;
  answer.entries = std::move(entries);
  world.fakes.on<DirectoryQuestion>().answer_all(answer);
}

inline DirectoryEntry migration(const std::string& name, const std::string& digest, bool crlf = false) {
  DirectoryEntry entry;
  entry.name = name;
  entry.digest = digest;
  entry.crlf = crlf;
  return entry;
}

}  // namespace doctor::test::database_world
