#include "deployment/discover.hpp"

#include <algorithm>
#include <set>

#include "deployment/project.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;
using doctor::deployment::test::description;

namespace {

const std::string compose_text = R"(services:
  chatalot:
    image: ghcr.io/purpleneutral/chatalot:latest
    container_name: chatalot-server
    depends_on:
      postgres:
        condition: service_healthy
    environment:
      DATABASE_URL: postgres://chatalot:${DB_PASSWORD}@postgres:5432/chatalot
      JWT_PRIVATE_KEY_PATH: /run/secrets/jwt_private_key
      TOTP_ENCRYPTION_KEY: ${TOTP_ENCRYPTION_KEY:-}
      LISTEN_ADDR: 0.0.0.0:8080
      FILE_STORAGE_PATH: /app/data/files
      RUST_LOG: ${RUST_LOG:-info}
    ports:
      - "8080:8080"
    networks: [external, internal]
    volumes:
      - file_storage:/app/data/files
    secrets: [jwt_private_key]
  postgres:
    image: postgres:17
    container_name: chatalot-db
    environment:
      POSTGRES_USER: chatalot
      POSTGRES_PASSWORD: ${DB_PASSWORD}
    networks: [internal]
    volumes:
      - postgres_data:/var/lib/postgresql/data
networks:
  external:
  internal:
    internal: true
volumes:
  postgres_data:
  file_storage:
secrets:
  jwt_private_key:
    file: ./secrets/jwt_private.pem
)";

const std::string env_text =
    "DATABASE_URL=postgres://chatalot:written-word@localhost/chatalot\nDB_PASSWORD=hidden-word\n"
    "TOTP_ENCRYPTION_KEY=0011223344556677\n";

Failed failed(FailureKind kind, const std::string& detail) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.detail = detail;
  return Failed{failure};
}

/// A host that exists only in this struct.
struct Host {
  std::map<std::string, std::string> files{{"/srv/chatalot/docker-compose.yml", compose_text},
                                           {"/srv/chatalot/.env", env_text},
                                           {"/srv/chatalot/secrets/jwt_private.pem", "key"}};
  std::set<std::string> directories{"/srv/chatalot", "/var/lib/docker"};
  std::map<std::string, FailureKind> broken;
  std::map<std::string, std::vector<FoundContainer>> containers;
  std::vector<FoundProject> projects;
  std::map<std::string, std::vector<FoundProcess>> processes;
  std::vector<std::string> networks;
  std::vector<FoundVolume> volumes;
  std::vector<FoundVolumeUser> volume_users;
  bool engine = true;
  DiscoverOptions options;

  Host() { options.directory = "/srv/chatalot"; }

  Sources sources() const {
    Sources made;
    made.read = [this](const std::string& path) -> Outcome<std::string> {
      if (const auto bad = broken.find(path); bad != broken.end()) return failed(bad->second, "permission denied");
      const auto found = files.find(path);
      if (found == files.end()) return failed(FailureKind::not_found, "no such file");
      return found->second;
    };
    made.kind = [this](const std::string& path) -> std::string {
      if (directories.count(path) > 0) return "directory";
      return files.count(path) > 0 || broken.count(path) > 0 ? "file" : "missing";
    };
    made.projects = [this]() -> Outcome<std::vector<FoundProject>> { return projects; };
    made.containers = [this](const std::string& project) -> Outcome<std::vector<FoundContainer>> {
      if (!engine) return failed(FailureKind::permission_denied, "no right to the socket");
      const auto found = containers.find(project);
      return found == containers.end() ? std::vector<FoundContainer>{} : found->second;
    };
    made.processes = [this](const std::string& exe) -> Outcome<std::vector<FoundProcess>> {
      const auto found = processes.find(exe);
      return found == processes.end() ? std::vector<FoundProcess>{} : found->second;
    };
    made.networks = [this]() -> Outcome<std::vector<std::string>> { return networks; };
    made.volumes = [this]() -> Outcome<std::vector<FoundVolume>> { return volumes; };
    made.volume_users = [this]() -> Outcome<std::vector<FoundVolumeUser>> { return volume_users; };
    made.docker_root = []() -> Outcome<std::string> { return std::string{"/data/docker"}; };
    return made;
  }

