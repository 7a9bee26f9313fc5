#include <algorithm>
#include <array>
#include <map>

#include "checks/database/facts.hpp"
#include "doctor/codes/database.hpp"
#include "doctor/format/text.hpp"
#include "doctor/migrations.hpp"

namespace doctor::checks::database_check {
namespace {

using namespace std::string_view_literals;
using Row = std::vector<Cell>;

// sqlx: one table, one row a migration, the SHA-384 of the file as checksum, and an advisory lock while it migrates.

constexpr auto sqlx_table = "_sqlx_migrations"sv;
constexpr auto holders_sql =
    "SELECT l.pid, a.application_name, extract(epoch FROM now() - coalesce(a.xact_start, a.state_change))::bigint"
    " FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND l.classid::bigint = $1::bigint AND l.objid::bigint = $2::bigint"sv;

/// CRC-32 of ISO 3309, as zlib computes it.
std::uint32_t crc32(std::string_view text) {
  constexpr std::uint32_t polynomial = 0xedb88320;
  std::uint32_t crc = 0xffffffff;
  for (const char letter : text) {
    crc ^= static_cast<unsigned char>(letter);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? polynomial : 0U);
  }
  return ~crc;
}

/// The two halves of sqlx's lock for a database, as pg_locks shows them.
std::vector<std::string> lock_of(std::string_view database) {
  constexpr std::uint64_t factor = 0x3d32ad9e;
  const std::uint64_t id = factor * crc32(database);
  return {std::to_string(id >> 32), std::to_string(id & 0xffffffff)};
}

struct Truth {
  bool value = false;
};

Outcome<bool> ask_table(const Context& context, const SourceFacts& facts) {
  const auto rows = rows_as(context, facts, migration_queries(facts.rule.migrations).exists, 1,
                            [](const Row& row) { return Truth{truth(row[0])}; }, {std::string{sqlx_table}});
  if (!rows) return Failed{rows.error()};
  return !rows->empty() && rows->front().value;
}

/// "0007_messages.sql" or "7_messages.up.sql"; nothing for other files.
std::optional<MigrationFile> migration_file(const DirectoryEntry& entry) {
  const auto underscore = entry.name.find('_');
  if (underscore == std::string::npos || !entry.name.ends_with(".sql") || entry.name.ends_with(".down.sql"))
    return std::nullopt;
  const auto version = formats::integer(std::string_view{entry.name}.substr(0, underscore));
  if (!version || *version < 0) return std::nullopt;
  return MigrationFile{*version, entry.name, entry.digest, entry.crlf};
}

Outcome<std::vector<MigrationFile>> ask_files(const Context& context, const MigrationsRule& rule) {
  std::vector<MigrationFile> files;
  if (rule.directory.empty()) return files;
  const auto path = context.deployment.directory + "/" + rule.directory;
  const auto directory = context.ask(DirectoryQuestion{path, "sha384"});
  if (!directory && directory.error().kind == FailureKind::not_found) return files;
  if (!directory) return Failed{directory.error()};
  for (const auto& entry : directory->entries)
    if (auto file = migration_file(entry)) files.push_back(std::move(*file));
  return files;
}

/// sqlx refuses to start on migrations that it does not know: who has been up for a minute knows them.
bool settled(const Context& context, const std::string& name) {
  constexpr std::int64_t a_minute = 60;
  const auto* service = context.deployment.service(name);
  if (service == nullptr) return false;
  std::int64_t started = 0;
  if (service->process) started = service->process->started;
  if (service->container && service->container->status == "running") started = service->container->started;
  if (started == 0) return false;
  const auto clock = context.ask(ClockQuestion{});
  return clock && clock->now - started > a_minute;
}

std::int64_t newest(const std::vector<AppliedMigration>& applied) {
  return applied.empty() ? 0 : applied.back().version;
}

std::int64_t newest(const std::vector<MigrationFile>& files) {
  std::int64_t version = 0;
  for (const auto& file : files) version = std::max(version, file.version);
  return version;
}

class Judge {
 public:
  Judge(const SourceFacts& facts, Judgement& out) : facts_{facts}, migrations_{*facts.migrations}, out_{out} {}

  void all() {
    judge_lock();
    const auto* exists = value_of(facts_, migrations_.table_exists, out_);
    if (exists == nullptr) return;
    if (!*exists && migrations_.never_started)
      return out_.skipped.push_back(
          {facts_.source.endpoint, "its tables are made by the first start of " + facts_.source.service});
    if (!*exists) return report(codes::database_migrations_missing, {table("table")});
    if (migrations_.applied && !*migrations_.applied && migrations_.applied->error().code == "42501")
      return report(codes::database_privilege_missing,
                    {seen(facts_, "user", formats::shown((*facts_.session)->user)),
                     seen(facts_, "object", "table " + std::string{sqlx_table}), seen(facts_, "privilege", "SELECT")});
    const auto* applied = value_of(facts_, migrations_.applied, out_);
    const auto* files = value_of(facts_, migrations_.files, out_);
    if (applied == nullptr) return;
    judge_failures(*applied);
    judge_versions(*applied, files == nullptr ? std::vector<MigrationFile>{} : *files);
    if (files != nullptr) judge_checksums(*applied, *files);
  }

