// What is dialled, and from where; ports and networks that only the Engine knows of.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const Root port_in_use{"chatalot-port-in-use", "port-in-use", "ports", "endpoint:chatalot:8080"};

std::vector<std::string> calls_in(const std::string& log) {
  std::vector<std::string> calls;
  for (auto at = log.find("\"Calling "); at != std::string::npos; at = log.find("\"Calling ", at + 1))
    calls.push_back(log.substr(at + 9, log.find('"', at + 1) - at - 9));
  return calls;
}

std::string in_one_line(const std::string& wrapped) {
  std::istringstream words{wrapped};
  std::string line;
  for (std::string word; words >> word;) line += word + " ";
  return line;
}

/// A process that is no part of the deployment, this one, listens on every address.
class Thief {
 public:
  explicit Thief(std::uint16_t port) : socket_(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    // The connections that the test before made through this port may still be in TIME_WAIT.
    const int reuse = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
    void* raw = &address;
    if (::bind(socket_, static_cast<sockaddr*>(raw), sizeof address) != 0 || ::listen(socket_, 1) != 0)
      throw std::runtime_error("port " + std::to_string(port) + " is taken");
  }
  Thief(const Thief&) = delete;
  Thief& operator=(const Thief&) = delete;
  ~Thief() { ::close(socket_); }

 private:
  int socket_;
};

}  // namespace

TEST_CASE("nothing listens in the database's container", "[engine]") {
  DockerStack stack;
  stack.up();
  stack.change({}, "    command: [sleep, '1000000']\n");
  stack.compose({"up", "-d", "--no-deps", "-t", "1", "postgres"});
  const auto result = stack.check();
  const auto address = stack.inspect("postgres", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}") + ":5432";
  const Root expected{"chatalot-database-unreachable", "database-refused", "database", "endpoint:postgres:5432"};
  expect_roots(result, {expected}, 1);
  CHECK(result.evidence(expected.entry, "address") == address);
  for (const auto& item : result.finding(expected.entry).at("evidence"))
    if (item.at("name") == "address") CHECK(item.at("vantage") == "container " + stack.container("chatalot"));
}

TEST_CASE("the database's container is stopped", "[engine]") {
  DockerStack stack;
  stack.up();
  stack.compose({"stop", "-t", "1", "postgres"});
  const auto result = stack.check();
  const Root expected{"chatalot-database-unreachable", "database-unreachable", "database", "endpoint:postgres:5432"};
  expect_roots(result, {{"container-exited", "container-exited", "containers", "service:postgres"}}, 1);
  expect_consequence(result, expected, "container-exited");
  CHECK(result.evidence(expected.entry, "reason") == "container " + stack.container("postgres") + " is exited");
}

TEST_CASE("the whole stack is stopped", "[engine]") {
  DockerStack stack;
  stack.up();
  stack.compose({"stop", "-t", "1"});
  const auto result = stack.check();
  expect_roots(result, {{"stack-stopped", "stack-stopped", "containers", "file:docker-compose.override.yml"}}, 1);
  expect_consequence(result, {"health-refused", "health-refused", "health", "endpoint:chatalot:8080"}, "stack-stopped");
  CHECK(result.unexamined() == std::vector<std::string>{"endpoint:postgres:5432"});
}

TEST_CASE("the port that our own container publishes", "[engine]") {
  DockerStack stack;
  stack.up();
  const auto result = stack.check({"--only", "ports"});
  expect_silent(result, 0);
}

TEST_CASE("another process has the port that the container wants", "[engine]") {
  DockerStack stack;
  stack.up();  // once, so that the database has its tables
  stack.compose({"kill", "chatalot"});
  stack.compose({"rm", "-f", "chatalot"});
  const Root not_started{"container-not-started", "container-not-started", "containers", "service:chatalot"};
  {
    const Thief thief{8080};
    stack.up_anyway();
    CHECK(stack.inspect("chatalot", "{{.State.Status}}") == "created");
    const auto result = stack.check();
    expect_roots(result, {port_in_use}, 1);
    expect_consequence(result, not_started, port_in_use.entry);
    CHECK(result.evidence(port_in_use.entry, "pid") == std::to_string(::getpid()));
  }
  const auto later = stack.check();
  expect_roots(later, {not_started}, 1);
  CHECK(later.evidence(not_started.entry, "error").find("8080") != std::string::npos);
}

