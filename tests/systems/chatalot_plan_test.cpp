// What `doctor plan` says is the whole of what `doctor check` does.

#include <algorithm>
#include <regex>
#include <sstream>

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using nlohmann::json;

/// The steps of a part: kind and target.
using Steps = std::vector<std::pair<std::string, std::string>>;

json parsed(const std::string& text) {
  auto document = json::parse(text, nullptr, false);
  INFO(text.substr(0, 400));
  REQUIRE_FALSE(document.is_discarded());
  return document;
}

Steps planned(const ChatalotLab& lab, const Arguments& more = {}) {
  Arguments all{doctor_binary(), "plan", lab.directory().path(), "--format", "json"};
  all.insert(all.end(), more.begin(), more.end());
  const auto result = run(all);
  INFO(result.err);
  REQUIRE(result.exit == 0);
  Steps steps;
  const auto document = parsed(result.out);
  for (const auto& part : document.at("parts"))
    for (const auto& step : part.at("steps"))
      steps.emplace_back(step.at("kind").get<std::string>(), step.at("target").get<std::string>());
  return steps;
}

bool has(const Steps& steps, const std::string& kind, const std::string& target) {
  return std::find(steps.begin(), steps.end(), std::pair{kind, target}) != steps.end();
}

bool is_below(const std::string& path, const std::string& directory) {
  if (directory == "*") return true;
  return path == directory || (path.starts_with(directory) && path[directory.size()] == '/');
}

bool has_file(const Steps& steps, const std::string& path) {
  return std::any_of(steps.begin(), steps.end(),
                     [&](const auto& step) { return step.first == "file" && is_below(path, step.second); });
}

bool has_url(const Steps& steps, const std::string& kind, const std::string& url) {
  return std::any_of(steps.begin(), steps.end(), [&](const auto& step) {
    if (step.first != kind || !url.starts_with(step.second)) return false;
    return url.size() == step.second.size() || url[step.second.size()] == '/' || url[step.second.size()] == '?';
  });
}

std::string host_and_port(const json& question) {
  const auto host = question.at("host").get<std::string>();
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
         std::to_string(question.at("port").get<int>());
}

/// Whether a question of the run, as it stands on the tape, is in the plan. Independent of how the plan is made.
bool is_planned(const Steps& steps, const std::string& probe, const json& question) {
  const auto session = question.contains("session") ? question.at("session") : question;
  if (probe == "secret" || probe == "token") return true;  // about a value that doctor has
  if (probe == "clock" || probe == "time-keeping") return has(steps, "kernel", "clock");
  if (probe == "memory") return has(steps, "kernel", "/proc/meminfo");
  if (probe == "listeners") return has(steps, "kernel", "/proc");
  if (probe == "host-history") return has(steps, "file", "/var/log") && has(steps, "kernel", "/dev/kmsg");
  if (probe == "logs")
    return std::any_of(steps.begin(), steps.end(),
                       [](const auto& step) { return step.first == "file" && step.second.starts_with("/proc/"); });
  if (probe == "http" || probe == "websocket") return has_url(steps, probe, question.at("url"));
  if (probe == "postgres" || probe == "postgres-rows") return has(steps, "postgres", host_and_port(session));
  if (probe == "redis" || probe == "redis-reply") return has(steps, "redis", host_and_port(session));
  if (probe == "certificate") return has(steps, "tls", host_and_port(question));
  if (probe == "tcp") return has(steps, "connect", host_and_port(question));
  if (probe == "resolve") return has(steps, "resolve", question.at("name"));
  if (question.contains("path")) return has_file(steps, question.at("path"));
  return false;
}

/// Every question that a run of `doctor check` asks.
std::vector<std::pair<std::string, json>> asked(const ChatalotLab& lab, const Arguments& more = {}) {
  const Directory place{"bundles"};
  const auto bundle = place.path("run.tar.gz");
  Arguments all{doctor_binary(), "check", lab.directory().path(), "--bundle", bundle, "--no-progress"};
  all.insert(all.end(), more.begin(), more.end());
  run(all);
  REQUIRE(place.exists("run.tar.gz"));
  const auto tape = parsed(run_or_throw({"tar", "-xzOf", bundle, "answers/tape.json"}));
  std::vector<std::pair<std::string, json>> questions;
  for (const auto& [key, answer] : tape.at("answers").items()) {
    const auto blank = key.find(' ');
    questions.emplace_back(key.substr(0, blank), parsed(key.substr(blank + 1)));
  }
  return questions;
}

void expect_planned(const Steps& steps, const std::vector<std::pair<std::string, json>>& questions) {
  CHECK(questions.size() > 20);
  for (const auto& [probe, question] : questions) {
    if (probe == "plugins") continue;  // which there are is what the plan itself asks
    INFO(probe << " " << question.dump());
    CHECK(is_planned(steps, probe, question));
  }
}

}  // namespace

