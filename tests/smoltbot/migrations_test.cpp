// The schema behind smoltbot's REST front end, and the record of its migrations.

#include "lab/smoltbot_lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

std::string server(SmoltbotLab& lab) {
  return "endpoint:database:" + std::to_string(lab.postgres().port());
}

Root about(SmoltbotLab& lab, const std::string& entry, const std::string& code) {
  return {entry, code, "database", server(lab)};
}

}  // namespace

TEST_CASE("no migration was ever applied", "[migrations]") {
  SmoltbotLab lab;
  lab.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION smoltbot");
  lab.start();
  expect_roots(check(lab), {about(lab, "smoltbot-migration-pending", "database-migrations-missing")}, 1);
}

TEST_CASE("a table that the gateway needs is gone", "[migrations]") {
  SmoltbotLab lab;
  lab.sql("DROP TABLE agents CASCADE");
  lab.start();
  lab.post("/anthropic/v1/messages", "{}", {"x-api-key: sk-ant-lab"});
  expect_roots(check(lab), {about(lab, "smoltbot-migration-pending", "database-table-missing")}, 1);
}

TEST_CASE("the newest migration was not applied", "[migrations]") {
  SmoltbotLab lab;
  lab.sql("ALTER TABLE agents DROP COLUMN nudge_strategy; DELETE FROM _schema_migrations WHERE filename LIKE '001%'");
  lab.start();
  const auto result = check(lab);
  expect_roots(result, {about(lab, "smoltbot-migration-pending", "database-migration-pending")}, 1);
  CHECK(result.evidence("smoltbot-migration-pending", "expected") == "001_add_nudge_strategy.sql");
  CHECK(result.evidence("smoltbot-migration-pending", "column") == "agents.nudge_strategy");
}

TEST_CASE("a row of a migration that has no file", "[migrations]") {
  SmoltbotLab lab;
  lab.sql("INSERT INTO _schema_migrations (filename) VALUES ('002_from_another_release.sql')");
  lab.start();
  expect_roots(check(lab, {"--fail-on", "error"}),
               {about(lab, "smoltbot-migration-state-inconsistent", "database-migration-unknown")}, 0);
}

TEST_CASE("a migration in the middle was left out", "[migrations]") {
  SmoltbotLab lab;
  lab.directory().write("database/migrations/0005_later_added.sql", "CREATE TABLE extras (id text);\n");
  lab.start();
  expect_roots(check(lab, {"--fail-on", "error"}),
               {about(lab, "smoltbot-migration-state-inconsistent", "database-migration-skipped")}, 0);
}

TEST_CASE("a migration that has left its objects behind", "[migrations]") {
  SmoltbotLab lab;
  lab.sql("DELETE FROM _schema_migrations WHERE filename LIKE '001%'");
  lab.start();
  const auto result = check(lab);
  expect_roots(result, {about(lab, "smoltbot-migration-partially-applied", "database-migration-unrecorded")}, 1);
  CHECK(result.evidence("smoltbot-migration-partially-applied", "present") == "column agents.nudge_strategy");
}

TEST_CASE("a REST front end with an old picture of the schema", "[migrations]") {
  SmoltbotLab lab;
  lab.rest("stale");
  lab.start();
  lab.post("/anthropic/v1/messages", "{}", {"x-api-key: sk-ant-lab"});
  expect_roots(check(lab),
               {{"smoltbot-schema-cache-stale", "upstream-schema-outdated", "upstream", "endpoint:gateway:supabase"}},
               1);
}

}  // namespace doctor::lab
