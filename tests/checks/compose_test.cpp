#include <utility>

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

/// "web" and "jobs" are built from /srv/app, where there is "src" and no "api".
void built(World& world, const std::string& dockerfile) {
  healthy(world);
  for (const auto* name : {"web", "jobs"}) {
    world.service(name).build = "/srv/app";
    world.service(name).dockerfile = "/srv/app/Dockerfile";
  }
  world.text("/srv/app/Dockerfile", dockerfile);
  world.file("/srv/app/src", 0755);
  FileAnswer missing;
  missing.kind = "missing";
  for (const auto* path : {"/srv/app/api", "/srv/app/api/package.json"})
    world.fakes.on<FileQuestion>().answer(FileQuestion{path}, missing);
}

/// "web" and "jobs" with a role each; only one may schedule.
void jobs(World& world, const std::string& web, const std::string& other) {
  healthy(world);
  SettingRule role;
  role.name = "ROLE";
  role.fallback = "all";
  for (const auto& [name, value] : {std::pair{"web", web}, {"jobs", other}}) {
    world.service(name).rule.settings = {role};
    world.service(name).place = {"docker-compose.yml", 3, 3};
    world.plain(name, "ROLE", value).rule = role;
  }
  world.deployment.description.singletons = {{"scheduler", {"ROLE", {"scheduler", "all"}}, "app-duplicated"}};
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
        {"a service whose output goes to a file",
         [](World& world) {
           healthy(world);
           world.service("web").command = {"sh", "-c", "exec app --serve >> /var/log/app.log 2>&1"};
         },
         {"compose-output-redirected service:web"},
         {}},
        {"a log that cannot be read here",
         [](World& world) { healthy(world), world.service("db").log_driver = "gelf"; },
         {"compose-log-driver-unreadable service:db"},
         {}},
        {"the driver with which the container was created counts",
         [](World& world) {
           healthy(world);
           world.service("db").log_driver = "gelf";
           world.container("db").log_driver = "json-file";
           world.container("web").log_driver = "none";
         },
         {"compose-log-driver-unreadable service:web"},
         {}},
        {"an image that can be built", [](World& world) { built(world, "FROM x\nCOPY src /src\n"); }, {}, {}},
        {"an image whose sources are not all there",
         [](World& world) { built(world, "FROM x\nCOPY src api/package.json /src\nCOPY api /api\n"); },
         {"compose-build-source-missing file:Dockerfile"},
         {}},
        {"an image that was built already",
         [](World& world) {
           built(world, "FROM x\nCOPY api /src\n");
           world.container("web");
           world.container("jobs");
         },
         {},
         {}},
        {"a Dockerfile past all bounds",
         [](World& world) { built(world, std::string(100'002, '\n')); },
         {},
         {"file:Dockerfile"}},
        {"a Dockerfile that is not there",
         [](World& world) {
           built(world, "FROM x\n");
           world.fakes.on<TextQuestion>().answer_all(failed(FailureKind::not_found));
         },
         {},
         {}},
        {"two services do what may be done once",
         [](World& world) { jobs(world, "all", "scheduler"); },
         {"service-duplicated service:jobs"},
         {}},
        {"one service does what may be done once", [](World& world) { jobs(world, "gateway", "scheduler"); }, {}, {}},
        {"one service, twice",
         [](World& world) {
           jobs(world, "gateway", "scheduler");
           world.service("jobs").replicas = 2;
         },
         {"service-duplicated service:jobs"},
         {}},
        {"copies that are not wanted do nothing",
         [](World& world) {
           jobs(world, "all", "scheduler");
           world.service("web").replicas = 0;
         },
         {},
         {}},
        {"two bare processes do what may be done once",
         [](World& world) {
           jobs(world, "all", "all");
           world.deployment.compose_file.clear();
           for (const auto* name : {"web", "jobs"}) {
             world.service(name).place = {};
             world.process(name);
           }
         },
         {"service-duplicated service:jobs"},
         {}},
        {"a bare process that is not there does nothing",
         [](World& world) {
           jobs(world, "all", "all");
           world.deployment.compose_file.clear();
           for (const auto* name : {"web", "jobs"}) world.service(name).place = {};
           world.process("web");
         },
         {},
         {}},
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

TEST_CASE("compose names what a build lacks, and where", "[compose]") {
  World world;
  built(world, "FROM x\nCOPY src /src\nCOPY api/package.json api /api\n");
  const auto judgement = run_check(check_named("compose"), world);
  CHECK(evidence_of(judgement, "compose-build-source-missing", "source") == "api/package.json, api");
  CHECK(evidence_of(judgement, "compose-build-source-missing", "line") == "3");
  CHECK(evidence_of(judgement, "compose-build-source-missing", "dockerfile") == "Dockerfile");
}

TEST_CASE("compose names who does the same, and takes the rule's entry", "[compose]") {
  World world;
  jobs(world, "scheduler", "All");
  world.service("web").replicas = 3;
  const auto judgement = run_check(check_named("compose"), world);
  REQUIRE(judgement.findings.size() == 1);
  CHECK(judgement.findings.front().entry == "app-duplicated");
  CHECK(evidence_of(judgement, "service-duplicated", "services") == "web (3 copies), jobs");
  CHECK(evidence_of(judgement, "service-duplicated", "value") == "All");
}

TEST_CASE("compose knows where the output of a command goes", "[compose]") {
  const auto redirect = [](std::vector<std::string> entrypoint, std::vector<std::string> command) {
    World world;
    healthy(world);
    world.service("web").entrypoint = std::move(entrypoint);
    world.service("web").command = std::move(command);
    const auto judgement = run_check(check_named("compose"), world);
    return judgement.findings.empty() ? std::string{} : evidence_of(judgement, "compose-output-redirected", "redirect");
  };
  const auto shell = [&](const std::string& script) { return redirect({}, {"/bin/sh", "-c", script}); };
  CHECK(shell("app > /log/x") == "> /log/x");
  CHECK(shell("app 1>>/log/x 2>&1") == ">> /log/x");
  CHECK(shell("app &> '/log/x y'") == "> /log/x");
  CHECK(shell("init && exec app >| x") == ">| x");
  CHECK(shell("exec > /log/x 2>&1; app") == "> /log/x");
  CHECK(shell("app >/log/x;") == "> /log/x");
  CHECK(redirect({"sh", "-ec"}, {"\"app", ">", "/log/x\""}) == "> /log/x");
  CHECK(redirect({"tini", "--"}, {"bash", "-c", "app >x"}) == "> x");
  CHECK(shell("echo $KEY > /etc/key && exec app").empty());
  CHECK(shell("app 2> /log/errors").empty());
  CHECK(shell("app > /dev/null").empty());
  CHECK(shell("app > /proc/1/fd/1 2>&1").empty());
  CHECK(shell("app >&2").empty());
  CHECK(shell("app | tee /log/x").empty());
  CHECK(shell("app --sign '> x'").empty());
  CHECK(shell("").empty());
  CHECK(shell("app >").empty());
  CHECK(redirect({}, {"app", ">", "/log/x"}).empty());
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
