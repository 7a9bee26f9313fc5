#include "probes/engine.hpp"

#include <cstring>
#include <functional>
#include <mutex>
#include <sstream>
#include <thread>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "probes/engine_http.hpp"
#include "probes/files_support.hpp"
#include "redact/secret_reader.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace std::chrono_literals;
using test::soon;
using test::TemporaryDirectory;

namespace {

/// An HTTP server on a Unix socket: one answer for each path, one request a connection.
class UnixServer {
 public:
  using Answer = std::function<std::string(const std::string& request_line)>;

  UnixServer(const std::string& path, Answer answer)
      : answer_{std::move(answer)}, socket_{socket(AF_UNIX, SOCK_STREAM, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(socket_, 16) != 0)
      throw std::runtime_error("unix socket");
    thread_ = std::thread{[this] { serve(); }};
  }
  ~UnixServer() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }
  UnixServer(const UnixServer&) = delete;
  UnixServer& operator=(const UnixServer&) = delete;

  std::string requests() {
    const std::lock_guard lock{mutex_};
    return requests_;
  }

 private:
  void serve() {
    for (int peer = accept(socket_, nullptr, nullptr); peer >= 0; peer = accept(socket_, nullptr, nullptr)) {
      std::string request;
      std::string buffer(4096, '\0');
      while (request.find("\r\n\r\n") == std::string::npos) {
        const auto count = read(peer, buffer.data(), buffer.size());
        if (count <= 0) break;
        request.append(buffer, 0, static_cast<std::size_t>(count));
      }
      const auto line = request.substr(0, request.find("\r\n"));
      {
        const std::lock_guard lock{mutex_};
        requests_ += line + "\n";
      }
      const auto reply = answer_(line);
      send(peer, reply.data(), reply.size(), MSG_NOSIGNAL);
      close(peer);
    }
  }

  Answer answer_;
  int socket_;
  std::mutex mutex_;
  std::string requests_;
  std::thread thread_;
};

std::string http(const std::string& body, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status +
         "\r\nApi-Version: 1.43\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

const std::string id(64, 'c');

/// Cut down from what Docker 24 answers.
const std::string inspected =
    R"({"Id":")" + id + R"(","Created":"2026-02-27T18:03:01.123456789Z","Name":"/chatalot-server",
 "Image":"sha256:abc","RestartCount":14,
 "State":{"Status":"running","Running":true,"OOMKilled":true,"Pid":4711,"ExitCode":1,"StartedAt":"2026-03-01T10:12:05.5+02:00",
          "FinishedAt":"0001-01-01T00:00:00Z","Health":{"Status":"unhealthy","FailingStreak":3,"Log":[]}},
 "Config":{"User":"999:999","Tty":false,"Env":["DB_PASSWORD=a=b","PATH=/usr/bin","BARE"],"Image":"chatalot:latest",
           "Labels":{"com.docker.compose.project":"chatalot","com.docker.compose.service":"chatalot",
                     "com.docker.compose.project.working_dir":"/srv/chatalot"}},
 "HostConfig":{"NetworkMode":"chatalot_default"},
 "Mounts":[{"Type":"volume","Name":"chatalot_files","Source":"/var/lib/docker/volumes/chatalot_files/_data","Destination":"/app/data","RW":true},
           {"Type":"bind","Source":"/srv/chatalot/secrets/jwt_private.pem","Destination":"/run/secrets/jwt_private_key","RW":false}],
 "NetworkSettings":{"Ports":{"8080/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}],"9090/tcp":null},
   "Networks":{"chatalot_default":{"IPAddress":"172.20.0.3","Aliases":["chatalot","cccccccccccc"],"DNSNames":null},
               "chatalot_internal":{"IPAddress":"","Aliases":null}}}})";

