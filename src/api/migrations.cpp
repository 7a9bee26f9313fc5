#include "doctor/migrations.hpp"

namespace doctor {
namespace {

/// "schema.table" of the description, each part quoted.
std::string quoted_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '.')
      quoted += "\".\"";
    else
      quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + "\"";
}

constexpr auto exists_sql = "SELECT to_regclass($1) IS NOT NULL";

/// sqlx knows one table only.
constexpr auto sqlx_sql =
    "SELECT version, description, success, encode(checksum, 'hex'), to_jsonb(m)->>'installed_on'"
    " FROM _sqlx_migrations m ORDER BY version";

}  // namespace

MigrationQueries migration_queries(const MigrationsRule& rule) {
  if (rule.kind == "sqlx") return {exists_sql, sqlx_sql, 5};
  if (rule.kind == "filename")
    return {exists_sql,
            "SELECT filename, to_jsonb(m)->>'applied_at' FROM " + quoted_name(rule.table) +
                " m ORDER BY filename LIMIT 10000",
            2};
  return {};
}

}  // namespace doctor
