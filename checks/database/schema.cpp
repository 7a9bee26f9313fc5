#include <algorithm>

#include "checks/database/facts.hpp"
#include "doctor/codes/database.hpp"
#include "doctor/format/text.hpp"
#include "doctor/tables.hpp"

namespace doctor::checks::database_check {
namespace {

using namespace std::string_view_literals;
using Row = std::vector<Cell>;
using Names = std::vector<std::string>;

// Catalogues only: they show tables that the login may not read.

/// Of tables that exist.
constexpr auto columns_sql =
    "SELECT t || '.' || c FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w(t, c, n)"
    " WHERE to_regclass(t) IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass(t)"
    " AND attname = c AND attnum > 0 AND NOT attisdropped) ORDER BY n"sv;

Outcome<Names> ask_names(const Context& context, const SourceFacts& facts, std::string_view sql, Names parameters) {
  return rows_as(
      context, facts, sql, 1, [](const Row& row) { return text(row[0]); }, std::move(parameters));
}

void report(const SourceFacts& facts, Code code, const std::string& name, const Names& lacking, Judgement& out) {
  out.findings.emplace_back(code, facts.source.endpoint,
                            std::vector<Evidence>{seen(facts, name, formats::join(lacking, ", "), "pg_catalog"),
                                                  seen(facts, "database", formats::shown(session_of(facts).database)),
                                                  seen(facts, "user", formats::shown(session_of(facts).user))});
}

/// A login that may not use the schema sees nothing in it, and that has its own finding.
bool is_blind(const SourceFacts& facts) {
  return facts.privileges && *facts.privileges && !(*facts.privileges)->use_schema;
}

/// When no migration was ever applied, that is the whole story.
bool is_told(const SourceFacts& facts) {
  if (!facts.named_migrations) return false;
  const auto& exists = facts.named_migrations->table_exists;
  return exists && *exists && !**exists;
}

}  // namespace

Outcome<SchemaFacts> ask_schema(const Context& context, const SourceFacts& facts) {
  SchemaFacts lacking;
  auto tables = ask_missing_tables(context, facts.source, facts.rule.tables);
  if (!tables) return Failed{tables.error()};
  lacking.tables = std::move(*tables);
  Names of;
  Names names;
  for (const auto& column : facts.rule.columns) {
    const auto dot = column.rfind('.');
    if (dot == std::string::npos) continue;
    of.push_back(column.substr(0, dot));
    names.push_back(column.substr(dot + 1));
  }
  if (of.empty()) return lacking;
  auto columns = ask_names(context, facts, columns_sql, {array_of(of), array_of(names)});
  if (!columns) return Failed{columns.error()};
  lacking.columns = std::move(*columns);
  return lacking;
}

void judge_schema(const SourceFacts& facts, Judgement& out) {
  if (is_blind(facts) || is_told(facts)) return;
  const auto* lacking = value_of(facts, facts.lacking, out);
  if (lacking == nullptr) return;
  if (!lacking->tables.empty()) report(facts, codes::database_table_missing, "table", lacking->tables, out);
  if (!lacking->columns.empty()) report(facts, codes::database_column_missing, "column", lacking->columns, out);
}

}  // namespace doctor::checks::database_check
