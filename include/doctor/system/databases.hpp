#pragma once

#include <cstdint>
#include <string>
#include <vector>

// What a system description says about a database. Part of doctor/system.hpp, which tells what `each_field` is
// for.

namespace doctor {

/// The migrations table of a database.
struct MigrationsRule {
  std::string kind;       ///< "sqlx", "filename" (one row per file: filename, applied_at) ... ; empty: none
  std::string table;      ///< "_sqlx_migrations"
  std::string directory;  ///< where the source tree keeps them, relative to the deployment; may be missing there
  std::string container_directory;
  int latest = 0;  ///< the newest version the described release knows; 0: not known
};

template <class Field>
constexpr void each_field(Field&& field, MigrationsRule& rule) {
  field("kind", rule.kind);
  field("table", rule.table);
  field("directory", rule.directory);
  field("container_directory", rule.container_directory);
  field("latest", rule.latest);
}

struct DatabaseRule {
  std::string setting;      ///< the setting of the service with the URL
  int minimum_version = 0;  ///< server_version_num; 0: any
  int pool = 0;             ///< connections that one instance of the service may open; 0: not known
  MigrationsRule migrations;
  std::vector<std::string> tables;   ///< that must exist, "agents"
  std::vector<std::string> columns;  ///< that must exist, "agents.nudge_strategy"
  std::int64_t oversized_bytes =
      0;  ///< a database larger than this deserves a look when it also exceeds the free space; 0: never
};

template <class Field>
constexpr void each_field(Field&& field, DatabaseRule& rule) {
  field("setting", rule.setting);
  field("minimum_version", rule.minimum_version);
  field("pool", rule.pool);
  field("migrations", rule.migrations);
  field("tables", rule.tables);
  field("columns", rule.columns);
  field("oversized_bytes", rule.oversized_bytes);
}

}  // namespace doctor
