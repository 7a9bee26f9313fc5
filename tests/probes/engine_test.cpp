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
#include "probes/engine_usage.hpp"
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
 "Image":"sha256:abc","RestartCount":14,"LogPath":"/var/lib/docker/containers/c/c-json.log",
 "State":{"Status":"running","Running":true,"OOMKilled":true,"Pid":4711,"ExitCode":1,"StartedAt":"2026-03-01T10:12:05.5+02:00",
          "FinishedAt":"0001-01-01T00:00:00Z","Error":"",
          "Health":{"Status":"unhealthy","FailingStreak":3,"Log":[{"Output":"first"},{"Output":"second"},{"Output":"3"},
                    {"Output":"4"},{"Output":"5"},{"ExitCode":1,"Output":"\u001b[31mrefused\n"}]}},
 "Config":{"User":"999:999","Tty":false,"Env":["DB_PASSWORD=a=b","PATH=/usr/bin","BARE"],"Image":"chatalot:latest",
           "Labels":{"com.docker.compose.project":"chatalot","com.docker.compose.service":"chatalot",
                     "com.docker.compose.project.working_dir":"/srv/chatalot"}},
 "HostConfig":{"NetworkMode":"chatalot_default","Memory":536870912,"RestartPolicy":{"Name":"unless-stopped"},
               "LogConfig":{"Type":"json-file"}},
 "Mounts":[{"Type":"volume","Name":"chatalot_files","Source":"/var/lib/docker/volumes/chatalot_files/_data","Destination":"/app/data","RW":true},
           {"Type":"bind","Source":"/srv/chatalot/secrets/jwt_private.pem","Destination":"/run/secrets/jwt_private_key","RW":false}],
 "NetworkSettings":{"Ports":{"8080/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"},{"HostIp":"::","HostPort":"8080"}],"9090/tcp":null},
   "Networks":{"chatalot_default":{"IPAddress":"172.20.0.3","Aliases":["chatalot","cccccccccccc"],"DNSNames":null},
               "chatalot_internal":{"IPAddress":"","Aliases":null}}}})";

const std::string containers_listed = R"([
 {"Id":"aa","Names":["/old-db"],"Labels":{"com.docker.compose.project":"old"},
  "Mounts":[{"Type":"volume","Name":"data","RW":true},{"Type":"volume","Name":"other","RW":false},{"Type":"bind","RW":true}]},
 {"Id":"bb","Names":null,"Labels":null,"Mounts":["/just/a/path"]},
 {"Id":"cccccccccccccccc","Labels":{},"Mounts":[{"Type":"volume","Name":"data","RW":true}]}])";

std::string docker(const std::string& line) {
  if (line == "GET /v1.43/images/sha256:abc/json HTTP/1.1")
    return http(R"({"Created":"2026-02-01T00:00:00Z","Metadata":{"LastTagTime":"2026-02-02T00:00:00Z"},
                    "Config":{"Env":["PATH=/usr/bin"]}})");
  if (line.starts_with("GET /v1.43/containers/json?filters=")) return http(containers_listed);
  if (line == "GET /v1.43/containers/v2/stats?stream=false&one-shot=true HTTP/1.1")
    return http(R"({"memory_stats":{"usage":1000,"limit":2000,"stats":{"inactive_file":400}},
                    "cpu_stats":{"throttling_data":{"periods":10,"throttled_periods":7}}})");
  if (line == "GET /v1.43/containers/v1/stats?stream=false&one-shot=true HTTP/1.1")
    return http(R"({"memory_stats":{"usage":1000,"limit":9223372036854771712,"stats":{"total_inactive_file":300}}})");
  if (line == "GET /v1.43/containers/ended/stats?stream=false&one-shot=true HTTP/1.1")
    return http(R"({"memory_stats":{},"cpu_stats":{"throttling_data":null}})");
  if (line == "GET /v1.43/system/df?type=build-cache HTTP/1.1")
    return http(R"({"BuildCache":[{"Size":100,"InUse":true,"Shared":false},{"Size":50,"InUse":false},
                    {"Size":7,"Shared":true},{"Size":-1}]})");
  if (line.starts_with("GET /v1.43/events?since=100&until=900&filters=") &&
      line.find("com.docker.compose.project%3Dchatalot") != std::string::npos)
    return http(R"({"Action":"die","Actor":{"Attributes":{"name":"chatalot-server","exitCode":"1"}},"time":500})"
                "\n");
  if (line == "GET /_ping HTTP/1.1") return http("OK");
  if (line.starts_with("GET /v1.43/containers/json?all=1&filters="))
    return http(
        R"([{"Id":")" + id +
        R"(","Labels":{"com.docker.compose.project":"chatalot","com.docker.compose.project.working_dir":"/srv/chatalot"}},
                    {"Id":"dd","Labels":{"com.docker.compose.oneoff":"True"}},{"Id":"ee","Labels":{}}])");
  if (line == "GET /v1.43/containers/" + id + "/json HTTP/1.1") return http(inspected);
  if (line == "GET /v1.43/info HTTP/1.1")
    return http(R"({"DockerRootDir":"/var/lib/docker","Name":"host1","ServerVersion":"24.0.7","MemTotal":8000000000})");
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
  CHECK(container.health_log == std::vector<std::string>{"second", "3", "4", "5", "\\x1b[31mrefused"});
  CHECK(container.memory_limit == 536870912);
  CHECK(container.restart_policy == "unless-stopped");
  CHECK(container.log_driver == "json-file");
  CHECK(container.log_path == "/var/lib/docker/containers/c/c-json.log");
  CHECK(container.labels.at("com.docker.compose.service") == "chatalot");
  CHECK(container.image_id == "sha256:abc");
  CHECK(container.image_created == 1769990400);  // when it was named last
  REQUIRE(item.of_image.has_value());
  CHECK(item.of_image->at("PATH").is_secret());
}