TEST_CASE("a run over a healthy deployment asks nothing that is not in its plan", "[plan]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto steps = planned(lab);
  CHECK(has_file(steps, lab.directory().path(".env")));
  CHECK(has(steps, "postgres", "127.0.0.1:" + std::to_string(lab.postgres().port())));
  CHECK(has_url(steps, "http", "http://127.0.0.1:" + std::to_string(lab.port()) + "/api/health"));
  expect_planned(steps, asked(lab));
}

TEST_CASE("nor does a run over a broken one", "[plan]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("DATABASE_URL",
          "postgres://chatalot:" + lab.password() + "@127.0.0.1:" + std::to_string(free_port()) + "/chatalot");
  lab.set("PUBLIC_URL", "https://chat.lab.invalid");
  lab.set("JWT_PRIVATE_KEY_PATH", "/nowhere/key.pem");
  lab.start_and_die();
  expect_planned(planned(lab), asked(lab));
  expect_planned(planned(lab, {"--offline"}), asked(lab, {"--offline"}));
}

TEST_CASE("what is planned for one check is what a run of that check asks", "[plan]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  for (const auto* check : {"database", "health", "files", "jwt", "disk", "websocket"}) {
    INFO(check);
    const auto steps = planned(lab, {"--only", check});
    for (const auto& [probe, question] : asked(lab, {"--only", check})) {
      if (probe == "plugins") continue;
      INFO(probe << " " << question.dump());
      CHECK(is_planned(steps, probe, question));
    }
  }
}

namespace {

bool is_loading(const std::string& path) {
  return path.starts_with("/lib") || path.starts_with("/usr/lib") || path == "/etc/ld.so.cache" || path == "/dev/null";
}

/// The address of a connection: "127.0.0.1:5432"; empty for a socket file.
std::string address_in(const std::string& call) {
  static const std::regex inet{R"~(sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\))~"};
  std::smatch found;
  return std::regex_search(call, found, inet) ? found.str(2) + ":" + found.str(1) : std::string{};
}

/// Whether a session, a request or a handshake is planned there.
bool has_address(const Steps& steps, const std::string& address) {
  return std::any_of(steps.begin(), steps.end(), [&](const auto& step) {
    if (step.first == "file" || step.first == "kernel" || step.first == "engine") return false;
    return step.second == address || step.second.ends_with("://" + address);
  });
}

}  // namespace

// Where strace is there, the kernel itself is the witness.
TEST_CASE("a run opens, connects to and starts nothing that is not in its plan", "[plan]") {
  if (run({"sh", "-c", "command -v strace"}).exit != 0) {
    WARN("there is no strace");
    return;
  }
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto steps = planned(lab);
  const Directory place{"trace"};
  const auto trace = place.path("trace");
  run({"strace", "-f", "-qq", "-e", "trace=openat,open,connect,execve", "-o", trace, doctor_binary(), "check",
       lab.directory().path(), "--no-progress"});
  REQUIRE(place.exists("trace"));
  std::istringstream calls{place.read("trace")};
  static const std::regex file{R"~(open(?:at)?\((?:[A-Z_0-9]+, )?"([^"]+)")~"};
  int files = 0;
  int connections = 0;
  int programs = 0;
  for (std::string call; std::getline(calls, call);) {
    INFO(call);
    std::smatch found;
    programs += call.find("execve(") != std::string::npos ? 1 : 0;
    if (std::regex_search(call, found, file)) {
      ++files;
      const auto path = found.str(1);
      const bool of_kernel =
          path == "/proc" || path.starts_with("/proc/") || path.starts_with("/sys/") || path == "/dev/kmsg";
      // Files are opened step by step below their root; such a step has no slash.
      if (path.front() == '/' && !of_kernel && !is_loading(path)) CHECK((has_file(steps, path) || path == "/"));
    }
    const auto address = call.find("connect(") == std::string::npos ? std::string{} : address_in(call);
    if (address.empty()) continue;
    ++connections;
    CHECK(has_address(steps, address));
  }
  CHECK(files > 10);
  CHECK(connections > 1);
  CHECK(programs == 1);  // doctor
}

TEST_CASE("planning itself logs in nowhere", "[plan]") {
  ChatalotLab lab{shared_postgres()};  // its server does not run, so that nobody else logs in
  const auto sessions = [&] {
    return std::stol(
        lab.postgres().sql("SELECT coalesce(sum(sessions), 0) FROM pg_stat_database WHERE datname = 'chatalot'"));
  };
  const auto before = sessions();
  planned(lab);
  CHECK(sessions() == before);
  check(lab);
  CHECK(sessions() > before);
}

}  // namespace doctor::lab
