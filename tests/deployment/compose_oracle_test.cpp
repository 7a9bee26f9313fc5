#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "deployment/compose.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"
#include "tests/deployment/compose_support.hpp"
#include "util/text.hpp"

// Every project in compose_cases is read twice: by us and by Docker Compose v2 itself. A case is a directory with the
// files of a project, `expected` ("loads" or "refused", then the problems as "code subject") and perhaps `shell`
// (NAME=value lines of the environment). tests/support/get-compose.sh installs the program.

using namespace doctor;
using namespace doctor::deployment;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

const fs::path cases = fs::path{doctor::test::source_path("tests/deployment/compose_cases")};

std::string file_text(const fs::path& path) {
  const auto content = test::disk_reader(path.string());
  return content ? *content : std::string{};
}

std::vector<fs::path> case_directories() {
  std::vector<fs::path> directories;
  for (const auto& entry : fs::directory_iterator{cases}) directories.push_back(entry.path());
  std::sort(directories.begin(), directories.end());
  return directories;
}

Environment shell_of(const fs::path& directory) {
  Environment shell{{"HOME", "/home/operator"}};
  for (const auto& line : util::split(file_text(directory / "shell"), '\n')) {
    const auto equals = line.find('=');
    if (equals != std::string::npos) shell[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return shell;
}

ComposeOptions options_of(const fs::path& directory) {
  ComposeOptions options;
  options.directory = directory.string();
  options.shell = shell_of(directory);
  options.read = test::disk_reader;
  if (fs::exists(directory / ".env")) {
    options.dotenv = parse_dotenv(file_text(directory / ".env"), ".env", options.shell);
  }
  return options;
}

std::string outcome_of(const ComposeOptions& options, const ComposeProject& project) {
  std::set<std::string> lines;
  for (const auto& problem : options.dotenv.problems) lines.insert(problem.code + " " + problem.subject);
  for (const auto& problem : project.problems) lines.insert(problem.code + " " + problem.subject);
  std::string text = project.loads ? "loads\n" : "refused\n";
  for (const auto& line : lines) text += line + "\n";
  return text;
}

/// The docker-compose program; "" when there is none.
std::string oracle() {
  const char* named = std::getenv("DOCTOR_TEST_COMPOSE");
  const char* home = std::getenv("HOME");
  for (const std::string& path :
       {std::string{named != nullptr ? named : ""}, doctor::test::binary_path("../tools/docker-compose"),
        std::string{home != nullptr ? home : ""} + "/.cache/doctor-tools/docker-compose"}) {
    if (!path.empty() && access(path.c_str(), X_OK) == 0) return fs::absolute(path).string();
  }
  return {};
}

struct Answer {
  bool accepted = false;
  std::string text;
};

Answer ask_oracle(const std::string& program, const fs::path& directory) {
  std::string command = "cd " + util::shell_quoted(directory.string()) + " && exec env -i PATH=/usr/bin:/bin";
  for (const auto& [name, value] : shell_of(directory)) command += " " + util::shell_quoted(name + "=" + value);
  command += " " + util::shell_quoted(program) + " config --format json 2>/dev/null";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Answer answer;
  char buffer[4096];
  for (std::size_t count = 0; (count = fread(buffer, 1, sizeof buffer, pipe)) > 0;) answer.text.append(buffer, count);
  answer.accepted = pclose(pipe) == 0;
  return answer;
}

/// `config` doubles dollar signs so that its output can be read again.
std::string undouble(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '$') ++i;
  }
  return out;
}

void copy(const Json& from, Json& to, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto found = from.find(key);
    if (found != from.end() && !found->is_null() && *found != "" && *found != false) to[key] = *found;
  }
}

/// The list under `key`; an empty one when there is none.
Json list_of(const Json& json, const char* key) {
  return json.contains(key) ? json.at(key) : Json::array();
}

std::map<std::string, Json> items_of(const Json& json, const char* key) {
  std::map<std::string, Json> items;
  if (!json.contains(key)) return items;
  for (const auto& [name, value] : json.at(key).items()) items[name] = value;
  return items;
}

std::string words(const Json& list) {
  std::vector<std::string> parts;
  for (const auto& item : list) parts.push_back(item.get<std::string>());
  return util::join(parts, " ");
}

