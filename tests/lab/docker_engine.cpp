#include "lab/docker_engine.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include "support/catch.hpp"
#include "support/places.hpp"

namespace doctor::lab {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* server_listens = "Listening on ";

bool on_path(const std::string& program) {
  return run({"sh", "-c", "command -v " + program}).exit == 0;
}

/// Made by tests/support/get-servers.sh.
std::string servers_tar() {
  if (const char* given = std::getenv("DOCTOR_TEST_SERVERS"); given != nullptr) return given;
  const char* home = std::getenv("HOME");
  return std::string{home == nullptr ? "" : home} + "/.cache/doctor-tools/servers.tar";
}

template <class Condition>
bool wait_until(Condition holds, seconds limit) {
  const auto end = Clock::now() + limit;
  while (!holds()) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds{50});
  }
  return true;
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string override_text(const std::string& chatalot, const std::string& postgres, const std::string& end) {
  return "services:\n  chatalot:\n    image: doctor-test/chatalot\n" + chatalot +
         "  postgres:\n    image: doctor-test/postgres\n    healthcheck: {interval: 1s, retries: 30}\n" + postgres +
         end;
}

/// Methods of the calls in a piece of the Engine's debug log.
std::vector<std::string> methods_in(const std::string& log) {
  static const std::string mark = "\"Calling ";
  std::vector<std::string> methods;
  for (auto at = log.find(mark); at != std::string::npos; at = log.find(mark, at)) {
    at += mark.size();
    methods.push_back(log.substr(at, log.find(' ', at) - at));
  }
  return methods;
}

}  // namespace

std::string compose_program() {
  if (const char* given = std::getenv("DOCTOR_TEST_COMPOSE"); given != nullptr) return given;
  const char* home = std::getenv("HOME");
  return std::string{home == nullptr ? "" : home} + "/.cache/doctor-tools/docker-compose";
}

std::string missing_for_engine() {
  if (!is_root()) return "a Docker Engine needs root";
  for (const auto* program : {"dockerd", "docker", "busybox", "ldd"})
    if (!on_path(program)) return std::string{program} + " is not installed";
  if (run({"sh", "-c", "ldd \"$(command -v busybox)\" >/dev/null 2>&1"}).exit == 0)
    return "busybox is not linked statically (package busybox-static)";
  if (::access(compose_program().c_str(), X_OK) != 0)
    return "no Compose at " + compose_program() + " (tests/support/get-compose.sh; DOCTOR_TEST_COMPOSE names another)";
  if (::access(servers_tar().c_str(), R_OK) != 0)
    return "no servers for the containers at " + servers_tar() +
           " (tests/support/get-servers.sh; DOCTOR_TEST_SERVERS names another)";
  return {};
}

DockerEngine::DockerEngine() {
  std::string pattern = (fs::temp_directory_path() / "doctor-engine-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot create " + pattern);
  ::chmod(pattern.c_str(), 0755);  // the socket, not the way to it, is what keeps others out
  directory_ = pattern;
  try {
    start();
    make_images();
  } catch (...) {
    this->~DockerEngine();
    throw;
  }
}

/// Removes everything once this process is gone or asks for it: a test that crashes leaves nothing behind.
std::string DockerEngine::watchdog() const {
  const auto docker = "docker -H " + host() + " ";
  return "dockerd -D --data-root " + data() + " --exec-root " + directory_ + "/exec --pidfile " + directory_ +
         "/pid -H " + host() +
         " --bridge=none >>log 2>&1 </dev/null & engine=$!\n"
         "while [ ! -e stop ] && kill -0 " +
         std::to_string(::getpid()) + " && kill -0 $engine; do sleep 0.1; done 2>/dev/null\n" + docker +
         "ps -aq | xargs -r " + docker + "rm -f -v; " + docker + "network prune -f\n" +
         "kill $engine; wait $engine\n"
         "rm -rf " +
         directory_ + "\n";
}

void DockerEngine::start() {
  CommandOptions options;
  options.directory = directory_;
  // The first shell ends at once, so that the watchdog is nobody's child and outlives this process.
  run_or_throw({"setsid", "sh", "-c", "sh -c '" + watchdog() + "' >/dev/null 2>&1 &"}, options);
  const auto ready = [this] { return run({"docker", "-H", host(), "version"}).exit == 0; };
  if (!wait_until(ready, seconds{60})) throw std::runtime_error("the Docker Engine does not start: " + log());
}

DockerEngine::~DockerEngine() {
  run({"touch", directory_ + "/stop"});
  wait_until([this] { return !fs::exists(directory_); }, seconds{60});
}

