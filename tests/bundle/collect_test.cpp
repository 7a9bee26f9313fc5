#include "bundle/collect.hpp"

#include <algorithm>
#include <set>

#include "bundle/collect_parts.hpp"
#include "bundle/collect_support.hpp"
#include "probes/recorder_template.hpp"
#include "support/catch.hpp"

namespace doctor {
namespace {

using test::Bundled;

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

template <class Question>
void record(Bundled& test, const Question& question, Outcome<typename Question::Answer> answer) {
  test.tape->write(probes::canonical_key(question), probes::encoded(answer));
}

HttpQuestion get(const std::string& url) {
  HttpQuestion question;
  question.url = url;
  return question;
}

HttpAnswer json_answer(const std::string& body) {
  HttpAnswer answer;
  answer.status = 200;
  answer.headers = {{"content-type", "application/json"}, {"server", "x\x1b[31m"}};
  answer.body = body;
  return answer;
}

void add_base(Bundled& test, const std::string& service, const std::string& url) {
  HttpBase base;
  base.service = service;
  base.endpoint = "endpoint:" + service + ":80";
  base.url = url;
  base.dial.vantage = "host";
  if (url.empty()) base.dial.reason = "nothing leads there";
  test.deployment.http.push_back(base);
}

}  // namespace

TEST_CASE("names of items are safe", "[collect]") {
  CHECK(bundle::safe_path("../../etc/passwd") == "__/__/etc/passwd");
  CHECK(bundle::safe_path("/a//b/./c") == "a/b/_/c");
  CHECK(bundle::safe_path("a b\x1b\xff/\n") == "a_b__/_");
  CHECK(bundle::safe_path("") == "unnamed");
  CHECK(bundle::safe_path("///") == "unnamed");
  CHECK(bundle::safe_path(std::string(5000, 'x')).size() == 100);
  CHECK(bundle::safe_path(std::string(5000, '/') + std::string(99, 'y') + "/" + std::string(99, 'y')).size() <= 200);
}

TEST_CASE("items are sorted, unique and without control characters, whatever services are called", "[collect]") {
  Bundled test;
  for (const std::string name : {"web", "we/b", "../..", "a b", "a\tb", "WEB", "x\x1b]0;y"}) test.service(name);
  test.deployment.files = {"/srv/app/a b.conf", "/srv/app/a_b.conf", "/other/../x.conf"};
  for (const auto& path : test.deployment.files) test.files[path] = "x";
  std::set<std::string> paths;
  std::string last;
  for (const auto& item : test.items()) {
    INFO(item.path());
    CHECK(paths.insert(item.path()).second);
    CHECK(last < item.path());
    last = item.path();
    CHECK_FALSE(holds("/" + item.path() + "/", "/../"));
    CHECK(item.path().find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") ==
          std::string::npos);
    CHECK(item.source.find('\x1b') == std::string::npos);
  }
  CHECK(paths.count("config/a_b.conf") == 1);
  CHECK(paths.count("config/a_b-2.conf") == 1);
}

TEST_CASE("configuration: files that were read, and what the directory is known by", "[collect]") {
  Bundled test;
  test.deployment.files = {"/srv/app/.env", "/srv/app/docker-compose.yml", "/srv/app/gone.yml"};
  test.files["/srv/app/.env"] = "DB_PASSWORD=hunter2\n";
  test.files["/srv/app/docker-compose.yml"] = "services:\n  db:\n    environment: {}\n    POSTGRES_PASSWORD: hunter2\n";
  test.files["/srv/app/doctor.yaml"] = "proxy: []\n";
  test.files["/etc/nginx/nginx.conf"] = "http {}\n";
  record(test, TextQuestion{"/etc/nginx/nginx.conf"}, TextAnswer{"http {} # as the run saw it\n"});
  record(test, TextQuestion{"/srv/app/migrations/0001.sql"}, TextAnswer{"CREATE"});
  record(test, TextQuestion{"/srv/app/.git/logs/HEAD"}, TextAnswer{"0 1 somebody"});
  CHECK(test.text("config/.env") == "DB_PASSWORD=[redacted:DB_PASSWORD]\n");
  CHECK(holds(test.text("config/docker-compose.yml"), "POSTGRES_PASSWORD: [redacted:POSTGRES_PASSWORD]\n"));
  CHECK(test.text("config/doctor.yaml") == "proxy: []\n");
  CHECK(test.collected("config/.env").redacted == std::map<std::string, std::uint64_t>{{"DB_PASSWORD", 1}});
  CHECK(test.collected("config/doctor.yaml").redacted.empty());
  test.read.clear();
  CHECK(test.text("config/host/etc/nginx/nginx.conf") == "http {} # as the run saw it\n");
  CHECK(test.read.empty());
  for (const auto& item : test.items()) {
    CHECK_FALSE(holds(item.path(), "gone"));
    CHECK_FALSE(holds(item.path(), ".sql"));
    CHECK_FALSE(holds(item.path(), ".git"));
  }
}

TEST_CASE("configuration: a file of a container is named by its service", "[collect]") {
  Bundled test;
  test.container("proxy");
  const std::string path = "/proc/4711/root/etc/nginx/conf.d/app.conf";
  test.files[path] = "server {}\n";
  record(test, TextQuestion{path}, TextAnswer{"server {}\n"});
  CHECK(test.text("config/container-proxy/etc/nginx/conf.d/app.conf") == "server {}\n");
}

TEST_CASE("configuration: hostile files", "[collect]") {
  Bundled test;
  test.deployment.files = {"/srv/app/fifo.yml", "/srv/app/binary.yml", "/srv/app/foreign.yml", "/run/secrets/db"};
  test.broken.emplace("/srv/app/fifo.yml", test::failed(FailureKind::protocol_error, "FIFO", "", "it is a named pipe"));
  test.files["/srv/app/binary.yml"] = std::string{"a\0b", 3};
  test.files["/srv/app/foreign.yml"] = "root:$6$x:1::\n";
  test.files["/run/secrets/db"] = "hunter2";
  test.status["/srv/app"].uid = 1000;
  test.status["/srv/app/foreign.yml"].kind = "file";
  test.status["/srv/app/foreign.yml"].mode = 0640;
  test.service("db").mounts.push_back({"secret", "/run/secrets/db", "/run/secrets/db", true, {}});
  CHECK(test.text("config/fifo.yml") == "[it is a named pipe]");
  CHECK(holds(test.text("config/binary.yml"), "NUL"));
  CHECK(holds(test.text("config/foreign.yml"), "another user"));
  CHECK(holds(test.text("config/host/run/secrets/db"), "holds a secret"));
  CHECK(std::count(test.read.begin(), test.read.end(), "/run/secrets/db") == 0);
}

TEST_CASE("configuration: what is too long is cut at the end of a line, and says so", "[collect]") {
  Bundled test;
  test.deployment.files = {"/srv/app/long.conf"};
  test.files["/srv/app/long.conf"] = "one\ntwo\nthree\n";
  std::string text;
  const auto collected = test.read_item("config/long.conf", text, 9);
  CHECK(text == "one\ntwo\n");
  CHECK_FALSE(collected->complete);
  CHECK_FALSE(collected->note.empty());
}

TEST_CASE("configuration: files that are mounted from the directory", "[collect]") {
  Bundled test;
  auto& service = test.service("sfu");
  for (const std::string name : {"livekit.yaml", "jwt_private_key.pem", "secrets.json", "data"}) {
    service.mounts.push_back({"bind", "/srv/app/" + name, "/x", true, {}});
    test.files["/srv/app/" + name] = "a: b\n";
  }
  service.mounts.push_back({"bind", "/etc/shadow.conf", "/y", true, {}});
  test.files["/etc/shadow.conf"] = "x";
  CHECK(test.has("config/livekit.yaml"));
  CHECK_FALSE(test.has("config/jwt_private_key.pem"));
  CHECK_FALSE(test.has("config/secrets.json"));
  CHECK_FALSE(test.has("config/data"));
  CHECK_FALSE(test.has("config/host/etc/shadow.conf"));
}

TEST_CASE("containers: inspect data of the project, without values", "[collect]") {
  Bundled test;
  test.deployment.engine_asked = true;
  auto& container = test.container("app");
  container.id = "c0ffee";
  container.image_id = "sha256:abc";
  container.image = "registry.example.com:5000/app/server:1.2";
  test.engine["/containers/c0ffee/json"] = R"({"Config": {"Env": ["DB_PASSWORD=hunter2"]}})";
  test.engine["/images/sha256:abc/json"] = R"({"Id": "sha256:abc"})";
  test.engine["/networks"] = R"([{"Name": "app_default", "Id": "ab", "Labels": {"com.docker.compose.project": "app"}},
                                 {"Name": "other", "Labels": null}])";
  test.engine["/networks/ab"] = R"({"Name": "app_default", "Containers": {"x": {}}})";
  test.engine["/volumes"] =
      R"({"Volumes": [{"Name": "other"}, {"Name": "data", "Labels": {"com.docker.compose.project": "app"}}]})";
  const auto inspect = test.text("containers/app-app-1.json");
  CHECK(holds(inspect, "DB_PASSWORD=[redacted:DB_PASSWORD]"));
  CHECK(holds(test.text("containers/images/app-server-1.2.json"), "sha256:abc"));
  const auto networks = test.text("containers/project/networks.json");
  CHECK(holds(networks, "Containers"));
  CHECK_FALSE(holds(networks, "other"));
  const auto volumes = test.text("containers/project/volumes.json");
  CHECK(holds(volumes, "data"));
  CHECK_FALSE(holds(volumes, "other"));
}