TEST_CASE("an image that many containers share is asked for once") {
  Lab lab{docker};
  CHECK(lab.engine->containers("chatalot", soon()));
  CHECK(lab.engine->containers("chatalot", soon()));
  const auto requests = lab.server.requests();
  const auto first = requests.find("/images/");
  REQUIRE(first != std::string::npos);
  CHECK(requests.find("/images/", first + 1) == std::string::npos);
}

TEST_CASE("who may write to which volume") {
  Lab lab{docker};
  const auto users = lab.engine->volume_users(soon()).value();
  REQUIRE(users.size() == 2);
  CHECK(users[0].volume == "data");
  CHECK(users[0].container == "old-db");
  CHECK(users[0].project == "old");
  CHECK(users[1].container == "cccccccccccc");
  CHECK(users[1].project.empty());
}

TEST_CASE("what a container uses, as cgroup v1 and v2 count it") {
  Lab lab{docker};
  probes::ContainerUsageProbe probe{std::move(lab.engine)};
  const auto usage = probe.ask({"v2"}, soon()).value();
  CHECK(usage.memory == 600);
  CHECK(usage.memory_limit == 2000);
  CHECK(usage.throttled == 7);
  CHECK(usage.periods == 10);
  const auto older = probe.ask({"v1"}, soon()).value();
  CHECK(older.memory == 700);
  CHECK(older.memory_limit == 0);  // that of the host
  CHECK(probe.ask({"ended"}, soon()).error().kind == FailureKind::not_found);
  CHECK(probe.ask({"gone"}, soon()).error().kind == FailureKind::not_found);
  CHECK(probe.ask({"../info"}, soon()).error().kind == FailureKind::not_found);
  CHECK(lab.server.requests().find("..") == std::string::npos);
}

TEST_CASE("what the Engine's disk holds, before and since API 1.52") {
  Lab lab{docker};
  probes::EngineUsageProbe probe{std::move(lab.engine)};
  const auto usage = probe.ask({}, soon()).value();
  CHECK(usage.build_cache == 150);
  CHECK(usage.reclaimable == 50);

  Lab newer{[](const std::string& line) {
    return line.find("/system/df") == std::string::npos
               ? http("OK")
               : http(R"({"BuildCacheUsage":{"TotalSize":900,"Reclaimable":800},"ImageUsage":{}})");
  }};
  CHECK(newer.engine->disk_usage(soon()).value().reclaimable == 800);
}

TEST_CASE("an Engine that answers nonsense about containers, images and figures") {
  for (const std::string body :
       {"[]", "7", "null", R"({"State":7})", R"({"Config":{"Env":[7]}})", R"({"State":{"Health":{"Log":[7,null,{}]}}})",
        R"({"memory_stats":{"usage":"much"}})", R"({"BuildCache":[{"Size":"7"}]})", R"([{"Mounts":[{"Type":7}]}])",
        R"({"memory_stats":{"usage":1e300,"limit":-5}})", R"({"BuildCache":{"Size":18446744073709551615}})"}) {
    INFO(body);
    Lab lab{[body](const std::string& line) {
      if (line.find("_ping") != std::string::npos) return http("OK");
      return line.find("filters=%7B%22label") != std::string::npos ? http("[{\"Id\":\"" + id + "\"}]") : http(body);
    }};
    for (const auto& failure : {lab.engine->containers("chatalot", soon()).map([](const auto&) { return 0; }),
                                lab.engine->volume_users(soon()).map([](const auto&) { return 0; }),
                                lab.engine->usage("chatalot", soon()).map([](const auto&) { return 0; }),
                                lab.engine->disk_usage(soon()).map([](const auto&) { return 0; })})
      if (!failure)
        CHECK((failure.error().kind == FailureKind::protocol_error || failure.error().kind == FailureKind::not_found));
  }
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

TEST_CASE("what happened to the containers of a project") {
  Lab lab{docker};
  const auto events = lab.engine->events("chatalot", 100, 900, soon());
  REQUIRE(events);
  REQUIRE(events->size() == 1);
  CHECK(events->front().detail == "exit code 1");
  CHECK(events->front().source == "Docker Engine");
  const auto other = lab.engine->events("other", 100, 900, soon());
  REQUIRE_FALSE(other);
  CHECK(other.error().kind == FailureKind::not_found);
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
