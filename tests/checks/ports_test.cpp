#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string web = "endpoint:web:8080";

void listens(World& world, std::uint16_t port, std::vector<Listener> listeners) {
  ListenersAnswer answer;
  answer.listeners = std::move(listeners);
  world.fakes.on<ListenersQuestion>().answer(ListenersQuestion{port}, answer);
}

Listener listener(int pid, const std::string& process, const std::string& address = "0.0.0.0") {
  Listener result;
  result.pid = pid;
  result.process = process;
  result.address = address;
  return result;
}

void compose(World& world) {
  auto& service = world.service("web");
  PublishedPort port;
  port.published = 80;
  port.target = 8080;
  service.ports = {port};
}

/// A database whose port is published at `address`.
void stored(World& world, const std::string& address) {
  world.container("db");
  PublishedPort port;
  port.address = address;
  port.published = 15432;
  port.target = 5432;
  world.service("db").ports = {port};
  listens(world, 15432, {listener(900, "docker-proxy")});
}

void running(World& world) {
  compose(world);
  world.container("web");
  listens(world, 80, {listener(900, "docker-proxy")});
}

void bare(World& world) {
  world.deployment.compose_file.clear();
  world.process("web");
  world.service("web").rule.port = 8080;
  world.service("web").rule.process.exe = "web";
}

const bool added = add_scenarios(
    "ports", {
                 {"a running container is silent", running, {}, {}},
                 {"a bare process that listens",
                  [](World& world) {
                    bare(world);
                    listens(world, 8080, {listener(4711, "web")});
                  },
                  {},
                  {}},
                 {"no ports at all", [](World& world) { world.service("web"); }, {}, {}},
                 {"a database that every host reaches",
                  [](World& world) { stored(world, ""); },
                  {"port-exposed endpoint:db:5432"},
                  {}},
                 {"a database that every host reaches over IPv6, too",
                  [](World& world) {
                    stored(world, "0.0.0.0");
                    auto six = world.service("db").ports.front();
                    six.address = "::";
                    world.service("db").ports.push_back(six);
                  },
                  {"port-exposed endpoint:db:5432"},
                  {}},
                 {"a database for this host alone", [](World& world) { stored(world, "127.0.0.1"); }, {}, {}},
                 {"a database that is switched off",
                  [](World& world) {
                    stored(world, "");
                    world.service("db").enabled = false;
                  },
                  {},
                  {}},
                 {"a port that is free for a container that does not run",
                  [](World& world) {
                    compose(world);
                    listens(world, 80, {});
                  },
                  {},
                  {}},
                 {"a container cannot start because somebody has its port",
                  [](World& world) {
                    compose(world);
                    world.container("web").status = "created";
                    listens(world, 80, {listener(17, "nginx")});
                  },
                  {"port-in-use " + web},
                  {}},
                 {"the port is held while the Engine cannot be asked",
                  [](World& world) {
                    compose(world);
                    world.deployment.engine_note = "the Docker Engine could not be asked";
                    listens(world, 80, {listener(0, "")});
                  },
                  {},
                  {web}},
                 {"its proxy is seen, but not the Engine",
                  [](World& world) {
                    compose(world);
                    world.deployment.engine_note = "the Docker Engine could not be asked";
                    listens(world, 80, {listener(900, "docker-proxy")});
                  },
                  {},
                  {web}},
                 {"a known process has the port, whatever the Engine would say",
                  [](World& world) {
                    compose(world);
                    world.deployment.engine_note = "the Docker Engine could not be asked";
                    listens(world, 80, {listener(17, "nginx")});
                  },
                  {"port-in-use " + web},
                  {}},
                 {"somebody has it on another address",
                  [](World& world) {
                    compose(world);
                    world.service("web").ports.front().address = "10.0.0.1";
                    listens(world, 80, {listener(17, "nginx", "127.0.0.1")});
                  },
                  {},
                  {}},
                 {"another container of ours has it",
                  [](World& world) {
                    compose(world);
                    world.container("proxy").id = "abc";
                    auto other = listener(17, "nginx");
                    other.container = "abc";
                    listens(world, 80, {other});
                  },
                  {},
                  {}},
                 {"a bare process is kept from starting",
                  [](World& world) {
                    bare(world);
                    world.service("web").process.reset();
                    listens(world, 8080, {listener(17, "nginx")});
                  },
                  {"port-in-use " + web},
                  {}},
                 {"a bare process that does not run is somebody else's matter",
                  [](World& world) {
                    bare(world);
                    world.service("web").process.reset();
                    listens(world, 8080, {});
                  },
                  {},
                  {}},
                 {"a process that runs and does not listen",
                  [](World& world) {
                    bare(world);
                    listens(world, 8080, {});
                  },
                  {"port-not-listening " + web},
                  {}},
                 {"a process that listens where it was told to",
                  [](World& world) {
                    bare(world);
                    world.plain("web", "LISTEN", "127.0.0.1:3000").rule.role = "listen-address";
                    listens(world, 3000, {listener(4711, "web")});
                  },
                  {},
                  {}},
                 {"a child of the process listens",
                  [](World& world) {
                    bare(world);
                    auto child = listener(4712, "web");
                    child.exe = "/opt/app/bin/web";
                    listens(world, 8080, {child});
                  },
                  {},
                  {}},
                 {"a process that runs without the port it wanted",
                  [](World& world) {
                    bare(world);
                    listens(world, 8080, {listener(17, "nginx")});
                  },
                  {"port-in-use " + web},
                  {}},
                 {"a process that has just started",
                  [](World& world) {
                    bare(world);
                    world.service("web").process->started = World::now - 2;
                    listens(world, 8080, {});
                  },
                  {},
                  {web}},
                 {"a listener that may be ours",
                  [](World& world) {
                    bare(world);
                    listens(world, 8080, {listener(0, "")});
                  },
                  {},
                  {web}},
                 {"a switched-off service needs no port",
                  [](World& world) {
                    compose(world);
                    world.service("web").enabled = false;
                  },
                  {},
                  {}},
                 {"the bundle does not say", compose, {}, {web}},
             });

TEST_CASE("ports judges who listens", "[ports]") {
  expect_scenarios("ports");
}

TEST_CASE("ports names the owner, or says how to see it", "[ports]") {
  World world;
  compose(world);
  listens(world, 80, {listener(17, "nginx")});
  CHECK(evidence_of(run_check(check_named("ports"), world), "port-in-use", "owner") == "nginx");
  listens(world, 80, {listener(0, "")});
  CHECK(evidence_of(run_check(check_named("ports"), world), "port-in-use", "owner") ==
        "unknown process (run as root to see it)");
}

}  // namespace
}  // namespace doctor::test