TEST_CASE("containers: further ones of the project, and their logs", "[collect]") {
  Bundled test;
  test.deployment.engine_asked = true;
  test.container("app").id = "c0ffee";
  test.live.engine = [](const std::string& path, const Deadline&) -> Outcome<std::string> {
    if (path.starts_with("/containers/json?"))
      return R"([{"Id": "c0ffee", "Names": ["/app-app-1"]}, {"Id": "beef", "Names": ["/app-migrate-run-1"]},
                 {"Id": "bad", "Names": ["/app-bad-1"]}, 7])";
    if (path == "/containers/beef/json") return R"({"Id": "beef", "Name": "/app-migrate-run-1"})";
    return "[]";
  };
  test.live.container_log = [](const Container& container, const probes::LogPart&, const probes::LogLines& take,
                               const std::function<void()>&, const Deadline&) -> Outcome<probes::LogRead> {
    take({container.id, 0, {}, "stderr"});
    return probes::LogRead{};
  };
  CHECK(test.text("logs/app.log") == "stderr c0ffee\n");
  CHECK(test.text("logs/app-migrate-run-1.log") == "stderr beef\n");
  CHECK(test.has("containers/app-migrate-run-1.json"));
}

TEST_CASE("containers: an Engine that cannot be asked, or answers nonsense, is a reason", "[collect]") {
  Bundled test;
  test.deployment.engine_note = "doctor may not use the socket of the Docker Engine";
  CHECK(test.text("containers/inspect.json") == "[doctor may not use the socket of the Docker Engine]");

  Bundled broken;
  broken.deployment.engine_asked = true;
  broken.container("app").id = "c0ffee";
  broken.engine["/containers/c0ffee/json"] = "<html>";
  broken.engine["/networks"] = "[1, null, {\"Labels\": 3, \"Name\": []}]";
  broken.engine["/volumes"] = "[]";
  CHECK(holds(broken.text("containers/app-app-1.json"), "not that of a Docker Engine"));
  CHECK(broken.text("containers/project/networks.json") == "[]\n");
  CHECK(broken.text("containers/project/volumes.json") == "[]\n");

  Bundled hostile;  // an id is put into a path
  hostile.deployment.engine_asked = true;
  hostile.container("app").id = "../../info";
  CHECK_FALSE(hostile.has("containers/app-app-1.json"));
}