std::string docker(const std::string& line) {
  if (line == "GET /_ping HTTP/1.1") return http("OK");
  if (line.starts_with("GET /v1.43/containers/json?all=1&filters="))
    return http(
        R"([{"Id":")" + id +
        R"(","Labels":{"com.docker.compose.project":"chatalot","com.docker.compose.project.working_dir":"/srv/chatalot"}},
                    {"Id":"dd","Labels":{"com.docker.compose.oneoff":"True"}},{"Id":"ee","Labels":{}}])");
  if (line == "GET /v1.43/containers/" + id + "/json HTTP/1.1") return http(inspected);
  if (line == "GET /v1.43/info HTTP/1.1")
    return http(R"({"DockerRootDir":"/var/lib/docker","Name":"host1","ServerVersion":"24.0.7"})");
  if (line == "GET /v1.43/networks HTTP/1.1")
    return http(R"([{"Name":"bridge","Driver":"bridge","Internal":false,"Labels":{}},
                    {"Name":"chatalot_internal","Driver":"bridge","Internal":true,
                     "Labels":{"com.docker.compose.project":"chatalot","com.docker.compose.network":"internal"}}])");
  if (line == "GET /v1.43/volumes HTTP/1.1")
    return http(
        R"({"Volumes":[{"Name":"chatalot_files","Driver":"local","Mountpoint":"/v/_data","CreatedAt":"2026-02-27T18:03:00+01:00",
                    "Labels":{"com.docker.compose.project":"chatalot","com.docker.compose.volume":"files"}},
                    {"Name":"plain","Driver":"local","Mountpoint":"/p","CreatedAt":"x","Labels":null}],"Warnings":null})");
  return http(R"({"message":"no such thing"})", "404 Not Found");
}

struct Lab {
  TemporaryDirectory folder;
  UnixServer server;
  std::unique_ptr<probes::Engine> engine;
  explicit Lab(UnixServer::Answer answer)
      : server{folder / "docker.sock", std::move(answer)},
        engine{probes::make_engine("unix://" + folder / "docker.sock")} {}
};

ProbeFailure failure(UnixServer::Answer answer) {
  Lab lab{std::move(answer)};
  return lab.engine->info(soon(1500ms)).error();
}

}  // namespace

TEST_CASE("containers of a project with state, ports, mounts and environment") {
  Lab lab{docker};
  const auto found = lab.engine->containers("chatalot", soon()).value();
  REQUIRE(found.size() == 1);  // the one-off is left out, the one that has gone too
  const auto& item = found.front();
  CHECK(item.project == "chatalot");
  CHECK(item.service == "chatalot");
  CHECK(item.directory == "/srv/chatalot");
  CHECK(item.aliases == std::vector<std::string>{"cccccccccccc", "chatalot"});
  CHECK(item.network_mode == "chatalot_default");
  const auto& container = item.container;
  CHECK(container.id == id);
  CHECK(container.name == "chatalot-server");
  CHECK(container.image == "chatalot:latest");
  CHECK(container.status == "running");
  CHECK(container.exit_code == 1);
  CHECK(container.oom_killed);
  CHECK(container.restarts == 14);
  CHECK(container.started == 1772352725);
  CHECK(container.created == 1772215381);
  CHECK(container.health == "unhealthy");
  CHECK(container.pid == 4711);
  CHECK(container.user == "999:999");
  CHECK(container.addresses == std::map<std::string, std::string>{{"chatalot_default", "172.20.0.3"}});
  REQUIRE(container.ports.size() == 2);
  CHECK(container.ports[0].address == "0.0.0.0");
  CHECK(container.ports[0].published == 8080);
  CHECK(container.ports[0].target == 8080);
  CHECK(container.ports[0].protocol == "tcp");
  REQUIRE(container.mounts.size() == 2);
  CHECK(container.mounts[0].source == "chatalot_files");
  CHECK_FALSE(container.mounts[0].read_only);
  CHECK(container.mounts[1].kind == "bind");
  CHECK(container.mounts[1].read_only);
  REQUIRE(item.environment.size() == 2);
  CHECK(item.environment.at("DB_PASSWORD").is_secret());
  CHECK(SecretReader::reveal(item.environment.at("DB_PASSWORD")) == "a=b");
}

