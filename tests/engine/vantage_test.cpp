// What is seen from where a service stands: in its container's network.

#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "lab/docker_engine.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const std::string database = "endpoint:postgres:5432";
const std::string server = "endpoint:chatalot:8080";
const std::string from_server = "container chatalot-server";

/// The vantage of one piece of evidence; fails the test when there is none.
std::string vantage_of(const Result& result, const std::string& entry, const std::string& name) {
  for (const auto& item : result.finding(entry).at("evidence"))
    if (item.at("name") == name) return item.at("vantage");
  FAIL("no evidence " << name);
  return {};
}

/// How doctor gets at the database, as `doctor config` shows it.
nlohmann::json dial_of(const DockerStack& stack, std::optional<std::uint32_t> uid = {}) {
  const auto run = stack.doctor({"config", stack.directory().path(), "--format", "json"}, uid);
  INFO(run.out << run.err);
  return nlohmann::json::parse(run.out).at("data_sources").at(0).at("dial");
}

/// Lets every user talk to the Engine, as a member of the group `docker` may.
class OpenSocket {
 public:
  explicit OpenSocket(const DockerEngine& engine) : path_{engine.host().substr(std::string{"unix://"}.size())} {
    for (auto at = path_.find('/', 1); at != std::string::npos; at = path_.find('/', at + 1))
      if (path_.substr(0, at).find("doctor") != std::string::npos) directory_ = path_.substr(0, at);
    struct stat status {};
    ::stat(directory_.c_str(), &status);
    directory_mode_ = status.st_mode & 07777U;
    ::stat(path_.c_str(), &status);
    mode_ = status.st_mode & 07777U;
    ::chmod(directory_.c_str(), directory_mode_ | 0011U);
    ::chmod(path_.c_str(), 0666);
  }
  OpenSocket(const OpenSocket&) = delete;
  OpenSocket& operator=(const OpenSocket&) = delete;
  ~OpenSocket() {
    ::chmod(path_.c_str(), mode_);
    ::chmod(directory_.c_str(), directory_mode_);
  }

 private:
  std::string path_;
  std::string directory_;
  mode_t mode_ = 0;
  mode_t directory_mode_ = 0;
};

/// Ends the processes of this program's own Engine that pass a port of the host on to a container: those in this
/// network.
void end_proxy_of(const std::string& port) {
  namespace fs = std::filesystem;
  const auto here = fs::read_symlink("/proc/self/ns/net");
  std::error_code gone;
  for (const auto& process : fs::directory_iterator{"/proc"}) {
    const auto name = process.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (fs::read_symlink(process.path() / "ns/net", gone) != here || gone) continue;
    const auto command = read_file(process.path() / "cmdline");
    const auto option = std::string{"-host-port"} + '\0' + port + '\0';
    if (command.find("docker-proxy") != std::string::npos && command.find(option) != std::string::npos)
      ::kill(static_cast<pid_t>(std::stoi(name)), SIGKILL);
  }
}

void alter_password(DockerStack& stack) {
  stack.engine().docker({"exec", "-u", "postgres", stack.container("postgres"), "psql", "-U", "chatalot", "-c",
                         "ALTER ROLE chatalot PASSWORD 'of-somebody-else'"});
}

}  // namespace

TEST_CASE("a database that only its own network sees is asked from the server's container", "[engine][vantage]") {
  DockerStack stack;
  stack.up();
  expect_silent(stack.check(), 0);
  const auto dial = dial_of(stack);
  CHECK(dial.at("vantage") == from_server);
  CHECK(dial.at("host") == "postgres");
}

TEST_CASE("a login is refused, as the server's container sees it", "[engine][vantage]") {
  DockerStack stack;
  stack.up();
  alter_password(stack);
  const auto result = stack.check({"--only", "network,database"});
  const Root expected{"chatalot-database-auth-failed", "database-auth-failed", "database",
                      "setting:chatalot/DATABASE_URL"};
  expect_roots(result, {expected}, 1);
  CHECK(vantage_of(result, expected.entry, "sqlstate") == from_server);
}

