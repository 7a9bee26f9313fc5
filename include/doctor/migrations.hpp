#pragma once

#include <string>

#include "doctor/system.hpp"

/// What a database is asked about the migrations that it has had: one wording, so that whoever asks gets the answer
/// that was given already.
namespace doctor {

/// SELECT statements for one table of migrations.
struct MigrationQueries {
  std::string exists;   ///< gives one boolean; the table's name is bound to $1 of it
  std::string applied;  ///< one row for each migration, oldest first; the last column is the time, as text or NULL
  /// Columns of `applied`. sqlx: version, description, success, checksum (hexadecimal), time. filename: filename, time.
  std::size_t columns = 0;
};

/// Of a rule whose kind is not known: everything empty. The time comes out of the row as JSON (ISO 8601), so that a
/// table without such a column, or with one of another type, is still read.
MigrationQueries migration_queries(const MigrationsRule& rule);

}  // namespace doctor