void DockerEngine::make_images() const {
  const auto root = directory_ + "/root";
  const auto import = [&](const std::string& changes, const std::string& name) {
    run_or_throw({"sh", "-c", "tar -C " + root + " -c . | docker -H " + host() + " import " + changes + " - " + name});
    fs::remove_all(root);
  };
  run_or_throw({doctor::test::source_path("tests/engine/make-root.sh"), root, lab_program("chatalot-server")});
  import("--change 'USER chatalot' --change 'WORKDIR /app' --change 'CMD [\"/app/chatalot-server\"]'",
         "doctor-test/chatalot");
  run_or_throw({doctor::test::source_path("tests/engine/make-servers-root.sh"), root, servers_tar()});
  import("--change 'CMD [\"sleep\",\"1000000\"]'", "doctor-test/servers");
  derive("doctor-test/postgres", "postgres", {"database"});
  derive("doctor-test/nginx", "root", {"nginx", "-g", "daemon off;"});
  derive("doctor-test/caddy", "root", {"caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"});
  derive("doctor-test/redis", "www-data", {"redis-server", "--save", "", "--dir", "/tmp", "--protected-mode", "no"});
}

/// The servers' image under another name, with another user and program.
void DockerEngine::derive(const std::string& name, const std::string& user, const Arguments& command) const {
  const auto container = docker({"create", "doctor-test/servers"});
  docker({"commit", "--change", "USER " + user, "--change", "CMD " + nlohmann::json(command).dump(), container, name});
  docker({"rm", container});
}

std::string DockerEngine::docker(Arguments arguments) const {
  arguments.insert(arguments.begin(), {"docker", "-H", host()});
  return trimmed(run_or_throw(arguments));
}

std::string DockerEngine::log() const {
  return read_file(directory_ + "/log");
}

DockerEngine& shared_engine() {
  static DockerEngine engine;
  return engine;
}

DockerStack::DockerStack(DockerEngine& engine) : engine_{engine} {
  change({});
}

DockerStack::~DockerStack() {
  compose({"down", "-v", "-t", "0", "--remove-orphans"});
}

DockerStack& DockerStack::change(const std::string& chatalot, const std::string& postgres, const std::string& end) {
  files_.override_file(override_text(chatalot, postgres, end));
  return *this;
}

CommandOptions DockerStack::options() const {
  CommandOptions options;
  options.environment =
      Environment{{"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin"}, {"HOME", "/"}, {"DOCKER_HOST", engine_.host()}};
  return options;
}

CommandResult DockerStack::compose(Arguments arguments, const std::string& directory) const {
  arguments.insert(arguments.begin(), compose_program());
  auto options = this->options();
  options.directory = directory.empty() ? files_.directory().path() : directory;
  return run(arguments, options);
}

DockerStack& DockerStack::up_anyway() {
  compose({"up", "-d"});
  return *this;
}

DockerStack& DockerStack::up_as(const std::string& project) {
  const auto result = compose({"-p", project, "up", "-d"});
  if (result.exit != 0) throw std::runtime_error("docker compose up failed: " + result.err);
  wait_for_server();
  return *this;
}

DockerStack& DockerStack::up() {
  const auto result = compose({"up", "-d"});
  if (result.exit != 0) throw std::runtime_error("docker compose up failed: " + result.err);
  wait_for_server();
  return *this;
}

void DockerStack::wait_for_server() const {
  const auto name = container("chatalot");
  const auto listens = [&] { return engine_.docker({"logs", name}).find(server_listens) != std::string::npos; };
  if (!wait_until(listens, seconds{30}))
    throw std::runtime_error("the server does not listen: " + engine_.docker({"logs", name}));
}

std::string DockerStack::container(const std::string& service) const {
  const auto filter = "label=com.docker.compose.service=" + service;
  return engine_.docker({"ps", "-a", "--filter", filter, "--format", "{{.Names}}"});
}

std::string DockerStack::inspect(const std::string& service, const std::string& format) const {
  return engine_.docker({"inspect", "--format", format, container(service)});
}

std::string DockerStack::volume_path(const std::string& name) const {
  return engine_.docker({"volume", "inspect", "--format", "{{.Mountpoint}}", name});
}

CommandResult DockerStack::doctor(Arguments arguments, std::optional<std::uint32_t> uid) const {
  arguments.insert(arguments.begin(), doctor_binary());
  auto options = this->options();
  options.uid = uid;
  return run(arguments, options);
}

Result DockerStack::check(const Arguments& arguments, std::optional<std::uint32_t> uid) {
  auto options = this->options();
  options.uid = uid;
  const auto before = engine_.log().size();
  auto result = lab::check(files_.directory().path(), files_.secrets(), arguments, options);
  for (const auto& method : methods_in(engine_.log().substr(before))) CHECK(method == "GET");
  return result;
}

}  // namespace doctor::lab
