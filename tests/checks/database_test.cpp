#include <algorithm>

#include "checks/database_world.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace database_world;

const Cell at = "2026-02-01T10:00:00.5+00:00";

Rows applied() {
  return {{"1", "users", "t", "aa", at}, {"2", "identity keys", "t", "bb", at}};
}

/// The same with rules for the server and its migrations.
void healthy(World& world) {
  plain(world);
  DatabaseRule rule;
  rule.setting = "DATABASE_URL";
  rule.minimum_version = 130000;
  rule.pool = 50;
  rule.oversized_bytes = 5'000'000'000;
  rule.migrations.kind = "sqlx";
  rule.migrations.table = "_sqlx_migrations";
  rule.migrations.directory = "migrations";
  rule.migrations.latest = 2;
  world.service("web").rule.database = rule;
  rows(world, "has_schema_privilege", Rows{{"t", "t"}});
  rows(world, "to_regclass", Rows{{"t"}});
  rows(world, "FROM _sqlx_migrations", applied());
  rows(world, "pg_locks", Rows{});
  files(world, {migration("0001_users.sql", "aa"), migration("0002_identity_keys.sql", "bb"),
                migration("0002_identity_keys.down.sql", "zz"), migration("README.md", "zz")});
  world.deployment.disks["docker"] = "/var/lib/docker";
  FileSystemAnswer disk;
  disk.total = 100'000'000'000;
  disk.available = 4'000'000'000;
  world.fakes.on<FileSystemQuestion>().answer_all(disk);
}

/// A description that expects no upload outside the storage path, and a database that counts some.
void expects(World& world, const Cell& count) {
  world.plain("web", "UPLOADS", "/data");
  Expectation expectation;
  expectation.sql = "SELECT count(*), min(path) FROM files WHERE NOT starts_with(path, $1)";
  expectation.parameters = {"UPLOADS"};
  expectation.most = 0;
  expectation.violated = "web-uploads-lost";
  expectation.subject = "setting:web/UPLOADS";
  world.service("web").rule.expect = {expectation};
  rows(world, "FROM files", Rows{{count, "/old/1"}});
}

Scenario refused(const std::string& name, Failed failure, const std::string& finding) {
  return {name,
          [failure](World& world) {
            healthy(world);
            session(world, failure);
          },
          {finding},
          {}};
}

Failed sqlstate(FailureKind kind, const std::string& state) {
  return failed(kind, state, "127.0.0.1:5432", "the server's words");
}

