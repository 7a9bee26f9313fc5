// A REST front end that works with an old picture of its database.
#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string store = "endpoint:gate:store";

/// A front end of the deployment's own that does not know a table, and the database that it reads.
void unknown_table(World& world, const std::string& code = "PGRST205") {
  world.service("gate");
  DatabaseRule rule;
  rule.setting = "DB_URI";
  rule.tables = {"agents", "cards"};
  world.service("rest").rule.database = rule;
  DataSource source;
  source.setting = "setting:rest/DB_URI";
  source.service = "rest";
  source.endpoint = "endpoint:db:5432";
  source.dial.host = "10.0.0.5";
  source.dial.port = 5432;
  source.dial.vantage = "host";
  world.deployment.data_sources = {source};
  Upstream upstream;
  upstream.service = "gate";
  upstream.id = "store";
  upstream.endpoint = store;
  upstream.host = "rest";
  upstream.port = 3000;
  upstream.url = "http://rest:3000/agents";
  upstream.vantage = "host";
  upstream.own = true;
  upstream.rule.id = "store";
  AnswerRule missing;
  missing.status = {404};
  missing.violated = "table-missing";
  upstream.rule.answers = {missing};
  world.deployment.upstreams = {upstream};
  HttpAnswer answer;
  answer.status = 404;
  answer.headers = {{"content-type", "application/json"}};
  answer.body = R"({"code":")" + code + R"(","message":"no such table"})";
  world.fakes.on<HttpQuestion>().answer_all(answer);
}

void database_lacks(World& world, const std::vector<std::string>& tables) {
  PostgresRowsAnswer answer;
  answer.columns = {"t"};
  for (const auto& table : tables) answer.rows.push_back({table});
  world.fakes.on<PostgresRowsQuestion>().answer_all(answer);
}

Scenario says(const std::string& name, std::function<void(World&)> arrange, const std::string& code) {
  return {name, std::move(arrange), {code + " " + store}, {}};
}

const bool added = add_scenarios(
    "upstream",
    {
        says(
            "the database has what the front end does not know",
            [](World& world) {
              unknown_table(world);
              database_lacks(world, {});
            },
            "upstream-schema-outdated"),
        says(
            "neither has it",
            [](World& world) {
              unknown_table(world);
              database_lacks(world, {"cards"});
            },
            "upstream-answer-unexpected"),
        says(
            "nobody sees the database", [](World& world) { unknown_table(world); }, "upstream-answer-unexpected"),
        says(
            "the database itself says so",
            [](World& world) {
              unknown_table(world, "42P01");
              database_lacks(world, {});
            },
            "upstream-answer-unexpected"),
        says(
            "somebody else's front end",
            [](World& world) {
              unknown_table(world);
              database_lacks(world, {});
              world.deployment.upstreams.front().own = false;
            },
            "upstream-answer-unexpected"),
    });

TEST_CASE("upstream names the database that has the tables", "[upstream]") {
  World world;
  unknown_table(world);
  database_lacks(world, {});
  const auto judgement = run_check(check_named("upstream"), world);
  CHECK(evidence_of(judgement, "upstream-schema-outdated", "database") == "10.0.0.5:5432");
  CHECK(judgement.findings.front().entry.empty());
}

}  // namespace
}  // namespace doctor::test