TEST_CASE("host: files, sockets, disks, time, processes and what is deployed", "[collect]") {
  Bundled test;
  test.files["/proc/version"] = "Linux version 6.1\n";
  test.files["/etc/os-release"] = "ID=debian\x1b[31m\n";
  CHECK(test.text("host/proc/version.txt") == "Linux version 6.1\n");
  CHECK_FALSE(holds(test.text("host/etc/os-release.txt"), "\x1b"));
  CHECK(holds(test.text("host/proc/meminfo.txt"), "no such file"));
  const auto sockets = test.text("host/sockets.txt");
  CHECK(holds(sockets, "0.0.0.0:443  uid 0  nginx (17)\n"));
  CHECK(holds(sockets, "[::1]:8080  uid 999  process not to be seen\n"));

  FileSystemAnswer disk;
  disk.mount_point = "/srv";
  disk.type = "ext4";
  disk.total = 1000;
  record(test, FileSystemQuestion{"/srv/app/data"}, disk);
  test.files["/proc/self/mounts"] = "/dev/sda1 /srv ext4 rw 0 0\nserver:/x /mnt/dead nfs rw 0 0\n";
  const auto disks = test.text("host/disks.txt");
  CHECK(holds(disks, "/srv/app/data"));
  CHECK(holds(disks, "/dev/sda1 /srv ext4"));
  CHECK_FALSE(holds(disks, "dead"));

  test.fakes.on<TimeKeepingQuestion>().answer_all(TimeKeepingAnswer{true, 12});
  CHECK(holds(test.text("host/time.txt"), "synchronised: yes"));
}