const bool added = add_scenarios(
    "database",
    {
        {"a healthy database is silent", healthy, {}, {}},
        {"so is one that nobody described", plain, {}, {}},
        {"no database at all", [](World&) {}, {}, {}},
        {"a URL that cannot be read",
         [](World& world) {
           healthy(world);
           world.deployment.data_sources.front().problem = "the port is not a number";
         },
         {"database-url-invalid " + setting},
         {}},
        refused("the probe cannot read it either", failed(FailureKind::protocol_error, "invalid-url"),
                "database-url-invalid " + setting),
        refused("no such name", failed(FailureKind::name_not_resolved, "EAI_NONAME"),
                "database-name-not-resolved " + server),
        refused("nothing listens", failed(FailureKind::refused, "ECONNREFUSED"), "database-refused " + server),
        refused("silence", failed(FailureKind::timed_out, "", "", "", std::chrono::seconds{3}),
                "database-no-answer " + server),
        refused("no route", failed(FailureKind::unreachable, "EHOSTUNREACH"), "database-unreachable " + server),
        refused("something else answers", failed(FailureKind::protocol_error, "not-postgresql"),
                "database-protocol-error " + server),
        refused("too much before the login", failed(FailureKind::too_large), "database-protocol-error " + server),
        refused("no TLS", failed(FailureKind::tls_rejected, "tls-not-offered"), "database-tls-rejected " + server),
        refused("wrong password", sqlstate(FailureKind::auth_rejected, "28P01"), "database-auth-failed " + setting),
        refused("no password", failed(FailureKind::auth_rejected, "no-password"), "database-auth-failed " + setting),
        refused("no entry in pg_hba.conf", sqlstate(FailureKind::auth_rejected, "28000"),
                "database-access-denied " + setting),
        {"no entry in pg_hba.conf for a client without TLS",
         [](World& world) {
           healthy(world);
           world.deployment.data_sources.front().tls_mode = "disable";
           auto failure = sqlstate(FailureKind::auth_rejected, "28000");
           failure.value().detail = "no pg_hba.conf entry for host \"10.0.0.7\", user \"app\", no encryption";
           session(world, failure);
         },
         {"database-tls-required " + setting},
         {}},
        refused("no right to connect", sqlstate(FailureKind::auth_rejected, "42501"),
                "database-access-denied " + setting),
        refused("no such database", sqlstate(FailureKind::not_found, "3D000"), "database-missing " + setting),
        refused("starting up", sqlstate(FailureKind::refused, "57P03"), "database-starting " + server),
        refused("no slot left", sqlstate(FailureKind::refused, "53300"),
                "database-connections-exhausted " + server),
        {"an administrator still gets in when all slots are taken",
         [](World& world) {
           healthy(world);
           rows(world, "sum(numbackends)", Rows{{"97", "97"}});
         },
         {"database-connections-exhausted " + server},
         {}},
        {"few slots left",
         [](World& world) {
           healthy(world);
           rows(world, "sum(numbackends)", Rows{{"80", "97"}});
         },
         {"database-connections-high " + server},
         {}},
        {"a pool larger than the server",
         [](World& world) {
           healthy(world);
           rows(world, "sum(numbackends)", Rows{{"2", "17"}});
         },
         {"database-pool-exceeds-limit " + server},
         {}},
        {"an old server",
         [](World& world) {
           healthy(world);
           auto old = login();
           old.version = 120004;
           session(world, old);
         },
         {"database-version-too-old " + server},
         {}},
        {"no right to create tables",
         [](World& world) {
           healthy(world);
           rows(world, "has_schema_privilege", Rows{{"t", "f"}});
         },
         {"database-privilege-missing " + server},
         {}},
        {"no right to create tables and none needed",
         [](World& world) {
           healthy(world);
           world.service("web").rule.database->migrations = {};
           rows(world, "has_schema_privilege", Rows{{"t", "f"}});
         },
         {},
         {}},
        {"the table of migrations belongs to somebody else",
         [](World& world) {
           healthy(world);
           rows(world, "FROM _sqlx_migrations",
                Outcome<PostgresRowsAnswer>{failed(FailureKind::auth_rejected, "42501")});
         },
         {"database-privilege-missing " + server},
         {}},
        {"a standby",
         [](World& world) {
           healthy(world);
           auto standby = login();
           standby.read_only = true;
           session(world, standby);
           rows(world, "pg_is_in_recovery", Rows{{"t"}});
         },
         {"database-read-only " + server},
         {}},
        {"nothing was ever migrated, since the service has not started yet",
         [](World& world) {
           healthy(world);
           rows(world, "to_regclass", Rows{{"f"}});
           auto& container = world.container("web");
           container.status = "created";
           container.started = 0;
         },
         {},
         {}},
        {"nothing was ever migrated",
         [](World& world) {
           healthy(world);
           rows(world, "to_regclass", Rows{{"f"}});
         },
         {"database-migrations-missing " + server},
         {}},
        {"a migration failed",
         [](World& world) {
           healthy(world);
           rows(world, "FROM _sqlx_migrations", Rows{{"1", "users", "t", "aa", at}, {"2", "identity keys", "f", "bb", at}});
         },
         {"database-migration-failed " + server},
         {}},
        {"a migration is pending",
         [](World& world) {
           healthy(world);
           rows(world, "FROM _sqlx_migrations", Rows{{"1", "users", "t", "aa", at}});
         },
         {"database-migration-pending " + server},
         {}},
        {"an older release without its source tree has nothing pending",
         [](World& world) {
           healthy(world);
           rows(world, "FROM _sqlx_migrations", Rows{{"1", "users", "t", "aa", at}});
           world.fakes.on<DirectoryQuestion>().answer_all(failed(FailureKind::not_found, "ENOENT"));
         },
         {},
         {}},
        {"a migration that nobody knows",
         [](World& world) {
           healthy(world);
           auto more = applied();
           more.push_back({"3", "future", "t", "cc", at});
           rows(world, "FROM _sqlx_migrations", more);
         },
         {"database-migration-unknown " + server},
         {}},
        {"a newer release that has been up for an hour knows its migrations",
         [](World& world) {
           healthy(world);
           auto more = applied();
           more.push_back({"3", "future", "t", "cc", at});
           rows(world, "FROM _sqlx_migrations", more);
           files(world, {});
           world.container("web");
         },
         {},
         {}},
        {"an applied file was edited",
         [](World& world) {
           healthy(world);
           files(world, {migration("0001_users.sql", "changed"), migration("0002_identity_keys.sql", "bb")});
         },
         {"database-migration-changed " + server},
         {}},
        {"somebody holds the lock of the migrations",
         [](World& world) {
           healthy(world);
           rows(world, "pg_locks", Rows{{"815", "psql", "300"}});
           rows(world, "pg_blocking_pids", Rows{{"900", "815", "120"}});
         },
         {"database-migration-lock-held " + server},
         {}},
        {"a migration that is under way",
         [](World& world) {
           healthy(world);
           rows(world, "pg_locks", Rows{{"815", "app", "2"}});
         },
         {},
         {}},
        {"a session waits for another",
         [](World& world) {
           healthy(world);
           rows(world, "pg_blocking_pids", Rows{{"900", "815", "120"}, {"901", "900", "60"}});
         },
         {"database-session-blocked " + server},
         {}},
        {"a transaction that nobody ends",
         [](World& world) {
           healthy(world);
           rows(world, "idle in transaction", Rows{{"815", "3600"}});
         },
         {"database-transaction-idle " + server},
         {}},
        {"larger than the room that is left",
         [](World& world) {
           healthy(world);
           rows(world, "pg_database_size", Rows{{"6000000000"}});
         },
         {"database-oversized " + server},
         {}},
        {"large, with room for twice as much",
         [](World& world) {
           healthy(world);
           rows(world, "pg_database_size", Rows{{"6000000000"}});
           FileSystemAnswer disk;
           disk.available = 50'000'000'000;
           world.fakes.on<FileSystemQuestion>().answer_all(disk);
         },
         {},
         {}},
        {"data as the description expects it",
         [](World& world) {
           healthy(world);
           expects(world, "0");
         },
         {},
         {}},
        {"data that the description does not expect",
         [](World& world) {
           healthy(world);
           expects(world, "3");
         },
         {"database-expectation-failed setting:web/UPLOADS"},
         {}},
        {"no number where one is expected",
         [](World& world) {
           healthy(world);
           expects(world, std::nullopt);
         },
         {"database-expectation-failed setting:web/UPLOADS"},
         {}},
        {"a release without that table",
         [](World& world) {
           healthy(world);
           expects(world, "0");
           rows(world, "FROM files", Outcome<PostgresRowsAnswer>{failed(FailureKind::not_found, "42P01")});
         },
         {},
         {}},
        {"no right to read the table",
         [](World& world) {
           healthy(world);
           expects(world, "0");
           rows(world, "FROM files", Outcome<PostgresRowsAnswer>{failed(FailureKind::auth_rejected, "42501")});
         },
         {},
         {server}},
        {"no way to get there",
         [](World& world) {
           healthy(world);
           world.deployment.data_sources.front().dial.reason = "only reachable inside the network of the project";
         },
         {},
         {server}},
        {"the bundle does not say",
         [](World& world) {
           healthy(world);
           session(world, failed(FailureKind::not_recorded));
         },
         {},
         {server}},
        {"one refused question does not stop the others",
         [](World& world) {
           healthy(world);
           rows(world, "pg_blocking_pids", Outcome<PostgresRowsAnswer>{failed(FailureKind::auth_rejected, "42501")});
           rows(world, "FROM _sqlx_migrations", Rows{{"1", "users", "f", "aa", at}, {"2", "identity keys", "t", "bb", at}});
         },
         {"database-migration-failed " + server},
         {server}},
        {"an answer of another shape is no health",
         [](World& world) {
           healthy(world);
           rows(world, "sum(numbackends)", Rows{{"12"}});
         },
         {},
         {server}},
    });

