#include "checks/database/facts.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::database_check {
namespace {

using namespace std::string_view_literals;
using Row = std::vector<Cell>;

// Every question is a constant and reads catalogues only. Columns that are hidden from other roles are NULL.

/// numbackends counts the sessions of all roles; pg_stat_activity hides the kind of those of others.
constexpr auto slots_sql =
    "SELECT sum(numbackends)::bigint - 1, current_setting('max_connections')::bigint"
    " - current_setting('superuser_reserved_connections')::bigint"
    " - coalesce(current_setting('reserved_connections', true), '0')::bigint FROM pg_stat_database"sv;

constexpr auto recovery_sql = "SELECT pg_is_in_recovery()"sv;

constexpr auto blocked_sql =
    "SELECT pid, (pg_blocking_pids(pid))[1], extract(epoch FROM now() - query_start)::bigint FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query_start < now() - interval '5 seconds'"
    " AND cardinality(pg_blocking_pids(pid)) > 0 ORDER BY query_start LIMIT 20"sv;

constexpr auto idle_sql =
    "SELECT pid, extract(epoch FROM now() - state_change)::bigint FROM pg_stat_activity"
    " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    " AND state_change < now() - interval '5 minutes' ORDER BY state_change LIMIT 1"sv;

constexpr auto size_sql = "SELECT pg_database_size(current_database())"sv;

/// From the planner's page counts: the exact functions take a lock on each table, which a maintenance job may hold.
constexpr auto largest_sql =
    "SELECT c.relname, (c.relpages::bigint + coalesce(t.relpages, 0)) * current_setting('block_size')::bigint"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid"
    " WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " ORDER BY 2 DESC LIMIT 5"sv;

constexpr auto privileges_sql =
    "SELECT has_schema_privilege(current_user, 'public', 'USAGE'),"
    " has_schema_privilege(current_user, 'public', 'CREATE')"sv;

/// The only row's value, where exactly one is expected.
template <class T>
Outcome<T> single(Outcome<std::vector<T>> rows) {
  if (!rows) return Failed{rows.error()};
  if (rows->size() == 1) return rows->front();
  ProbeFailure failure;
  failure.kind = FailureKind::protocol_error;
  failure.detail = "an answer of another shape than the question";
  return Failed{failure};
}

/// std::vector<bool> has no references to its elements; one struct avoids it.
struct Truth {
  bool value = false;
};

Outcome<bool> ask_recovery(const Context& context, const SourceFacts& facts) {
  const auto answer =
      single(rows_as(context, facts, recovery_sql, 1, [](const Row& row) { return Truth{truth(row[0])}; }));
  if (!answer) return Failed{answer.error()};
  return answer->value;
}

Outcome<Size> ask_size(const Context& context, const SourceFacts& facts) {
  auto size = single(rows_as(context, facts, size_sql, 1, [](const Row& row) {
    return Size{static_cast<std::uint64_t>(std::max<std::int64_t>(number(row[0]), 0)), {}};
  }));
  const auto tables = rows_as(context, facts, largest_sql, 2, [](const Row& row) {
    const auto bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(number(row[1]), 0));
    return formats::shown(text(row[0]), 60) + " " + formats::bytes(bytes);
  });
  if (size && tables) size->largest = formats::join(*tables, ", ");
  return size;
}

/// The free space where the database lies, when it runs in a container of this deployment.
std::optional<std::uint64_t> ask_free_space(const Context& context, const SourceFacts& facts) {
  const auto& disks = context.deployment.disks;
  auto disk = disks.find("database");
  if (disk == disks.end()) disk = disks.find("docker");
  if (facts.rule.oversized_bytes == 0 || disk == disks.end()) return std::nullopt;
  const auto file_system = context.ask(FileSystemQuestion{disk->second});
  if (!file_system) return std::nullopt;  // the check of disks says why
  return file_system->available;
}

}  // namespace

std::int64_t number(const Cell& cell) {
  return cell ? formats::integer(*cell).value_or(0) : 0;
}

void ask_server(const Context& context, SourceFacts& facts) {
  if ((*facts.session)->read_only) facts.in_recovery = ask_recovery(context, facts);
  facts.slots = single(rows_as(context, facts, slots_sql, 2, [](const Row& row) {
    return Slots{number(row[0]), number(row[1])};
  }));
  facts.blocked_sessions = rows_as(context, facts, blocked_sql, 3, [](const Row& row) {
    return BlockedSession{text(row[0]), text(row[1]), number(row[2])};
  });
  facts.idle = rows_as(context, facts, idle_sql, 2, [](const Row& row) {
    return IdleTransaction{text(row[0]), number(row[1])};
  });
  facts.size = ask_size(context, facts);
  facts.free_bytes = ask_free_space(context, facts);
  if (!facts.described) return;
  facts.privileges = single(rows_as(context, facts, privileges_sql, 2, [](const Row& row) {
    return Privileges{truth(row[0]), truth(row[1])};
  }));
  if (facts.rule.migrations.kind == "sqlx") facts.migrations = ask_migrations(context, facts);
  if (facts.rule.migrations.kind == "filename") facts.named_migrations = ask_named_migrations(context, facts);
  if (!facts.rule.tables.empty() || !facts.rule.columns.empty()) facts.lacking = ask_schema(context, facts);
  ask_expectations(context, facts);
}

}  // namespace doctor::checks::database_check