TEST_CASE("host: a process without the secrets of its command line", "[collect]") {
  Bundled test;
  test.process("app");
  using namespace std::string_literals;
  test.files["/proc/4711/status"] = "Name:\tapp\n";
  test.files["/proc/4711/cmdline"] = "/opt/app\0--db-password\0hunter2\0--port\0008080\0"s;
  test.files["/proc/4711/limits"] = "Max open files 1024\n";
  test.files["/proc/4711/cgroup"] = "0::/system.slice/app.service\n";
  test.files["/sys/fs/cgroup/system.slice/app.service/memory.max"] = "1000000\n";
  const auto text = test.text("host/processes/app.txt");
  CHECK(holds(text, "--db-password '[redacted:argument]' --port"));
  CHECK_FALSE(holds(text, "hunter2"));
  CHECK(holds(text, "Max open files 1024"));
  CHECK(holds(text, "memory.max: 1000000"));
}

TEST_CASE("support: what the project asks for is taken from the run, or asked once", "[collect]") {
  Bundled test;
  test.deployment.description.support = {"/health", "/metrics"};
  test.service("app").rule.name = "app";
  test.deployment.description.name = "app";
  add_base(test, "app", "http://127.0.0.1:8080");
  record(test, get("http://127.0.0.1:8080/health"), json_answer(R"({"version": "1.2.3"})"));
  test.fakes.on<HttpQuestion>().answer_all(json_answer("requests_total 1\n"));
  const auto health = test.text("support/app/health.txt");
  CHECK(holds(health, "HTTP 200\n"));
  CHECK(holds(health, R"({"version": "1.2.3"})"));
  CHECK_FALSE(holds(health, "\x1b"));
  CHECK(test.fakes.on<HttpQuestion>().asked().empty());
  CHECK(holds(test.text("support/app/metrics.txt"), "requests_total 1"));
  const auto asked = test.fakes.on<HttpQuestion>().asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().url == "http://127.0.0.1:8080/metrics");
  CHECK(asked.front().method == "GET");
  CHECK(holds(test.text("host/deployment.txt"), "app /health version: 1.2.3"));
}

