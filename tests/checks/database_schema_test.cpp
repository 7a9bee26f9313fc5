// Migrations that are noted by file name, and the tables that an application needs.
#include <algorithm>

#include "checks/database_world.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace database_world;

const std::string directory = "/srv/app/sql";

Rows named(const std::vector<std::string>& names) {
  Rows all;
  for (const auto& name : names) all.push_back({name});
  return all;
}

void script(World& world, const std::string& name, const std::string& sql) {
  world.text(directory + "/" + name, sql);
}

void applied(World& world, const std::vector<std::string>& names) {
  Rows all;
  for (const auto& name : names) all.push_back({name, "2026-02-01T10:00:00"});
  rows(world, "SELECT filename", all);
}

void files_are(World& world, const std::vector<std::string>& names) {
  std::vector<DirectoryEntry> entries;
  for (const auto& name : names) entries.push_back(migration(name, ""));
  files(world, entries);
}

/// Two files that are both applied, and tables and columns that exist.
void healthy(World& world) {
  plain(world);
  DatabaseRule rule;
  rule.setting = "DATABASE_URL";
  rule.tables = {"agents", "cards"};
  rule.columns = {"agents.strategy"};
  rule.migrations.kind = "filename";
  rule.migrations.table = "_schema_migrations";
  rule.migrations.directory = "sql";
  world.service("web").rule.database = rule;
  rows(world, "has_schema_privilege", Rows{{"t", "f"}});
  rows(world, "SELECT to_regclass($1)", Rows{{"t"}});
  rows(world, "to_regclass(t) IS NULL", Rows{});
  rows(world, "SELECT t || '.' || c", Rows{});
  rows(world, "SELECT o.n", Rows{});
  applied(world, {"001_agents.sql", "002_strategy.sql"});
  files_are(world, {"001_agents.sql", "002_strategy.sql", "README.md"});
}

void no_record(World& world) {
  healthy(world);
  rows(world, "SELECT to_regclass($1)", Rows{{"f"}});
}

void no_tables(World& world) {
  rows(world, "to_regclass(t) IS NULL", named({"agents", "cards"}));
}

void one_waits(World& world) {
  healthy(world);
  applied(world, {"001_agents.sql"});
  script(world, "002_strategy.sql",
         "ALTER TABLE agents ADD COLUMN strategy text;\nCREATE TABLE nudges (id text);\nCREATE TABLE IF NOT EXISTS x "
         "(i int);");
}

Scenario says(const std::string& name, std::function<void(World&)> arrange, std::vector<std::string> codes) {
  for (auto& code : codes) code += " " + server;
  return {name, std::move(arrange), std::move(codes), {}};
}