 private:
  void report(Code code, std::vector<Evidence> evidence) {
    out_.findings.emplace_back(code, facts_.source.endpoint, std::move(evidence));
  }
  Evidence table(std::string name) const { return seen(facts_, std::move(name), std::string{sqlx_table}); }
  Evidence row(std::string name, std::string value) const {
    return seen(facts_, std::move(name), std::move(value), std::string{sqlx_table});
  }

  void judge_lock() {
    constexpr std::int64_t long_enough = 10;
    const auto* holders = value_of(facts_, migrations_.holders, out_);
    if (holders == nullptr) return;
    for (const auto& holder : *holders) {
      if (holder.held && *holder.held <= long_enough) continue;
      const auto waited = holder.held ? formats::duration(*holder.held) : std::string{"not known"};
      return report(codes::database_migration_lock_held,
                    {seen(facts_, "pid", formats::shown(holder.pid), "pg_locks"),
                     seen(facts_, "waited", waited, "pg_stat_activity"),
                     seen(facts_, "application", formats::shown(holder.application), "pg_stat_activity")});
    }
  }

  void judge_failures(const std::vector<AppliedMigration>& applied) {
    for (const auto& one : applied)
      if (!one.success)
        report(codes::database_migration_failed, {row("version", std::to_string(one.version)),
                                                  row("description", formats::shown(one.description)), table("table")});
  }

  void judge_versions(const std::vector<AppliedMigration>& applied, const std::vector<MigrationFile>& files) {
    const auto in_database = newest(applied);
    const auto in_files = newest(files);
    if (in_files > in_database)
      report(codes::database_migration_pending,
             {row("applied", std::to_string(in_database)),
              {"expected", std::to_string(in_files), migrations_.rule.directory, "host"},
              {"directory", migrations_.rule.directory, {}, "host"}});
    const auto known = std::max<std::int64_t>(in_files, migrations_.rule.latest);
    const bool a_newer_release = files.empty() && migrations_.server_settled;
    if (known > 0 && in_database > known && !a_newer_release)
      report(codes::database_migration_unknown,
             {row("version", std::to_string(in_database)),
              {"known", std::to_string(known), in_files > 0 ? migrations_.rule.directory : std::string{}, "host"}});
  }

  void judge_checksums(const std::vector<AppliedMigration>& applied, const std::vector<MigrationFile>& files) {
    std::map<std::int64_t, std::string> checksums;
    for (const auto& one : applied) checksums[one.version] = one.checksum;
    std::vector<std::string> versions;
    std::vector<std::string> names;
    bool line_endings = true;
    for (const auto& file : files) {
      const auto known = checksums.find(file.version);
      if (known == checksums.end() || file.digest.empty() || known->second == file.digest) continue;
      versions.push_back(std::to_string(file.version));
      names.push_back(formats::shown(file.name, 60));
      line_endings = line_endings && file.crlf;
    }
    if (names.empty()) return;
    constexpr std::size_t most_names = 5;
    if (names.size() > most_names) {
      names.resize(most_names);
      versions.resize(most_names);
    }
    const auto& directory = migrations_.rule.directory;
    report(codes::database_migration_changed,
           {row("version", formats::join(versions, ", ")),
            {"file", formats::join(names, ", "), directory, "host"},
            {"reason", line_endings ? "line-endings" : "content", directory, "host"}});
  }

  const SourceFacts& facts_;
  const MigrationFacts& migrations_;
  Judgement& out_;
};

}  // namespace

bool has_never_started(const Context& context, const std::string& name) {
  const auto* service = context.deployment.service(name);
  return service != nullptr && service->container && service->container->started == 0;
}

MigrationFacts ask_migrations(const Context& context, const SourceFacts& facts) {
  MigrationFacts migrations;
  migrations.rule = facts.rule.migrations;
  migrations.holders = rows_as(
      context, facts, holders_sql, 3,
      [](const Row& row) {
        return LockHolder{text(row[0]), text(row[1]), row[2] ? std::optional{number(row[2])} : std::nullopt};
      },
      lock_of((*facts.session)->database));
  migrations.never_started = has_never_started(context, facts.source.service);
  migrations.table_exists = ask_table(context, facts);
  if (!*migrations.table_exists || !**migrations.table_exists) return migrations;
  const auto queries = migration_queries(migrations.rule);
  migrations.applied = rows_as(context, facts, queries.applied, queries.columns, [](const Row& row) {
    return AppliedMigration{number(row[0]), text(row[1]), truth(row[2]), text(row[3])};
  });
  migrations.files = ask_files(context, migrations.rule);
  migrations.server_settled = settled(context, facts.source.service);
  return migrations;
}

void judge_migrations(const SourceFacts& facts, Judgement& out) {
  if (facts.migrations) Judge{facts, out}.all();
}

}  // namespace doctor::checks::database_check