TEST_CASE("database judges the server behind a URL", "[database]") {
  expect_scenarios("database");
}

TEST_CASE("database shows what it found", "[database]") {
  World world;
  healthy(world);
  const auto judgement = run_check(check_named("database"), world);
  REQUIRE(judgement.healthy.size() == 1);
  CHECK(judgement.healthy.front().figure == "PostgreSQL 17.2, 12 of 97 connections, 2 of 2 migrations");
}

TEST_CASE("database asks for the lock that sqlx takes", "[database]") {
  World world;
  healthy(world);
  run_check(check_named("database"), world);
  const auto asked = world.fakes.on<PostgresRowsQuestion>().asked();
  const auto lock = std::find_if(asked.begin(), asked.end(), [](const PostgresRowsQuestion& question) {
    return question.sql.find("pg_locks") != std::string::npos;
  });
  REQUIRE(lock != asked.end());
  CHECK(lock->parameters == std::vector<std::string>{"239629686", "3462846248"});
}

TEST_CASE("database tells line endings from edits", "[database]") {
  World world;
  healthy(world);
  files(world, {migration("0001_users.sql", "xx", true), migration("0002_identity_keys.sql", "yy", true)});
  auto judgement = run_check(check_named("database"), world);
  CHECK(evidence_of(judgement, "database-migration-changed", "reason") == "line-endings");
  CHECK(evidence_of(judgement, "database-migration-changed", "version") == "1, 2");
  World edited;
  healthy(edited);
  files(edited, {migration("0001_users.sql", "xx", true), migration("0002_identity_keys.sql", "yy")});
  judgement = run_check(check_named("database"), edited);
  CHECK(evidence_of(judgement, "database-migration-changed", "reason") == "content");
}