TEST_CASE("support: nobody is asked more than three times, nor where there is no way", "[collect]") {
  Bundled test;
  test.deployment.description.support = {"/health"};
  add_base(test, "app", "http://127.0.0.1:8080");
  for (const int seconds : {1, 2, 3}) {
    auto question = get("http://127.0.0.1:8080/health");
    question.limit = std::chrono::seconds{seconds};
    record(test, question, test::failed(FailureKind::timed_out));
  }
  std::string text;
  CHECK_FALSE(test.read_item("support/app/health.txt", text).has_value());
  CHECK(test.fakes.on<HttpQuestion>().asked().empty());

  Bundled patient;
  patient.deployment.description.support = {"/ready"};
  add_base(patient, "app", "http://127.0.0.1:8080");
  auto question = get("http://127.0.0.1:8080/ready");
  question.limit = std::chrono::seconds{25};
  record(patient, question, test::failed(FailureKind::timed_out));
  CHECK_FALSE(patient.read_item("support/app/ready.txt", text).has_value());
  CHECK(patient.fakes.on<HttpQuestion>().asked().empty());

  Bundled silent;
  silent.deployment.description.support = {"/health", "/version"};
  add_base(silent, "app", "http://127.0.0.1:8080");
  record(silent, get("http://127.0.0.1:8080/"), test::failed(FailureKind::timed_out));
  CHECK(holds(silent.text("support/app/version.txt"), "http://127.0.0.1:8080 answered nothing"));
  CHECK(silent.fakes.on<HttpQuestion>().asked().empty());
  record(silent, get("http://127.0.0.1:8080/other"), json_answer("{}"));
  silent.fakes.on<HttpQuestion>().answer_all(json_answer("1.2.3"));
  CHECK(holds(silent.text("support/app/version.txt"), "1.2.3"));

  Bundled unreachable;
  unreachable.deployment.description.support = {"/health"};
  add_base(unreachable, "app", "");
  CHECK(unreachable.text("support/app/health.txt") == "[nothing leads there]");

  Bundled nowhere;
  nowhere.deployment.description.support = {"/health"};
  CHECK(holds(nowhere.text("support/health.txt"), "no address"));
}

TEST_CASE("support: an answer with a key in its request is not taken, a long body is cut", "[collect]") {
  Bundled test;
  test.deployment.description.support = {"/health"};
  add_base(test, "app", "http://127.0.0.1:8080");
  auto question = get("http://127.0.0.1:8080/health");
  question.secrets = {{"apikey", "", "setting:app/KEY"}};
  record(test, question, json_answer("for friends only"));
  test.fakes.on<HttpQuestion>().answer_all(json_answer(std::string(3'000'000, 'x')));
  std::string text;
  const auto collected = test.read_item("support/app/health.txt", text).value();
  CHECK_FALSE(holds(text, "friends"));
  CHECK(text.size() < 1'100'000);
  CHECK_FALSE(collected.complete);
}

TEST_CASE("a deployment of nothing but an address has a bundle, too", "[collect]") {
  Bundled test;
  test.deployment.compose_file.clear();
  test.deployment.env_file.clear();
  test.deployment.description.support = {"/health"};
  test.service("application");
  add_base(test, "application", "https://app.example.com");
  test.fakes.on<HttpQuestion>().answer_all(json_answer("{}"));
  CHECK(holds(test.text("support/application/health.txt"), "HTTP 200"));
  CHECK(holds(test.text("host/deployment.txt"), "https://app.example.com"));
  CHECK(holds(test.text("logs/application.log"), "does not run here"));
}

TEST_CASE("after the deadline nothing more is read", "[collect]") {
  Bundled test;
  test.files["/proc/version"] = "Linux\n";
  for (const auto& item : test.items()) {
    if (item.path() != "host/proc/version.txt") continue;
    const auto outcome =
        item.read([](std::string_view) { return true; }, 100, Deadline::after(std::chrono::milliseconds{0}));
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().kind == FailureKind::timed_out);
  }
  CHECK(test.read.empty());
}

}  // namespace doctor