  Discovery discover() const { return deployment::discover(options, sources(), {description()}); }

  std::shared_ptr<const Deployment> found() const {
    auto discovery = discover();
    INFO((discovery ? "" : discovery.error().message));
    REQUIRE(discovery);
    return *discovery;
  }

  void start(const std::string& service, const std::string& name, const std::string& address, Environment values) {
    FoundContainer container;
    container.service = service;
    container.container.name = name;
    container.container.status = "running";
    container.container.image = "image-of-" + service;
    container.container.addresses = {{"chatalot_internal", address}};
    container.environment = std::move(values);
    containers["chatalot"].push_back(std::move(container));
  }
};

std::vector<std::string> codes(const Deployment& deployment) {
  std::vector<std::string> found;
  for (const auto& problem : deployment.problems) found.push_back(problem.code);
  std::sort(found.begin(), found.end());
  return found;
}

const FileProblem& problem(const Deployment& deployment, const std::string& code) {
  for (const auto& found : deployment.problems)
    if (found.code == code) return found;
  FAIL("no problem " << code);
  return deployment.problems.front();
}

std::set<std::string> keys(const FileProblem& found) {
  std::set<std::string> names;
  for (const auto& [name, value] : found.evidence) names.insert(name);
  return names;
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}

FoundProcess process(const std::string& directory) {
  FoundProcess found;
  found.process = {4711, "/opt/chatalot/bin/chatalot-server", directory, 999, {999}, 0};
  found.environment =
      Environment{{"DATABASE_URL", "postgres://u:hidden-word@localhost/d"}, {"LISTEN_ADDR", "0.0.0.0:9000"}};
  return found;
}

}  // namespace

TEST_CASE("a stack that runs is read with all its parts, and nothing is wrong with it") {
  Host host;
  host.start(
      "chatalot", "chatalot-server", "172.20.0.3",
      {{"DATABASE_URL", "postgres://chatalot:hidden-word@postgres:5432/chatalot"}, {"LISTEN_ADDR", "0.0.0.0:8080"}});
  host.start("postgres", "chatalot-db", "172.20.0.2", {{"POSTGRES_PASSWORD", "hidden-word"}});
  auto& containers = host.containers["chatalot"];
  containers[0].container.mounts = {{"volume", "chatalot_file_storage", "/app/data/files", false, {}}};
  containers[1].container.mounts = {{"volume", "chatalot_postgres_data", "/var/lib/postgresql/data", false, {}}};
  host.volumes = {{"chatalot_postgres_data", "chatalot", "postgres_data", 100, "/data/docker/volumes/pg/_data"},
                  {"chatalot_file_storage", "chatalot", "file_storage", 100, "/data/docker/volumes/files/_data"}};
  host.volume_users = {{"chatalot_postgres_data", "chatalot-db", "chatalot"},
                       {"chatalot_postgres_data", "old-db", "old"},
                       {"chatalot_postgres_data", "stranger", ""},
                       {"another", "old-db", "old"}};
  const auto deployment = host.found();
  CHECK(codes(*deployment).empty());
  CHECK(deployment->system == "chatalot");
  CHECK(deployment->project == "chatalot");
  CHECK(deployment->sources == std::vector<std::string>{"docker-compose.yml", ".env", "2 containers"});
  CHECK(deployment->engine_note.empty());
  CHECK(deployment->engine_asked);
  for (const auto& volume : deployment->volumes)
    if (volume.name == "postgres_data")
      CHECK(volume.used_by == std::vector<std::string>{"old-db (project old)", "stranger (no project)"});
  CHECK(deployment->service("chatalot")->described());
  CHECK_FALSE(deployment->service("postgres")->described());
  const auto* url = deployment->setting("chatalot", "DATABASE_URL");
  REQUIRE(url != nullptr);
  CHECK(url->reach == Reach::pinned);
  CHECK(url->written_at->text() == ".env:1");
  CHECK(url->passed_at->text() == "docker-compose.yml:9");
  CHECK(url->built_from == std::vector<std::string>{"setting:compose/DB_PASSWORD"});
  REQUIRE(deployment->data_sources.size() == 1);
  CHECK(deployment->data_sources[0].dial.host == "172.20.0.2");
  REQUIRE(deployment->http.size() == 1);
  CHECK(deployment->http[0].dial.host == "172.20.0.3");
  CHECK(deployment->disks.at("storage") == "/data/docker/volumes/files/_data");
  CHECK(deployment->disks.at("docker") == "/data/docker");
  CHECK(deployment->disks.at("database") == "/data/docker/volumes/pg/_data");
  CHECK(deployment->disks.at("deployment") == "/srv/chatalot");
  for (const auto& setting : deployment->settings)
    for (const auto& hop : setting.chain) {
      CHECK(hop.expression.find("hidden-word") == std::string::npos);
      CHECK(hop.expression.find("written-word") == std::string::npos);
    }
}