TEST_CASE("database binds settings to what the description asks, and never a secret", "[database]") {
  World world;
  healthy(world);
  expects(world, "3");
  world.service("web").rule.expect.front().parameters = {"UPLOADS", "DATABASE_URL", "UNKNOWN"};
  const auto judgement = run_check(check_named("database"), world);
  const auto asked = world.fakes.on<PostgresRowsQuestion>().asked();
  const auto question = std::find_if(asked.begin(), asked.end(), [](const PostgresRowsQuestion& one) {
    return one.sql.find("FROM files") != std::string::npos;
  });
  REQUIRE(question != asked.end());
  CHECK(question->parameters == std::vector<std::string>{"/data", "", ""});
  CHECK(judgement.findings.front().entry == "web-uploads-lost");
  CHECK(evidence_of(judgement, "database-expectation-failed", "value") == "3");
  CHECK(evidence_of(judgement, "database-expectation-failed", "expected") == "at most 0");
  CHECK(evidence_of(judgement, "database-expectation-failed", "example") == "/old/1");
}

TEST_CASE("database judges a key without seeing what it opens", "[database]") {
  World world;
  healthy(world);
  expects(world, "0");
  auto& expectation = world.service("web").rule.expect.front();
  expectation.opens = "KEY";
  const auto says = [&](Outcome<SecretAnswer> answer) {
    world.fakes.on<SecretQuestion>().answer({"setting:web/KEY", "opens", expectation.sql}, std::move(answer));
    return run_check(check_named("database"), world);
  };
  CHECK(says(SecretAnswer{true, ""}).findings.empty());
  const auto judgement = says(SecretAnswer{false, "2 of 3 do not fit"});
  CHECK(codes_and_subjects(judgement) == std::vector<std::string>{"database-expectation-failed setting:web/UPLOADS"});
  CHECK(evidence_of(judgement, "database-expectation-failed", "value") == "2 of 3 do not fit");
  CHECK(says(failed(FailureKind::not_found, "unset")).unexamined.empty());
  CHECK(says(failed(FailureKind::auth_rejected, "42501")).unexamined.size() == 1);
  for (const auto& question : world.fakes.on<PostgresRowsQuestion>().asked())
    CHECK(question.sql.find("FROM files") == std::string::npos);
}

TEST_CASE("database compares with a value, a least and a most", "[database]") {
  const auto is_well = [](const Expectation& wanted, const std::string& value) {
    World world;
    healthy(world);
    expects(world, value);
    auto& expectation = world.service("web").rule.expect.front();
    expectation.value = wanted.value;
    expectation.least = wanted.least;
    expectation.most = wanted.most;
    return run_check(check_named("database"), world).findings.empty();
  };
  Expectation exact;
  exact.value = "on";
  CHECK(is_well(exact, "on"));
  CHECK_FALSE(is_well(exact, "off"));
  Expectation range;
  range.least = 1;
  range.most = 5;
  CHECK(is_well(range, "1"));
  CHECK(is_well(range, "5"));
  CHECK_FALSE(is_well(range, "0"));
  CHECK_FALSE(is_well(range, "6"));
  CHECK_FALSE(is_well(range, "many"));
}

TEST_CASE("database names the address that was really tried", "[database]") {
  World world;
  healthy(world);
  session(world, failed(FailureKind::refused, "ECONNREFUSED", "172.20.0.2:5432"));
  const auto judgement = run_check(check_named("database"), world);
  CHECK(evidence_of(judgement, "database-refused", "address") == "172.20.0.2:5432");
  CHECK(evidence_of(judgement, "database-refused", "setting") == "DATABASE_URL");
}

}  // namespace
}  // namespace doctor::test
