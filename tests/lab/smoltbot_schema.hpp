#pragma once

#include <string>
#include <vector>

namespace doctor::lab {

/// A file of database/migrations.
struct SchemaFile {
  std::string name;
  std::string sql;
};

/// All of them, in order: applied one after the other they make the database that the gateway works with.
const std::vector<SchemaFile>& smoltbot_migrations();

/// The table in which the migration runner keeps what it has applied, and a row for a file.
std::string migrations_table();
std::string migration_row(const std::string& file);

}  // namespace doctor::lab