TEST_CASE("a directory that is missing or holds nothing ends the run") {
  Host host;
  host.options.directory = "/nowhere";
  CHECK_FALSE(host.discover());
  host.options.directory = "/srv/chatalot";
  host.files.clear();
  const auto nothing = host.discover();
  REQUIRE_FALSE(nothing);
  for (const auto* part : {"compose", ".env", "chatalot-server", "/srv/chatalot"})
    CHECK(nothing.error().message.find(part) != std::string::npos);
}

TEST_CASE("wrong flags end the run") {
  const auto refused = [](const auto& change) {
    Host host;
    change(host.options);
    return !host.discover().has_value();
  };
  CHECK(refused([](DiscoverOptions& o) { o.system = "chatlot"; }));
  CHECK(refused([](DiscoverOptions& o) { o.set = {"NAME"}; }));
  CHECK(refused([](DiscoverOptions& o) { o.set = {"9A=x"}; }));
  CHECK(refused([](DiscoverOptions& o) { o.set = {"nobody.RUST_LOG=x"}; }));
  CHECK(refused([](DiscoverOptions& o) { o.urls = {"chat.example.com"}; }));
  CHECK(refused([](DiscoverOptions& o) { o.urls = {"nobody=http://h"}; }));
  CHECK(refused([](DiscoverOptions& o) { o.env_files = {"missing.env"}; }));
  CHECK(refused([](DiscoverOptions& o) { o.compose_files = {"missing.yml"}; }));
  CHECK_FALSE(refused([](DiscoverOptions& o) { o.set = {"chatalot.RUST_LOG=x", "RUST_LOG=y"}; }));
  CHECK_FALSE(refused([](DiscoverOptions& o) { o.urls = {"https://chat.example.com", "postgres=http://h"}; }));
}

TEST_CASE("a base URL is the main service's") {
  Host host;
  host.files.clear();
  host.options.system = "chatalot";
  host.options.urls = {"https://chat.example.com/"};
  const auto deployment = host.found();
  REQUIRE(deployment->http.size() == 1);
  CHECK(deployment->http[0].service == "chatalot");
  CHECK(deployment->http[0].url == "https://chat.example.com");
  INFO("what was not seen is not missing");
  CHECK(deployment->settings.empty());
}

TEST_CASE("a missing .env is one problem, and names the example") {
  Host host;
  host.files.erase("/srv/chatalot/.env");
  host.files["/srv/chatalot/.env.example"] = "DB_PASSWORD=x\n";
  const auto deployment = host.found();
  CHECK(codes(*deployment) == std::vector<std::string>{"env-file-missing"});
  const auto& missing = problem(*deployment, "env-file-missing");
  CHECK(missing.subject == "file:.env");
  CHECK(missing.evidence.at("example") == ".env.example");
  CHECK(keys(missing) == std::set<std::string>{"file", "example"});
  INFO("the shell may have them all");
  host.options.shell["DB_PASSWORD"] = "hidden-word";
  CHECK(codes(*host.found()).empty());
}

