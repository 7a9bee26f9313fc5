#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doctor::lab {

/// One of the 51 migrations of the application, by number and description its own; what it does to the database is one
/// small table, with the columns that doctor reads.
struct Migration {
  int version = 0;
  std::string description;  ///< "identity keys"
  std::string file;         ///< "002_identity_keys.sql"
  std::string sql;
};

const std::vector<Migration>& migrations();

/// SHA-384 in hexadecimal, as the migrations table stores it.
std::string sha384(std::string_view text);

/// The table that holds what was applied.
std::string migrations_table_sql();

/// One transaction: the migration, and its row.
std::string apply_sql(const Migration& migration);

/// Key of the advisory lock under which migrations run, from the name of the database.
long long migration_lock(std::string_view database);

}  // namespace doctor::lab
