#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

/// "web" on two networks, "db" on the internal one; "tunnel" is switched off.
void healthy(World& world) {
  world.service("web").networks = {"outside", "inside"};
  world.service("db").networks = {"inside"};
  world.service("tunnel").enabled = false;
  Network outside;
  outside.name = "outside";
  Network inside;
  inside.name = "inside";
  inside.internal = true;
  world.deployment.networks = {outside, inside};
}

void problem(World& world, const std::string& code, std::map<std::string, std::string> evidence) {
  world.deployment.problems.push_back({code, "file:docker-compose.yml", {"docker-compose.yml", 4, 5}, evidence});
}

void external(World& world, std::optional<bool> exists) {
  healthy(world);
  auto& network = world.deployment.networks.front();
  network.external = true;
  network.exists = exists;
}

const bool added = add_scenarios(
    "compose",
    {
        {"a healthy project is silent", healthy, {}, {}},
        {"what the reader of the files found",
         [](World& world) {
           healthy(world);
           const std::string file = "docker-compose.yml";
           const std::string where = "docker-compose.yml:4";
           problem(world, "compose-file-invalid", {{"file", file}, {"where", where}, {"reason", "bad indentation"}});
           problem(world, "compose-file-unreadable", {{"file", file}, {"reason", "EACCES"}});
           problem(world, "compose-file-missing", {{"file", "x.yml"}, {"where", where}});
           problem(world, "compose-key-duplicated",
                   {{"key", "db"}, {"file", file}, {"where", where}, {"first", "docker-compose.yml:2"}});
           problem(world, "compose-variable-required", {{"variable", "A"}, {"where", where}, {"message", "set it"}});
           problem(world, "compose-variable-unset", {{"variable", "A"}, {"where", where}});
           problem(world, "compose-dependency-undefined",
                   {{"service", "web"}, {"dependency", "db"}, {"where", where}, {"state", "disabled"}});
           problem(world, "compose-network-undefined", {{"service", "web"}, {"network", "x"}, {"where", where}});
           problem(world, "compose-reference-undefined",
                   {{"service", "web"}, {"kind", "volume"}, {"name", "x"}, {"where", where}});
           problem(world, "compose-secret-missing", {{"secret", "key"}, {"file", "k.pem"}, {"where", where}});
           problem(world, "compose-network-external-missing", {{"network", "web"}, {"where", where}});
           problem(world, "compose-network-not-shared",
                   {{"service", "web"}, {"other", "db"}, {"networks", "a"}, {"other_networks", "b"}});
           problem(world, "compose-port-duplicated",
                   {{"service", "web"}, {"port", "8080"}, {"ports", "3000, 8080"}, {"where", where}});
           problem(world, "compose-port-conflict",
                   {{"port", "80"}, {"service", "web"}, {"other", "proxy"}, {"where", where}});
           problem(world, "compose-port-unreachable",
                   {{"service", "db"}, {"port", "5432"}, {"network", "inside"}, {"where", where}});
           problem(world, "compose-project-renamed", {{"volume", "v"}, {"older", "old_v"}, {"project", "old"}});
           problem(world, "env-file-missing", {});
         },
         {"compose-file-invalid file:docker-compose.yml", "compose-file-unreadable file:docker-compose.yml",
          "compose-file-missing file:docker-compose.yml", "compose-key-duplicated file:docker-compose.yml",
          "compose-variable-required file:docker-compose.yml", "compose-variable-unset file:docker-compose.yml",
          "compose-dependency-undefined file:docker-compose.yml", "compose-network-undefined file:docker-compose.yml",
          "compose-reference-undefined file:docker-compose.yml", "compose-secret-missing file:docker-compose.yml",
          "compose-network-external-missing file:docker-compose.yml",
          "compose-network-not-shared file:docker-compose.yml", "compose-port-duplicated file:docker-compose.yml",
          "compose-port-conflict file:docker-compose.yml", "compose-port-unreachable file:docker-compose.yml",
          "compose-project-renamed file:docker-compose.yml"},
         {}},
        {"an external network that is there", [](World& world) { external(world, true); }, {}, {}},
        {"an external network that only a switched-off service joins",
         [](World& world) {
           external(world, std::nullopt);
           world.deployment.engine_note = "no right to ask the Docker Engine";
           world.service("web").networks = {"inside", "elsewhere"};
           world.service("tunnel").networks = {"outside"};
         },
         {},
         {}},
        {"the engine could not be asked",
         [](World& world) {
           external(world, std::nullopt);
           world.deployment.engine_note = "no right to ask the Docker Engine";
         },
         {},
         {"service:web"}},
        {"no compose file", [](World& world) { world.deployment.compose_file.clear(); }, {}, {}},
    });

TEST_CASE("compose judges the project", "[compose]") {
  expect_scenarios("compose");
}

TEST_CASE("compose says that there is nothing to look at", "[compose]") {
  World world;
  world.deployment.compose_file.clear();
  CHECK(run_check(check_named("compose"), world).skipped.size() == 1);
}

TEST_CASE("compose keeps the place of what was found", "[compose]") {
  World world;
  healthy(world);
  problem(world, "compose-file-unreadable", {{"file", "docker-compose.yml"}, {"reason", "EACCES"}});
  const auto judgement = run_check(check_named("compose"), world);
  REQUIRE(judgement.findings.size() == 1);
  CHECK(judgement.findings.front().evidence.front().source == "docker-compose.yml:4");
  CHECK(judgement.healthy.empty());
}

TEST_CASE("compose refuses a problem with a code that it does not know", "[compose]") {
  World world;
  problem(world, "compose-something-else", {});
  CHECK_THROWS_AS(run_check(check_named("compose"), world), std::logic_error);
}

TEST_CASE("compose counts what is switched off", "[compose]") {
  World world;
  healthy(world);
  const auto judgement = run_check(check_named("compose"), world);
  REQUIRE(judgement.healthy.size() == 1);
  CHECK(judgement.healthy.front().figure == "2 services, 1 switched off by profiles");
}

}  // namespace
}  // namespace doctor::test
