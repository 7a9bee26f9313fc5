#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string database = "endpoint:postgres:5432";
const std::string web_port = "endpoint:web:8080";
const std::string web_vantage = "container app-web";
const std::string postgres_vantage = "container app-postgres";

/// Two running containers on one network: web uses PostgreSQL and publishes 8080 as 80. All is well.
void stack(World& world) {
  auto& web = world.container("web");
  web.name = "app-web";
  web.addresses = {{"app_default", "172.20.0.3"}};
  PublishedPort port;
  port.published = 80;
  port.target = 8080;
  web.ports = {port};
  auto& postgres = world.container("postgres");
  postgres.name = "app-postgres";
  postgres.addresses = {{"app_default", "172.20.0.2"}};
  world.service("web").vantage = web_vantage;
  world.service("postgres").vantage = postgres_vantage;
  DataSource source;
  source.setting = "setting:web/DATABASE_URL";
  source.service = "web";
  source.role = "database-url";
  source.host = "postgres";
  source.port = 5432;
  source.endpoint = database;
  world.deployment.data_sources = {source};
  world.fakes.on<ResolveQuestion>().answer({"postgres", web_vantage}, ResolveAnswer{{"172.20.0.2"}});
  world.fakes.on<TcpQuestion>().reply_if([](const TcpQuestion&) { return true; },
                                         [](const TcpQuestion& asked) -> Outcome<TcpAnswer> {
                                           return TcpAnswer{asked.host + ":" + std::to_string(asked.port), {}};
                                         });
}

void refuses(World& world, const TcpQuestion& question) {
  world.fakes.on<TcpQuestion>().answer(question, failed(FailureKind::refused, "ECONNREFUSED"));
}

void no_name(World& world, FailureKind kind, const std::string& host = "postgres") {
  world.fakes.on<ResolveQuestion>().answer({host, web_vantage}, failed(kind, "", "127.0.0.11:53", "no answer"));
}

void outside_database(World& world) {
  stack(world);
  auto& source = world.deployment.data_sources.front();
  source.host = "db.example.com";
  source.endpoint = "endpoint:database:5432";
}

void redis(World& world) {
  stack(world);
  auto source = world.deployment.data_sources.front();
  source.role = "redis-url";
  source.host = "cache";
  source.endpoint = "endpoint:redis:6379";
  world.deployment.redis = {source};
  no_name(world, FailureKind::name_not_resolved, "cache");
}

void apart(World& world) {
  stack(world);
  world.container("postgres").addresses = {{"app_other", "172.21.0.2"}};
}