const bool added = add_scenarios(
    "database", {
                    says("all that is noted is there", healthy, {}),
                    says("a file that waits", one_waits, {"database-migration-pending"}),
                    says("nothing is noted, and nothing is there",
                         [](World& world) {
                           healthy(world);
                           applied(world, {});
                           no_tables(world);
                         },
                         {"database-migration-pending", "database-table-missing"}),
                    says("a file in the middle was left out",
                         [](World& world) {
                           healthy(world);
                           applied(world, {"002_strategy.sql"});
                         },
                         {"database-migration-skipped"}),
                    says("a file that left something behind",
                         [](World& world) {
                           one_waits(world);
                           rows(world, "SELECT o.n", Rows{{"1"}});
                         },
                         {"database-migration-unrecorded"}),
                    says("a row whose file is gone",
                         [](World& world) {
                           healthy(world);
                           applied(world, {"001_agents.sql", "002_strategy.sql", "003_later.sql"});
                         },
                         {"database-migration-unknown"}),
                    says("without the source tree, rows in an unbroken row",
                         [](World& world) {
                           healthy(world);
                           files_are(world, {});
                         },
                         {}),
                    says("without the source tree, a number is missing",
                         [](World& world) {
                           healthy(world);
                           world.fakes.on<DirectoryQuestion>().answer_all(failed(FailureKind::not_found));
                           applied(world, {"000_base.sql", "001_a.sql", "003_c.sql"});
                         },
                         {"database-migration-skipped"}),
                    says("numbers that do not count one by one",
                         [](World& world) {
                           healthy(world);
                           files_are(world, {});
                           applied(world, {"0010_a.sql", "0020_b.sql", "0030_c.sql"});
                         },
                         {}),
                    says("dates are no numbers",
                         [](World& world) {
                           healthy(world);
                           files_are(world, {});
                           applied(world, {"20240101_a.sql", "20240301_b.sql"});
                         },
                         {}),
                    says("no record, and no tables",
                         [](World& world) {
                           no_record(world);
                           no_tables(world);
                         },
                         {"database-migrations-missing"}),
                    says("no record, and all tables", no_record, {}),
                    says("no record, and a service that has never started",
                         [](World& world) {
                           no_record(world);
                           no_tables(world);
                           world.container("web").started = 0;
                         },
                         {}),
                    says("a record, and a table that is gone",
                         [](World& world) {
                           healthy(world);
                           rows(world, "to_regclass(t) IS NULL", named({"cards"}));
                         },
                         {"database-table-missing"}),
                    says("a column that is gone",
                         [](World& world) {
                           healthy(world);
                           rows(world, "SELECT t || '.' || c", named({"agents.strategy"}));
                         },
                         {"database-column-missing"}),
                    says("who may not use the schema sees nothing in it",
                         [](World& world) {
                           healthy(world);
                           no_tables(world);
                           rows(world, "has_schema_privilege", Rows{{"f", "f"}});
                         },
                         {"database-privilege-missing"}),
                    says("who has the files at hand must be able to create",
                         [](World& world) {
                           healthy(world);
                           world.service("web").rule.database->migrations.container_directory = "/app/sql";
                         },
                         {"database-privilege-missing"}),
                    {"who only works with the tables need not see the record",
                     [](World& world) {
                       healthy(world);
                       rows(world, "SELECT filename", failed(FailureKind::permission_denied, "42501"));
                     },
                     {},
                     {server}},
                    says("who migrates must see the record",
                         [](World& world) {
                           healthy(world);
                           world.service("web").rule.database->migrations.container_directory = "/app/sql";
                           rows(world, "has_schema_privilege", Rows{{"t", "t"}});
                           rows(world, "SELECT filename", failed(FailureKind::permission_denied, "42501"));
                         },
                         {"database-privilege-missing"}),
                    {"the files cannot be listed",
                     [](World& world) {
                       healthy(world);
                       world.fakes.on<DirectoryQuestion>().answer_all(failed(FailureKind::permission_denied, "EACCES"));
                     },
                     {},
                     {server}},
                    {"the catalogue does not answer",
                     [](World& world) {
                       healthy(world);
                       rows(world, "to_regclass(t) IS NULL", failed(FailureKind::timed_out, "57014"));
                     },
                     {},
                     {server}},
                });

TEST_CASE("the evidence of migrations that are noted by name", "[database]") {
  World world;
  one_waits(world);
  rows(world, "SELECT o.n", Rows{{"1"}});
  const auto judgement = run_check(check_named("database"), world);
  const auto evidence = [&](const std::string& name) {
    return evidence_of(judgement, "database-migration-unrecorded", name);
  };
  CHECK(evidence("file") == "002_strategy.sql");
  CHECK(evidence("present") == "column agents.strategy");
  CHECK(evidence("absent") == "table nudges");
}

TEST_CASE("names from files are bound, not written into a question", "[database]") {
  World world;
  one_waits(world);
  script(world, "002_strategy.sql", "CREATE TABLE \"a\"\"; DROP TABLE agents; --\" (id int);");
  run_check(check_named("database"), world);
  const auto asked = world.fakes.on<PostgresRowsQuestion>().asked();
  const auto found = std::find_if(asked.begin(), asked.end(), [](const auto& question) {
    return question.sql.find("SELECT o.n") != std::string::npos;
  });
  REQUIRE(found != asked.end());
  CHECK(found->sql.find("DROP") == std::string::npos);
  CHECK(found->parameters == std::vector<std::string>{"{\"\\\"a\\\"\\\"; DROP TABLE agents; --\\\"\"}", "{\"\"}"});
}

TEST_CASE("the figure of a database whose migrations are noted by name", "[database]") {
  World world;
  healthy(world);
  const auto judgement = run_check(check_named("database"), world);
  REQUIRE(judgement.healthy.size() == 1);
  CHECK(judgement.healthy.front().figure.ends_with(", 2 migrations"));
}

}  // namespace
}  // namespace doctor::test