TEST_CASE("info, projects, networks and volumes") {
  Lab lab{docker};
  const auto info = lab.engine->info(soon()).value();
  CHECK(info.root == "/var/lib/docker");
  CHECK(info.version == "24.0.7");
  const auto projects = lab.engine->projects(soon()).value();
  REQUIRE(projects.size() == 1);
  CHECK(projects[0].name == "chatalot");
  CHECK(projects[0].directory == "/srv/chatalot");
  const auto networks = lab.engine->networks(soon()).value();
  REQUIRE(networks.size() == 2);
  CHECK(networks[0].project.empty());
  CHECK(networks[1].key == "internal");
  CHECK(networks[1].internal);
  const auto volumes = lab.engine->volumes(soon()).value();
  REQUIRE(volumes.size() == 2);
  CHECK(volumes[0].key == "files");
  CHECK(volumes[0].host_path == "/v/_data");
  CHECK(volumes[0].created == 1772211780);
  CHECK(volumes[1].created == 0);
}

TEST_CASE("only GET is ever sent, and the version is asked for once") {
  Lab lab{docker};
  CHECK(lab.engine->info(soon()));
  CHECK(lab.engine->containers("x\"}],&y=/../z", soon()));
  const auto requests = lab.server.requests();
  std::size_t pings = 0;
  std::istringstream lines{requests};
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.starts_with("GET /"));
    CHECK(line.find("/../") == std::string::npos);
    pings += line.find("/_ping") != std::string::npos ? 1U : 0U;
  }
  CHECK(pings == 1);
}

TEST_CASE("no socket, no right and no such scheme are told apart") {
  const TemporaryDirectory folder;
  const auto none = probes::make_engine("unix://" + folder / "docker.sock")->info(soon());
  CHECK(none.error().kind == FailureKind::not_found);
  CHECK_FALSE(none.error().detail.empty());
  CHECK(probes::make_engine("ssh://root@host")->info(soon()).error().kind == FailureKind::not_found);
  CHECK(probes::make_engine("unix://relative")->info(soon()).error().kind == FailureKind::not_found);
  CHECK(probes::make_engine("tcp://127.0.0.1:1")->info(soon()).error().kind == FailureKind::refused);
  const int left = socket(AF_UNIX, SOCK_STREAM, 0);  // a socket that nobody listens on any more
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder / "left.sock").copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  close(left);
  CHECK(probes::make_engine("unix://" + folder / "left.sock")->info(soon()).error().kind == FailureKind::refused);
  CHECK(probes::engine_address("").socket == "/var/run/docker.sock");
}

TEST_CASE("a server that misbehaves is never taken for an Engine") {
  CHECK(failure([](const std::string&) { return std::string{}; }).kind == FailureKind::protocol_error);
  CHECK(failure([](const std::string&) { return std::string{"+PONG\r\n"}; }).kind == FailureKind::protocol_error);
  CHECK(failure([](const std::string&) { return std::string{"HTTP/1.1 200 OK\r\n\r\n<html>"}; }).kind ==
        FailureKind::protocol_error);
  CHECK(failure([](const std::string&) { return http("no", "403 Forbidden"); }).kind == FailureKind::permission_denied);
  CHECK(failure([](const std::string&) { return http("no", "500 Error"); }).code == "HTTP 500");
  CHECK(failure([](const std::string&) { return http("[1]"); }).kind == FailureKind::protocol_error);
  CHECK(failure([](const std::string&) { return http(R"({"Name":7})"); }).kind == FailureKind::protocol_error);
  CHECK(failure([](const std::string&) { return http(std::string(100'000, '[')); }).kind ==
        FailureKind::protocol_error);
  CHECK(failure([](const std::string& line) {
          return line.find("_ping") != std::string::npos ? http("OK") : http(std::string(17 * 1024 * 1024, ' '));
        }).kind == FailureKind::too_large);
}

TEST_CASE("a silent Engine costs the deadline, a stopped run less") {
  const auto silent = [](const std::string&) {
    std::this_thread::sleep_for(2s);
    return std::string{};
  };
  const auto begun = std::chrono::steady_clock::now();
  {
    Lab lab{silent};
    const auto answer = lab.engine->info(soon(300ms));
    CHECK(answer.error().kind == FailureKind::timed_out);
    CHECK(std::chrono::steady_clock::now() - begun < 1500ms);
  }
  Lab lab{silent};
  std::stop_source stop;
  stop.request_stop();
  CHECK(lab.engine->info(Deadline::after(3s, stop.get_token())).error().kind == FailureKind::cancelled);
}
