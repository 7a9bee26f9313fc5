#include "doctor/format/sql_objects.hpp"

#include "support/catch.hpp"

using doctor::formats::created_objects;

namespace {

/// "table agents", "column agents.kind"
std::vector<std::string> names(std::string_view sql) {
  std::vector<std::string> names;
  for (const auto& object : created_objects(sql))
    names.push_back(object.kind + " " + object.name + (object.column.empty() ? "" : "." + object.column));
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("what a script creates") {
  CHECK(names("CREATE TABLE agents (id text);") == Names{"table agents"});
  CHECK(names("create table Agents (id text)") == Names{"table agents"});
  CHECK(names("CREATE UNLOGGED TABLE app.jobs (id int);") == Names{"table app.jobs"});
  CHECK(names("CREATE UNIQUE INDEX CONCURRENTLY by_id ON agents (id);") == Names{"index by_id"});
  CHECK(names("CREATE MATERIALIZED VIEW sums AS SELECT 1;") == Names{"view sums"});
  CHECK(names("CREATE SEQUENCE numbers;CREATE VIEW v AS SELECT 1") == Names{"sequence numbers", "view v"});
  CHECK(names("CREATE TABLE \"User's \"\"Table\"\"\" (id int);") == Names{"table \"User's \"\"Table\"\"\""});
}

TEST_CASE("columns that are added") {
  CHECK(names("ALTER TABLE agents ADD COLUMN kind text NOT NULL DEFAULT 'a, b' CHECK (kind IN ('x', 'y'));") ==
        Names{"column agents.kind"});
  CHECK(
      names("ALTER TABLE ONLY agents ADD kind text, ADD COLUMN age numeric(3, 1), ADD CONSTRAINT c CHECK (age > 0)") ==
      Names{"column agents.kind", "column agents.age"});
  CHECK(names("ALTER TABLE IF EXISTS public.agents ADD \"Kind\" text") == Names{"column public.agents.Kind"});
  CHECK(names("ALTER TABLE agents ADD UNIQUE (id)").empty());
  CHECK(names("ALTER TABLE agents ALTER COLUMN kind SET DEFAULT 'add'").empty());
}

TEST_CASE("what may be there already is left out") {
  CHECK(names("CREATE TABLE IF NOT EXISTS agents (id text);").empty());
  CHECK(names("CREATE INDEX IF NOT EXISTS by_id ON agents (id);").empty());
  CHECK(names("CREATE INDEX ON agents (id);").empty());
  CHECK(names("CREATE OR REPLACE VIEW v AS SELECT 1").empty());
  CHECK(names("CREATE TEMP TABLE t (id int);CREATE LOCAL TEMPORARY TABLE t (id int)").empty());
  CHECK(names("ALTER TABLE agents ADD COLUMN IF NOT EXISTS kind text").empty());
  CHECK(names("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$").empty());
}

TEST_CASE("what the script makes room for is left out") {
  CHECK(names("DROP TABLE IF EXISTS a, b CASCADE; CREATE TABLE a (id int); CREATE TABLE c (id int)") ==
        Names{"table c"});
  CHECK(names("ALTER TABLE a RENAME TO a_old; CREATE TABLE a (id int)").empty());
  CHECK(names("ALTER TABLE a DROP COLUMN IF EXISTS x; ALTER TABLE a ADD x int, ADD y int") == Names{"column a.y"});
  CHECK(names("ALTER TABLE a RENAME COLUMN x TO y; ALTER TABLE a ADD x int").empty());
}

TEST_CASE("strings, comments and functions are no statements") {
  CHECK(names("-- CREATE TABLE a (id int);\nCREATE TABLE b (id int);") == Names{"table b"});
  CHECK(names("/* CREATE TABLE a; /* nested */ CREATE TABLE a2; */ CREATE TABLE b (id int);") == Names{"table b"});
  CHECK(names("SELECT 'x; CREATE TABLE a (id int); it''s'; CREATE TABLE b (id int)") == Names{"table b"});
  CHECK(names("SELECT E'x\\'; CREATE TABLE a (id int);'; CREATE TABLE b (id int)") == Names{"table b"});
  CHECK(names("DO $do$ BEGIN CREATE TABLE a (id int); $$ END $do$; CREATE TABLE b (id int)") == Names{"table b"});
  CHECK(names("\\set x 'CREATE'\n  \\i other.sql\nCREATE TABLE b (id int);") == Names{"table b"});
  CHECK(names("SELECT $1; CREATE TABLE b (id int)") == Names{"table b"});
}

TEST_CASE("scripts that end in the middle") {
  CHECK(names("").empty());
  CHECK(names("\xEF\xBB\xBF"
              "CREATE TABLE b (id int)") == Names{"table b"});
  CHECK(names("CREATE").empty());
  CHECK(names("CREATE TABLE").empty());
  CHECK(names("CREATE TABLE a").size() == 1);
  CHECK(names("ALTER TABLE a ADD").empty());
  CHECK(names("ALTER TABLE a ADD x int, ").size() == 1);
  CHECK(names("SELECT 'CREATE TABLE a").empty());
  CHECK(names("$tag$ CREATE TABLE a").empty());
  CHECK(names("/* CREATE TABLE a").empty());
  CHECK(names("CREATE TABLE \"").size() == 1);
  CHECK(names(std::string_view("CREATE\0TABLE a (id int)", 23)) == Names{"table a"});
}

TEST_CASE("the bounds of a script") {
  std::string many;
  for (int i = 0; i < 1500; ++i) many += "CREATE TABLE t" + std::to_string(i) + " (id int);";
  CHECK(created_objects(many).size() == doctor::formats::most_sql_objects);
  const std::string padding(doctor::formats::most_sql_bytes, ' ');
  CHECK(created_objects(padding + "CREATE TABLE a (id int)").empty());
}