TEST_CASE("an .env that cannot be read is a problem, and the rest is examined") {
  Host host;
  host.broken["/srv/chatalot/.env"] = FailureKind::protocol_error;
  const auto deployment = host.found();
  CHECK(problem(*deployment, "env-file-unreadable").subject == "file:.env");
  CHECK(deployment->env_unread.empty());
  CHECK(deployment->service("chatalot") != nullptr);
  const auto all = codes(*deployment);
  CHECK(std::count(all.begin(), all.end(), "env-file-missing") == 0);
}

TEST_CASE("an .env that doctor may not read is nobody's fault, and what it may say is not missing") {
  Host host;
  replace(host.files["/srv/chatalot/docker-compose.yml"], "POSTGRES_USER: chatalot",
          "POSTGRES_USER: ${PG_USER:?set it}");
  host.broken["/srv/chatalot/.env"] = FailureKind::permission_denied;
  const auto deployment = host.found();
  CHECK(codes(*deployment).empty());
  CHECK_FALSE(deployment->env_unread.empty());
  CHECK(std::count(deployment->sources.begin(), deployment->sources.end(), ".env") == 0);
  CHECK(deployment->setting("chatalot", "DATABASE_URL") == nullptr);
  CHECK(deployment->setting("chatalot", "TOTP_ENCRYPTION_KEY") == nullptr);
  CHECK(deployment->setting("chatalot", "RUST_LOG") == nullptr);  // its default may not count
  CHECK(deployment->setting("compose", "DB_PASSWORD") == nullptr);
  REQUIRE(deployment->setting("chatalot", "LISTEN_ADDR") != nullptr);
  CHECK(deployment->setting("chatalot", "LISTEN_ADDR")->configured.has_value());  // the compose file says it
  for (const auto& rule : deployment->service("chatalot")->rule.settings) CHECK(rule.name != "TOTP_ENCRYPTION_KEY");
}

TEST_CASE("an unset variable that no description knows is a problem") {
  Host host;
  replace(host.files["/srv/chatalot/docker-compose.yml"], "POSTGRES_USER: chatalot", "POSTGRES_USER: ${PG_USER}");
  const auto deployment = host.found();
  CHECK(codes(*deployment) == std::vector<std::string>{"compose-variable-unset"});
  CHECK(problem(*deployment, "compose-variable-unset").subject == "setting:compose/PG_USER");
}

TEST_CASE("the missing file of a secret is a problem unless it is a described key") {
  Host host;
  host.files.erase("/srv/chatalot/secrets/jwt_private.pem");
  CHECK(codes(*host.found()).empty());
  replace(host.files["/srv/chatalot/docker-compose.yml"], "JWT_PRIVATE_KEY_PATH: /run", "OTHER_PATH: /run");
  const auto deployment = host.found();
  CHECK(codes(*deployment) == std::vector<std::string>{"compose-secret-missing"});
  CHECK(problem(*deployment, "compose-secret-missing").subject == "file:secrets/jwt_private.pem");
}

TEST_CASE("services that must talk share a network") {
  Host host;
  replace(host.files["/srv/chatalot/docker-compose.yml"], "[external, internal]", "[external]");
  const auto deployment = host.found();
  CHECK(codes(*deployment) == std::vector<std::string>{"compose-network-not-shared"});
  CHECK(keys(problem(*deployment, "compose-network-not-shared")) ==
        std::set<std::string>{"service", "other", "networks", "other_networks"});
}

