#include "deployment/what_if.hpp"

#include <algorithm>

#include "redact/secret_reader.hpp"
#include "support/catch.hpp"

using namespace doctor;
using deployment::ChangedSetting;
using deployment::what_if;
using deployment::WhatIf;

namespace {

Setting setting(const std::string& service, const std::string& name, std::optional<Value> value,
                Reach reach = Reach::passed) {
  Setting setting;
  setting.service = service;
  setting.name = name;
  setting.rule.name = name;
  setting.configured = value;
  if (service != "compose") setting.running = value;
  setting.written = value;
  setting.reach = reach;
  setting.rule.secret = value && value->is_secret();
  if (value) setting.written_at = Place{".env", 2, 1};
  return setting;
}

/// As it comes out of a bundle: of secrets there is nothing but that they are.
Deployment recorded() {
  Deployment deployment;
  deployment.directory = "/srv/app";
  deployment.env_file = ".env";
  deployment.compose_file = "compose.yml";
  for (const auto* name : {"app", "db"}) {
    auto& service = deployment.services.emplace_back();
    service.name = name;
    service.place = Place{"compose.yml", 3, 3};
    service.networks = {"default"};
  }
  auto url = setting("app", "DATABASE_URL", Value::secret("[redacted]"), Reach::pinned);
  url.rule.role = "database-url";
  url.passed_at = Place{"compose.yml", 9, 7};
  url.written.reset();
  url.chain = {{"dotenv", ".env:2", "DB_PASSWORD=[redacted]"},
               {"interpolation", "compose.yml:9", "postgres://app:${DB_PASSWORD}@db:${DB_PORT}/app"}};
  url.built_from = {"setting:compose/DB_PASSWORD", "setting:compose/DB_PORT"};
  deployment.settings = {url, setting("app", "LEVEL", Value::plain("info")),
                         setting("compose", "DB_PASSWORD", Value::secret("[redacted]")),
                         setting("compose", "DB_PORT", Value::plain("5433"))};
  DataSource source;
  source.setting = url.subject();
  source.service = "app";
  source.role = "database-url";
  source.scheme = "postgres";
  source.user = "app";
  source.host = "db";
  source.port = 5433;
  source.database = "app";
  source.endpoint = "endpoint:db:5433";
  deployment.data_sources = {source};
  deployment.edges = {{"service:app", "endpoint:db:5433"}, {"service:app", "made up"}};
  return deployment;
}

WhatIf tried(const std::vector<std::string>& overrides) {
  auto result = what_if(recorded(), overrides);
  REQUIRE(result);
  return *std::move(result);
}

const ChangedSetting* find(const WhatIf& result, const std::string& subject) {
  for (const auto& changed : result.changed)
    if (changed.subject == subject) return &changed;
  return nullptr;
}

}  // namespace

TEST_CASE("a setting gets its other value, in files and in what runs") {
  const auto result = tried({"LEVEL=debug"});
  const auto* after = result.deployment.setting("app", "LEVEL");
  CHECK(after->running->text() == "debug");
  CHECK(after->configured->text() == "debug");
  CHECK(after->written->text() == "debug");
  REQUIRE(result.changed.size() == 1);
  CHECK(result.changed[0].by_flag);
  CHECK(result.changed[0].is_known);
  CHECK(result.changed[0].note.empty());
  CHECK(result.deployment.data_sources[0].port == 5433);
}

TEST_CASE("a setting that is new is in force at once: no edit waits to be applied") {
  const auto result = tried({"app.TRACE=on"});
  const auto* after = result.deployment.setting("app", "TRACE");
  REQUIRE(after != nullptr);
  REQUIRE(after->configured);
  REQUIRE(after->running);
  CHECK(after->running->text() == after->configured->text());
}

TEST_CASE("what is built from it changes, and is known when all parts are") {
  const auto result = tried({"DB_PASSWORD=correct-horse-battery", "DB_PORT=5432"});
  const auto* url = find(result, "setting:app/DATABASE_URL");
  REQUIRE(url != nullptr);
  CHECK_FALSE(url->by_flag);
  CHECK(url->is_known);
  const auto& value = result.deployment.setting("app", "DATABASE_URL")->value();
  CHECK(value->is_secret());
  CHECK(SecretReader::reveal(*value) == "postgres://app:correct-horse-battery@db:5432/app");
  REQUIRE(result.deployment.data_sources.size() == 1);
  CHECK(result.deployment.data_sources[0].endpoint == "endpoint:db:5432");
  CHECK(url->shown == "[redacted]");
}

TEST_CASE("what is built from a secret that only the bundle's host knows is not known") {
  const auto result = tried({"compose.DB_PORT=5432"});
  const auto* url = find(result, "setting:app/DATABASE_URL");
  REQUIRE(url != nullptr);
  CHECK_FALSE(url->is_known);
  CHECK(result.deployment.setting("app", "DATABASE_URL")->value()->is_secret());
  // Where it led is the best guess that there is.
  CHECK(result.deployment.data_sources[0].endpoint == "endpoint:db:5433");
}

TEST_CASE("a whole URL moves the data source and its edges, and leaves what it does not know") {
  const auto result = tried({"app.DATABASE_URL=postgres://app:new-password@db:5432/app"});
  REQUIRE(result.deployment.data_sources.size() == 1);
  CHECK(result.deployment.data_sources[0].port == 5432);
  const auto& edges = result.deployment.edges;
  const auto has = [&](const Edge& edge) { return std::find(edges.begin(), edges.end(), edge) != edges.end(); };
  CHECK(has({"service:app", "endpoint:db:5432"}));
  CHECK_FALSE(has({"service:app", "endpoint:db:5433"}));
  CHECK(has({"service:app", "made up"}));
}

TEST_CASE("an edit that would have no effect is said to have none") {
  CHECK_FALSE(find(tried({"DATABASE_URL=postgres://a:b@db/x"}), "setting:app/DATABASE_URL")->note.empty());
  CHECK_FALSE(find(tried({"LEVEL=info"}), "setting:app/LEVEL")->note.empty());  // it has it already
  CHECK_FALSE(find(tried({"NOBODY=1"}), "setting:app/NOBODY")->note.empty());   // nobody reads it
  auto deployment = recorded();
  deployment.settings[1].reach = Reach::not_passed;
  const auto result = what_if(deployment, {"LEVEL=debug"});
  REQUIRE(result);
  CHECK_FALSE(find(*result, "setting:app/LEVEL")->note.empty());
}

TEST_CASE("nonsense in --set is refused") {
  CHECK_FALSE(what_if(recorded(), {"nonsense"}));
  CHECK_FALSE(what_if(recorded(), {"nobody.NAME=1"}));
}

TEST_CASE("values that are built from one another end") {
  auto deployment = recorded();
  deployment.settings[1].built_from = {"setting:compose/DB_PORT"};
  deployment.settings[3].built_from = {"setting:app/LEVEL"};
  const auto result = what_if(deployment, {"compose.DB_PORT=1"});
  REQUIRE(result);
  CHECK(find(*result, "setting:app/LEVEL") != nullptr);
  CHECK_FALSE(find(*result, "setting:app/LEVEL")->is_known);
}