const bool added = add_scenarios(
    "network", {{"two containers that reach each other", stack, {}, {}},
                {"bare processes", [](World& world) { world.process("web"); }, {}, {}},
                {"containers that doctor may not enter",
                 [](World& world) {
                   stack(world);
                   for (auto& service : world.deployment.services) {
                     service.vantage.clear();
                     service.vantage_note = "only root may enter a container's network";
                   }
                 },
                 {},
                 {}},
                {"no common network", apart, {"network-not-shared service:web"}, {}},
                {"no common network, which the compose file shows too",
                 [](World& world) {
                   apart(world);
                   FileProblem said;
                   said.code = "compose-network-not-shared";
                   said.evidence = {{"service", "web"}, {"other", "postgres"}};
                   world.deployment.problems = {said};
                 },
                 {},
                 {}},
                {"a container that uses the host's network",
                 [](World& world) {
                   stack(world);
                   world.container("web").addresses.clear();
                   world.container("web").ports.clear();
                   world.service("web").vantage = "host";
                 },
                 {},
                 {}},
                {"a service that it talks to by the description",
                 [](World& world) {
                   stack(world);
                   world.deployment.data_sources.clear();
                   world.service("web").rule.talks_to = {"postgres"};
                   no_name(world, FailureKind::name_not_resolved);
                 },
                 {"name-not-resolved-in-container service:postgres"},
                 {}},
                {"the name server knows no such name",
                 [](World& world) {
                   stack(world);
                   no_name(world, FailureKind::name_not_resolved);
                 },
                 {"name-not-resolved-in-container " + database},
                 {}},
                {"the name server is dead",
                 [](World& world) {
                   stack(world);
                   no_name(world, FailureKind::timed_out);
                 },
                 {"name-not-resolved-in-container " + database},
                 {}},
                {"a database elsewhere whose name only the host knows",
                 [](World& world) {
                   outside_database(world);
                   no_name(world, FailureKind::name_not_resolved, "db.example.com");
                   world.fakes.on<ResolveQuestion>().answer({"db.example.com", "host"}, ResolveAnswer{{"192.0.2.5"}});
                 },
                 {"name-not-resolved-in-container endpoint:database:5432"},
                 {}},
                {"the name of a Redis", redis, {"name-not-resolved-in-container endpoint:redis:6379"}, {}},
                {"a database that is stopped has no name, which is no matter of the network",
                 [](World& world) {
                   stack(world);
                   world.container("postgres").status = "exited";
                   no_name(world, FailureKind::name_not_resolved);
                 },
                 {},
                 {}},
                {"a database by its address",
                 [](World& world) {
                   stack(world);
                   world.deployment.data_sources.front().host = "172.20.0.2";
                 },
                 {},
                 {}},
                {"the container has ended meanwhile",
                 [](World& world) {
                   stack(world);
                   no_name(world, FailureKind::permission_denied);
                 },
                 {},
                 {database}},
                {"it listens on loopback",
                 [](World& world) {
                   stack(world);
                   refuses(world, {"172.20.0.3", 8080, web_vantage});
                 },
                 {"network-listens-on-loopback " + web_port},
                 {}},
                {"the database listens on loopback",
                 [](World& world) {
                   stack(world);
                   refuses(world, {"172.20.0.2", 5432, postgres_vantage});
                 },
                 {"network-listens-on-loopback " + database},
                 {}},
                {"it does not listen at all",
                 [](World& world) {
                   stack(world);
                   refuses(world, {"127.0.0.1", 8080, web_vantage});
                   refuses(world, {"127.0.0.1", 80, "host"});
                 },
                 {},
                 {}},
                {"the published port is dead",
                 [](World& world) {
                   stack(world);
                   refuses(world, {"127.0.0.1", 80, "host"});
                 },
                 {"network-published-port-dead " + web_port},
                 {}}});

TEST_CASE("the network check", "[network]") {
  expect_scenarios("network");
}

TEST_CASE("what the host says about a name is asked only for names that mean something there", "[network]") {
  World inside;
  stack(inside);
  no_name(inside, FailureKind::name_not_resolved);
  const auto of_compose = run_check(check_named("network"), inside);
  CHECK(evidence_of(of_compose, "name-not-resolved-in-container", "nameserver") == "127.0.0.11:53");
  for (const auto& question : inside.fakes.on<ResolveQuestion>().asked()) CHECK(question.vantage == web_vantage);

  World outside;
  outside_database(outside);
  no_name(outside, FailureKind::name_not_resolved, "db.example.com");
  outside.fakes.on<ResolveQuestion>().answer({"db.example.com", "host"}, ResolveAnswer{{"192.0.2.5"}});
  const auto elsewhere = run_check(check_named("network"), outside);
  CHECK(evidence_of(elsewhere, "name-not-resolved-in-container", "on_host") == "192.0.2.5");
}

TEST_CASE("nothing is dialled in a container that cannot be entered", "[network]") {
  World world;
  stack(world);
  for (auto& service : world.deployment.services) service.vantage.clear();
  const auto judgement = run_check(check_named("network"), world);
  CHECK(world.fakes.on<TcpQuestion>().asked().empty());
  CHECK(world.fakes.on<ResolveQuestion>().asked().empty());
  CHECK(judgement.skipped.size() == 2);
}

}  // namespace
}  // namespace doctor::test