TEST_CASE("a port of a service on internal networks only cannot be reached") {
  Host host;
  replace(host.files["/srv/chatalot/docker-compose.yml"], "container_name: chatalot-db\n",
          "container_name: chatalot-db\n    ports: ['5432:5432']\n");
  const auto deployment = host.found();
  CHECK(codes(*deployment) == std::vector<std::string>{"compose-port-unreachable"});
  CHECK(problem(*deployment, "compose-port-unreachable").subject == "service:postgres");
  CHECK(problem(*deployment, "compose-port-unreachable").evidence.at("port") == "5432");
}

TEST_CASE("an external network must exist, when the Engine can tell") {
  Host host;
  replace(host.files["/srv/chatalot/docker-compose.yml"], "  external:\n",
          "  external:\n    external: true\n    name: web\n");
  CHECK(codes(*host.found()) == std::vector<std::string>{"compose-network-external-missing"});
  CHECK(problem(*host.found(), "compose-network-external-missing").evidence.at("network") == "web");
  host.networks = {"web"};
  CHECK(codes(*host.found()).empty());
  host.networks.clear();
  host.engine = false;
  CHECK(codes(*host.found()).empty());
}

TEST_CASE("an older project with the same volumes is told, unless it runs") {
  Host host;
  host.volumes = {{"old_postgres_data", "old", "postgres_data", 100, ""},
                  {"old_file_storage", "old", "file_storage", 100, ""}};
  auto deployment = host.found();
  CHECK(codes(*deployment) == std::vector<std::string>{"compose-project-renamed"});
  CHECK(problem(*deployment, "compose-project-renamed").subject == "volume:postgres_data");
  CHECK(problem(*deployment, "compose-project-renamed").evidence.at("older") == "old_postgres_data");
  INFO("ours is the older one");
  host.volumes.push_back({"chatalot_postgres_data", "chatalot", "postgres_data", 50, ""});
  host.volumes.push_back({"chatalot_file_storage", "chatalot", "file_storage", 50, ""});
  CHECK(codes(*host.found()).empty());
  host.volumes.resize(2);
  FoundContainer other;
  other.container.status = "running";
  host.containers["old"] = {other};
  CHECK(codes(*host.found()).empty());
}

TEST_CASE("an Engine that cannot be asked is said, and the files are examined") {
  Host host;
  host.engine = false;
  const auto deployment = host.found();
  CHECK_FALSE(deployment->engine_note.empty());
  CHECK(deployment->disks.at("docker") == "/var/lib/docker");
  REQUIRE(deployment->http.size() == 1);
  CHECK(deployment->http[0].url == "http://127.0.0.1:8080");
}

TEST_CASE("a project started under another name is found by its directory") {
  Host host;
  host.start("chatalot", "chatalot-server", "172.20.0.3", {});
  host.containers["other-name"] = std::move(host.containers["chatalot"]);
  host.containers.erase("chatalot");
  host.projects = {{"other-name", "/srv/chatalot"}, {"foreign", "/srv/foreign"}};
  const auto deployment = host.found();
  CHECK(deployment->project == "other-name");
  CHECK(deployment->service("chatalot")->container.has_value());
}

TEST_CASE("a bare process is found by its program, with the environment that it has") {
  Host host;
  host.files.erase("/srv/chatalot/docker-compose.yml");
  host.processes["chatalot-server"] = {process("/opt/chatalot")};
  const auto deployment = host.found();
  CHECK(deployment->system == "chatalot");
  REQUIRE(deployment->services.size() == 1);
  CHECK(deployment->services[0].process->pid == 4711);
  CHECK(deployment->compose_file.empty());
  CHECK(deployment->sources == std::vector<std::string>{".env", "process 4711"});
  REQUIRE(deployment->http.size() == 1);
  CHECK(deployment->http[0].url == "http://127.0.0.1:9000");
  REQUIRE(deployment->data_sources.size() == 1);
  CHECK(deployment->data_sources[0].dial.host == "localhost");
  const auto* key = deployment->setting("chatalot", "TOTP_ENCRYPTION_KEY");
  CHECK(key->written.has_value());
  CHECK_FALSE(key->running.has_value());
  CHECK(deployment->disks.at("storage") == "/opt/chatalot/data/files");
  INFO("without any file the process alone is enough");
  host.files.clear();
  CHECK(host.found()->system == "chatalot");
}