TEST_CASE("a user who may ask the Engine but enter no container", "[engine][vantage]") {
  constexpr std::uint32_t nobody = 65534;
  DockerStack stack;
  stack.up();
  stack.directory().owner(".env", nobody);
  const OpenSocket open{stack.engine()};
  const auto dial = dial_of(stack, nobody);
  CHECK(dial.at("vantage") == "host");
  CHECK(dial.at("how") == "container address");
  const auto result = stack.check({"--only", "network,database"}, nobody);
  INFO(result.report.dump(2));
  CHECK(result.report.at("findings").empty());
  bool said = false;
  for (const auto& check : result.report.at("checks"))
    if (check.at("id") == "network")
      said = check.at("reason").get<std::string>().find("only root") != std::string::npos;
  CHECK(said);
}

TEST_CASE("a container whose name server is dead", "[engine][vantage]") {
  DockerStack stack;
  stack.directory().write("resolv.conf", "nameserver 127.0.0.11\noptions ndots:0\n");
  stack.change("    volumes: [./resolv.conf:/etc/resolv.conf:ro]\n").up();
  expect_silent(stack.check({"--only", "network,database"}), 0);
  // In place: what is mounted is the file, not its name.
  std::ofstream{stack.directory().path("resolv.conf")} << "nameserver 127.0.0.53\n";
  const auto result = stack.check({"--only", "network,database"});
  const Root expected{"chatalot-dns-failed", "name-not-resolved-in-container", "network", database};
  expect_roots(result, {expected}, 1);
  CHECK(result.evidence(expected.entry, "nameserver") == "127.0.0.53:53");
  CHECK(vantage_of(result, expected.entry, "nameserver") == from_server);
}

TEST_CASE("the server listens on its container's loopback", "[engine][vantage]") {
  DockerStack stack;
  stack.change("    environment:\n      LISTEN_ADDR: 127.0.0.1:8080\n").up();
  const auto result = stack.check();
  const Root expected{"network-listens-on-loopback", "network-listens-on-loopback", "network", server};
  expect_roots(result, {expected}, 1);
  CHECK(result.evidence(expected.entry, "inside") == "127.0.0.1:8080");
  CHECK(vantage_of(result, expected.entry, "inside") == from_server);
}

TEST_CASE("the proxy of a published port has ended", "[engine][vantage]") {
  DockerStack stack;
  stack.up();
  end_proxy_of("8080");
  const auto result = stack.check({"--only", "network,health"});
  const Root expected{"network-published-port-dead", "network-published-port-dead", "network", server};
  expect_roots(result, {expected}, 1);
  CHECK(result.evidence(expected.entry, "address") == "127.0.0.1:8080");
  CHECK(vantage_of(result, expected.entry, "inside") == from_server);
  CHECK(vantage_of(result, expected.entry, "address") == "host");
}

TEST_CASE("the database was moved to another network", "[engine][vantage]") {
  DockerStack stack;
  stack.up();
  auto& engine = stack.engine();
  const auto name = stack.container("postgres");
  const auto own = stack.inspect("postgres", "{{range $name, $n := .NetworkSettings.Networks}}{{$name}}{{end}}");
  engine.docker({"network", "create", "elsewhere"});
  engine.docker({"network", "connect", "elsewhere", name});
  engine.docker({"network", "disconnect", own, name});
  const auto result = stack.check({"--only", "compose,network,database"});
  engine.docker({"network", "connect", own, name});
  engine.docker({"network", "disconnect", "elsewhere", name});
  engine.docker({"network", "rm", "elsewhere"});
  const Root expected{"chatalot-network-not-shared", "compose-network-not-shared", "compose", "service:chatalot"};
  expect_roots(result, {expected}, 1);
}

}  // namespace doctor::lab