void reduce_mounts(const Json& service, Json& out) {
  for (const auto& volume : list_of(service, "volumes")) {
    Json mount;
    copy(volume, mount, {"type", "source", "target", "read_only"});
    out["volumes"].push_back(mount);
  }
  for (const auto& item : list_of(service, "tmpfs")) {
    const auto text = item.get<std::string>();
    out["volumes"].push_back({{"type", "tmpfs"}, {"target", text.substr(0, text.find(':'))}});
  }
  for (const auto& item : list_of(service, "secrets")) {
    const std::string target = item.at("target");
    out["secrets"].push_back(target.front() == '/' ? target : "/run/secrets/" + target);
  }
}

/// What canonical_json() holds of a service in the oracle's output.
Json reduced_service(const Json& service) {
  Json out = Json::object();
  copy(service, out,
       {"image", "container_name", "user", "network_mode", "restart", "read_only", "environment", "profiles"});
  if (service.contains("healthcheck")) {
    const Json& check = service.at("healthcheck");
    if (check.value("disable", false)) {
      out["healthcheck"] = "NONE";
    } else if (check.contains("test")) {
      out["healthcheck"] = words(check.at("test"));
    }
  }
  if (service.contains("build")) out["build"]["context"] = service.at("build").at("context");
  for (const auto& [name, network] : items_of(service, "networks")) out["networks"][name] = nullptr;
  for (const auto& [name, dependency] : items_of(service, "depends_on")) {
    out["depends_on"][name] = dependency.at("condition");
  }
  for (const auto& port : list_of(service, "ports")) {
    Json reduced;
    copy(port, reduced, {"target", "protocol", "host_ip", "published"});
    const bool range = reduced.value("published", "").find('-') != std::string::npos;
    if (range) reduced.erase("published");  // Docker chooses one of them
    out["ports"].push_back(reduced);
  }
  reduce_mounts(service, out);
  return out;
}

Json reduced(const Json& project) {
  Json out{{"name", project.at("name")}, {"services", Json::object()}};
  for (const auto& [name, service] : items_of(project, "services")) {
    out["services"][name] = reduced_service(service);
  }
  for (const char* section : {"networks", "volumes", "secrets"}) {
    for (const auto& [name, resource] : items_of(project, section)) {
      Json kept = Json::object();
      if (std::string{section} != "secrets") copy(resource, kept, {"name"});
      copy(resource, kept, {"internal", "external", "file", "environment"});
      out[section][name] = kept;
    }
  }
  return out;
}

Json sorted(Json project) {
  for (auto& [name, service] : project["services"].items()) {
    for (const char* key : {"ports", "volumes", "secrets"}) {
      if (service.contains(key)) std::sort(service[key].begin(), service[key].end());
    }
  }
  return project;
}

}  // namespace

TEST_CASE("compose cases: the outcome") {
  const auto directories = case_directories();
  CHECK(directories.size() >= 100);
  for (const auto& directory : directories) {
    CAPTURE(directory.filename().string());
    const ComposeOptions options = options_of(directory);
    const auto project = read_compose(options);
    REQUIRE(project);
    CHECK(outcome_of(options, *project) == file_text(directory / "expected"));
  }
}

TEST_CASE("compose cases: Docker Compose itself reads the same", "[oracle]") {
  const std::string program = oracle();
  if (program.empty()) {
    if (std::getenv("CI") != nullptr) FAIL("docker-compose is not installed; run tests/support/get-compose.sh");
    WARN("skipped: no docker-compose; tests/support/get-compose.sh ~/.cache/doctor-tools installs it");
    return;
  }
  int accepted = 0;
  int refused = 0;
  for (const auto& directory : case_directories()) {
    CAPTURE(directory.filename().string());
    const auto project = read_compose(options_of(directory));
    REQUIRE(project);
    const Answer answer = ask_oracle(program, directory);
    CHECK(project->loads == answer.accepted);
    ++(answer.accepted ? accepted : refused);
    if (!answer.accepted || !project->loads) continue;
    CHECK(sorted(Json::parse(canonical_json(*project))) == sorted(reduced(Json::parse(undouble(answer.text)))));
  }
  CHECK(accepted >= 40);
  CHECK(refused >= 40);
}