TEST_CASE("beside a compose file only processes of the directory count, and none in a container") {
  Host host;
  host.processes["chatalot-server"] = {process("/opt/elsewhere")};
  host.processes["chatalot-server"][0].process.exe = "/opt/elsewhere/chatalot-server";
  CHECK_FALSE(host.found()->service("chatalot")->process.has_value());
  host.processes["chatalot-server"] = {process("/srv/chatalot")};
  CHECK(host.found()->service("chatalot")->process.has_value());
  host.processes["chatalot-server"][0].container = "abcdef";
  CHECK_FALSE(host.found()->service("chatalot")->process.has_value());
}

TEST_CASE("a process whose environment cannot be read is said") {
  Host host;
  host.files.erase("/srv/chatalot/docker-compose.yml");
  host.processes["chatalot-server"] = {process("/srv/chatalot")};
  host.processes["chatalot-server"][0].environment = failed(FailureKind::permission_denied, "not ours");
  const auto deployment = host.found();
  CHECK(deployment->engine_note.find("process 4711") != std::string::npos);
  CHECK(deployment->setting("chatalot", "LISTEN_ADDR") == nullptr);  // only the process could say
  for (const auto& rule : deployment->service("chatalot")->rule.settings) CHECK(rule.name != "LISTEN_ADDR");
  REQUIRE(deployment->setting("chatalot", "DATABASE_URL") != nullptr);
  CHECK_FALSE(deployment->setting("chatalot", "DATABASE_URL")->running.has_value());
  CHECK_FALSE(deployment->environment_known(*deployment->service("chatalot")));
  REQUIRE(deployment->http.size() == 1);
  CHECK_FALSE(deployment->http.front().dial.doubt.empty());
}

TEST_CASE("an unknown application gets guesses") {
  Host host;
  host.files = {{"/srv/chatalot/compose.yaml",
                 "services:\n  app:\n    image: x\n    environment:\n      DATABASE_URL: postgres://u:${PG_PASS}@db/d\n"
                 "      SIGNING_KEY: abc\n      PORT: '80'\n  db:\n    image: postgres\n"},
                {"/srv/chatalot/.env", "PG_PASS=hidden-word\n"}};
  const auto deployment = host.found();
  CHECK(deployment->system.empty());
  CHECK_FALSE(deployment->system_note.empty());
  CHECK(codes(*deployment).empty());
  REQUIRE(deployment->data_sources.size() == 1);
  CHECK(deployment->data_sources[0].endpoint == "endpoint:db:5432");
  CHECK(deployment->setting("app", "SIGNING_KEY")->rule.secret);
  CHECK_FALSE(deployment->setting("app", "PORT")->rule.secret);
  CHECK(deployment->http.empty());
}

TEST_CASE("doctor's own environment can be the service's") {
  Host host;
  host.files.clear();
  host.options.system = "chatalot";
  host.options.env_from_process = true;
  host.options.shell = {{"DATABASE_URL", "postgres://u:hidden-word@db.example.com/d"}, {"PATH", "/bin"}};
  const auto deployment = host.found();
  CHECK(deployment->setting("chatalot", "DATABASE_URL")->running.has_value());
  CHECK(deployment->setting("chatalot", "PATH") == nullptr);
  REQUIRE(deployment->data_sources.size() == 1);
  CHECK(deployment->data_sources[0].dial.host == "db.example.com");
}

TEST_CASE("a broken compose file is a problem, and .env is examined without judging what reaches") {
  Host host;
  host.files["/srv/chatalot/docker-compose.yml"] = "services:\n  chatalot: [\n";
  const auto deployment = host.found();
  CHECK_FALSE(codes(*deployment).empty());
  const auto* key = deployment->setting("compose", "TOTP_ENCRYPTION_KEY");
  REQUIRE(key != nullptr);
  CHECK(key->reach == Reach::unknown);
}