TEST_CASE("a container of somebody else has the port", "[engine]") {
  DockerStack stack;
  auto& engine = stack.engine();
  engine.docker({"network", "create", "other"});
  engine.docker({"run", "-d", "--name", "other", "--network", "other", "-p", "8080:8080", "doctor-test/chatalot",
                 "sleep", "1000000"});
  stack.up_anyway();
  const auto result = stack.check({"--only", "ports"});
  engine.docker({"rm", "-f", "other"});
  engine.docker({"network", "rm", "other"});
  expect_roots(result, {port_in_use}, 1);
  CHECK(result.evidence(port_in_use.entry, "owner") == "docker-proxy");
}

TEST_CASE("an external network that the Engine does not have", "[engine]") {
  DockerStack stack;
  stack.change({}, {}, "networks:\n  external: !override\n    name: web\n    external: true\n");
  CHECK(stack.compose({"up", "-d"}).exit != 0);
  const auto result = stack.check({"--only", "compose"});
  const Root expected{"chatalot-external-network-missing", "compose-network-external-missing", "compose",
                      "file:docker-compose.override.yml"};
  expect_roots(result, {expected}, 1);
  CHECK(result.evidence(expected.entry, "network") == "web");

  stack.engine().docker({"network", "create", "web"});
  const auto with_network = stack.check({"--only", "compose"});
  stack.engine().docker({"network", "rm", "web"});
  expect_silent(with_network, 0);
}

TEST_CASE("the Engine is only ever asked", "[engine]") {
  DockerStack stack;
  stack.up();
  const auto before = stack.engine().log().size();
  expect_silent(stack.check(), 0);
  const auto calls = calls_in(stack.engine().log().substr(before));
  std::size_t inspections = 0;
  for (const auto& call : calls) {
    INFO(call);
    CHECK(call.starts_with("GET /"));
    if (call.find("/containers/") != std::string::npos && call.ends_with("/json")) ++inspections;
  }
  CHECK(inspections == 4);  // each of the two containers once for the run, and once as it is for its bundle
}

TEST_CASE("a user who may not talk to the Engine", "[engine]") {
  constexpr std::uint32_t nobody = 65534;
  DockerStack stack;
  stack.up();
  stack.directory().owner(".env", nobody);
  const auto result = stack.check({}, nobody);
  INFO(result.report.dump(2));
  CHECK(result.report.at("findings").empty());
  CHECK(result.run.exit == 3);
  CHECK(result.unexamined() == std::vector<std::string>{"endpoint:chatalot:8080", "endpoint:postgres:5432",
                                                        "file:secrets/jwt_private.pem",
                                                        "setting:chatalot/FILE_STORAGE_PATH"});
  for (const auto& check : result.report.at("checks"))
    if (check.at("id") == "env" || check.at("id") == "compose" || check.at("id") == "health")
      CHECK(check.at("status") == "passed");

  const auto human = in_one_line(stack.doctor({"check", stack.directory().path()}, nobody).out);
  const std::string sentence = "Docker Engine could not be asked";
  INFO(human);
  CHECK(human.find(sentence) != std::string::npos);
  CHECK(human.find(sentence) == human.rfind(sentence));
}

TEST_CASE("a user who may talk to the Engine but is not root", "[engine]") {
  constexpr std::uint32_t nobody = 65534;
  constexpr std::size_t scheme = 7;  // unix://
  DockerStack stack;
  stack.up();
  stack.directory().owner(".env", nobody);
  const auto socket = stack.engine().host().substr(scheme);
  run_or_throw({"chmod", "666", socket});
  const auto result = stack.check({}, nobody);
  run_or_throw({"chmod", "660", socket});
  // The database on its internal network is asked by its address, since nobody enters the container's network.
  expect_silent(
      result, 3,
      {"disk:database", "disk:storage", "file:secrets/jwt_private.pem", "setting:chatalot/FILE_STORAGE_PATH"});
}

TEST_CASE("a project that was started under another name", "[engine]") {
  DockerStack stack;
  const auto result = stack.up_as("team").check();
  stack.compose({"-p", "team", "down", "-v", "-t", "0"});
  expect_silent(result, 0);
}

}  // namespace doctor::lab
