// Where a probe for a service stands, and what it dials from there.

#include "deployment/data_source.hpp"
#include "deployment/discover_http.hpp"
#include "deployment/discover_services.hpp"
#include "deployment/project.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;
using namespace doctor::deployment::test;

namespace {

const std::string shipped = "postgres://chatalot:secret-word@postgres:5432/chatalot";
const std::string inside = "container chatalot-server";

Container container(const std::string& name, const std::string& network, const std::string& address) {
  Container made;
  made.name = name;
  made.status = "running";
  made.pid = 4711;
  made.addresses = {{network, address}};
  return made;
}

/// Two running containers on one network.
Deployment running(const std::string& url) {
  Deployment made;
  made.directory = "/srv/chatalot";
  made.compose_file = "docker-compose.yml";
  made.description = description();
  made.services = services_of(project(), made.description);
  for (auto& service : made.services) {
    if (service.name == "chatalot") service.container = container("chatalot-server", "chatalot_internal", "172.20.0.3");
    if (service.name == "postgres") service.container = container("chatalot-db", "chatalot_internal", "172.20.0.2");
  }
  Setting setting;
  setting.service = "chatalot";
  setting.name = "DATABASE_URL";
  setting.rule = made.description.services.front().settings.front();
  setting.configured = Value::secret(url);
  made.settings = {setting};
  return made;
}

Service& named(Deployment& deployment, const std::string& name) {
  for (auto& service : deployment.services)
    if (service.name == name) return service;
  throw std::out_of_range{name};
}

/// Every container can be entered, or none for this reason.
void stand(Deployment& deployment, const std::string& why_not = {}) {
  Sources sources;
  sources.why_not_enter = [why_not](const Container&) { return why_not; };
  find_vantages(deployment.services, sources, {true, {}});
}

Dial dial(const Deployment& deployment) {
  const auto sources = find_data_sources(deployment, {true, {}});
  REQUIRE(sources.size() == 1);
  return sources.front().dial;
}

}  // namespace

TEST_CASE("a probe for a service stands in its container, on the host, or nowhere", "[vantage]") {
  auto deployment = running(shipped);
  stand(deployment);
  CHECK(named(deployment, "chatalot").vantage == inside);
  CHECK(named(deployment, "chatalot").vantage_note.empty());

  stand(deployment, "only root may enter a container's network");
  CHECK(named(deployment, "chatalot").vantage.empty());
  CHECK(named(deployment, "chatalot").vantage_note == "only root may enter a container's network");

  named(deployment, "chatalot").container->status = "exited";
  stand(deployment);
  CHECK(named(deployment, "chatalot").vantage_note == "container chatalot-server is exited");

  named(deployment, "chatalot").container.reset();
  stand(deployment);
  CHECK(named(deployment, "chatalot").vantage_note == "no container of chatalot is running");

  named(deployment, "chatalot").network_mode = "host";
  stand(deployment);
  CHECK(named(deployment, "chatalot").vantage == "host");

  named(deployment, "postgres").process = Process{};
  stand(deployment);
  CHECK(named(deployment, "postgres").vantage == "host");
}

TEST_CASE("a database is dialled as the service itself does, from its container", "[vantage]") {
  auto deployment = running(shipped);
  stand(deployment);
  CHECK(dial(deployment).vantage == inside);
  CHECK(dial(deployment).host == "postgres");
  CHECK(dial(deployment).port == 5432);

  auto elsewhere = running("postgres://u:p@db.example.com/d");
  stand(elsewhere);
  CHECK(dial(elsewhere).vantage == inside);

  auto loopback = running("postgres://u:p@localhost/d");
  stand(loopback);
  CHECK(dial(loopback).vantage == inside);
  CHECK(dial(loopback).host == "localhost");
  stand(loopback, "the Docker Engine is on another host");
  CHECK(dial(loopback).host.empty());
  CHECK(dial(loopback).reason.find("the Docker Engine is on another host") != std::string::npos);

  auto socket = running("postgres:///d?host=/run/postgresql");
  stand(socket);
  CHECK(dial(socket).reason.find("socket file") != std::string::npos);
}

TEST_CASE("without a place inside, the container's address is dialled from the host", "[vantage]") {
  auto deployment = running(shipped);
  stand(deployment, "only root may enter a container's network");
  CHECK(dial(deployment).vantage == "host");
  CHECK(dial(deployment).host == "172.20.0.2");
}

TEST_CASE("what the Engine knows to be stopped or apart is not asked for inside", "[vantage]") {
  auto deployment = running(shipped);
  named(deployment, "postgres").container->status = "exited";
  stand(deployment);
  CHECK_FALSE(dial(deployment).reason.empty());

  auto apart = running(shipped);
  named(apart, "postgres").container->addresses = {{"other", "172.21.0.2"}};
  stand(apart);
  CHECK(dial(apart).vantage == "host");
  CHECK(dial(apart).host == "172.21.0.2");
}

TEST_CASE("a service that publishes nothing and has no address is asked inside", "[vantage]") {
  auto deployment = running(shipped);
  auto& chatalot = named(deployment, "chatalot");
  chatalot.container->addresses.clear();
  chatalot.container->ports.clear();
  stand(deployment);
  for (const auto& base : find_http(deployment, {true, {}}, {})) {
    if (base.service != "chatalot") continue;
    CHECK(base.dial.vantage == inside);
    CHECK(base.url == "http://127.0.0.1:8080");
  }
}

TEST_CASE("a file of an image is found below the process's root, and named by its container", "[vantage]") {
  auto deployment = running(shipped);
  auto& chatalot = named(deployment, "chatalot");
  chatalot.container->mounts = {{"bind", "/srv/chatalot/secrets", "/run/secrets", true, {}},
                                {"tmpfs", "", "/tmp", false, {}}};
  CHECK(!deployment.host_path(chatalot, "/app/static"));
  stand(deployment);
  const auto& entered = named(deployment, "chatalot");
  CHECK(deployment.host_path(entered, "/app/static") == "/proc/4711/root/app/static");
  CHECK(deployment.host_path(entered, "/tmp/x") == "/proc/4711/root/tmp/x");
  CHECK(deployment.host_path(entered, "/run/secrets/key") == "/srv/chatalot/secrets/key");
  CHECK(!deployment.host_path(entered, "relative"));
  CHECK(deployment.shown_path("/proc/4711/root/app/static") == "container chatalot-server:/app/static");
  CHECK(deployment.shown_path("/proc/4712/root/app/static") == "/proc/4712/root/app/static");
}
