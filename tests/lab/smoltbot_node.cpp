// The smoltbot runtime as an operator sees it: what it asks of its environment, prints, answers and calls. It is
// started as `node dist/entrypoint.js`, in the directory of the deployment. LAB_ variables make it fail as the real one
// can.

#include <arpa/inet.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>
#include <vector>

#include "lab/smoltbot_chores.hpp"
#include "lab/smoltbot_gateway.hpp"
#include "lab/smoltbot_runtime.hpp"

namespace smoltbot {
namespace {

constexpr long shutdown_limit_ms = 15000;

std::string working_directory() {
  std::string path(4096, '\0');
  return ::getcwd(path.data(), path.size()) == nullptr ? "" : path.c_str();
}

bool is_file(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// A relative path starts where the entry point lies.
std::string resolved(const std::string& path) {
  if (path.starts_with('/')) return path;
  if (path.starts_with("../../../")) return path.substr(8);
  return working_directory() + "/dist/" + (path.starts_with("./") ? path.substr(2) : path);
}

/// What `import` says of a module; "" when it loads. Packages are looked for where Node does.
std::string import_problem(const std::string& path) {
  const auto file = resolved(path);
  const auto from = " imported from " + working_directory() + "/dist/entrypoint.js";
  if (!is_file(file)) return "Cannot find module '" + file + "'" + from;
  std::ifstream stream{file};
  for (std::string line; std::getline(stream, line);) {
    const auto at = line.find("from '@");
    if (!line.starts_with("import ") || at == std::string::npos) continue;
    const auto package = line.substr(at + 6, line.find('\'', at + 6) - at - 6);
    if (!is_file(working_directory() + "/node_modules/" + package + "/package.json"))
      return "Cannot find package '" + package + "' imported from " + file;
  }
  return {};
}

/// Names that are missing, in the order of the application.
void require(const std::vector<const char*>& names) {
  std::string list;
  for (const auto* name : names)
    if (missing(name)) list += std::string{"  "} + name + "\n";
  if (list.empty()) return;
  const auto text =
      "Missing required environment variables:\n" + list + "\nSet them in your .env or deployment configuration.";
  throw Fatal(text + "\nEnvValidationError: " + text + "\n    at validateEnv (file:///app/dist/env.js:31:11)");
}

/// As parseInt: leading digits; -1 when there are none or too many.
long parse_port(const std::string& text) {
  char* end = nullptr;
  const long port = std::strtol(text.c_str(), &end, 10);
  return end == text.c_str() || port < 0 || port > 65535 ? -1 : port;
}

void check_node_options(const char* program) {
  std::istringstream words{variable_or("NODE_OPTIONS", "")};
  for (std::string word; words >> word;) {
    const auto name = word.substr(0, word.find('='));
    bool known = false;
    for (const auto* allowed : {"--max-old-space-size", "--max-semi-space-size", "--max-http-header-size",
                                "--dns-result-order", "--use-openssl-ca", "--use-system-ca", "--no-warnings",
                                "--trace-warnings", "--enable-source-maps", "--heapsnapshot-near-heap-limit"})
      known = known || name == allowed;
    if (known) continue;
    std::cerr << std::string{program} + ": " + word + " is not allowed in NODE_OPTIONS\n" << std::flush;
    std::exit(9);
  }
}

/// Prints the uncaught 'error' event of a server that could not bind, and ends.
[[noreturn]] void die_of_bind(int error, const std::string& place) {
  const bool used = error == EADDRINUSE;
  const bool denied = error == EACCES;
  const std::string code = used ? "EADDRINUSE" : denied ? "EACCES" : "EADDRNOTAVAIL";
  const std::string words = used ? "address already in use" : denied ? "permission denied" : "address not available";
  std::cerr << "node:events:497\n      throw er; // Unhandled 'error' event\n      ^\n\nError: listen " + code + ": " +
                   words + " " + place +
                   "\n    at Server.setupListenHandle [as _listen2] (node:net:1940:16)\n"
                   "Emitted 'error' event on Server instance at:\n    at emitErrorNT (node:net:1919:8)\n  code: '" +
                   code + "',\n  syscall: 'listen'\n}\n\nNode.js v22.23.0\n"
            << std::flush;
  std::_Exit(1);
}

void hang_when(const std::string& stage) {
  if (variable_or("LAB_HANG", "") != stage) return;
  while (pause_for(1000)) continue;
  std::_Exit(0);
}

class Runtime {
 public:
  int run();

 private:
  void import_gateway() const;
  void listen();
  bool schedule();
  bool import_job(const char* variable_name, const char* fallback, const std::string& job) const;
  int shut_down();

  bool has_gateway_ = role() != "scheduler";
  Store store_;
  Gateway gateway_{store_};
  Server server_;
  int bind_error_ = 0;
  std::string place_;
  std::vector<std::thread> chores_;
};

void Runtime::import_gateway() const {
  hang_when("gateway-import");
  const auto path = variable_or("GATEWAY_WORKER_PATH", "../../../gateway/src/index.js");
  const auto problem = import_problem(path);
  if (problem.empty()) return;
  log("error", "Failed to import gateway worker module: " + problem + "\nError [ERR_MODULE_NOT_FOUND]: " + problem);
  log("info", "Set GATEWAY_WORKER_PATH to the correct path for your deployment.");
  std::_Exit(1);
}

void Runtime::listen() {
  const auto port = parse_port(variable_or("PORT", "8787"));
  if (port < 0)
    throw Fatal(
        "options.port should be >= 0 and < 65536. Received type number (NaN).\nRangeError [ERR_SOCKET_BAD_PORT]: "
        "options.port should be >= 0 and < 65536. Received type number (NaN).\n    at Server.listen (node:net:2106:5)");
  const auto host = variable_or("HOST", "0.0.0.0");
  place_ = host + ":" + std::to_string(port);
  errno = 0;
  if (server_.listen(host, static_cast<std::uint16_t>(port)))
    server_.start([this](const Request& request) { return gateway_.answer(request); });
  else
    bind_error_ = errno == 0 ? EADDRNOTAVAIL : errno;
  log("info", "HTTP server listening on " + place_);
}

bool Runtime::import_job(const char* variable_name, const char* fallback, const std::string& job) const {
  const auto problem = import_problem(variable_or(variable_name, fallback));
  if (problem.empty()) return true;
  log("warn", "Failed to import " + job + " worker module: " + problem);
  log("warn", (job == "api" ? std::string{"API"} : std::string{"Observer"}) + " cron will be disabled. Set " +
                  variable_name + " to the correct path for your deployment.");
  return false;
}

/// False when nothing keeps the process alive.
bool Runtime::schedule() {
  if (role() == "gateway") return true;
  hang_when("observer-import");
  const bool observer = import_job("OBSERVER_WORKER_PATH", "../../../observer/src/index.js", "observer");
  require({"SUPABASE_JWT_SECRET"});
  if (observer) {
    log("info", "Cron scheduled: observer (every minute)");
    chores_.emplace_back([this] { observe_forever(has_gateway_ ? &gateway_.metrics() : nullptr); });
  }
  const bool api = import_job("API_WORKER_PATH", "../../../api/src/index.js", "api");
  if (api) log("info", "Cron scheduled: api (every 6 hours)");
  return has_gateway_ || observer || api;
}

int Runtime::run() {
  if (has_gateway_) import_gateway();
  require({"SUPABASE_URL", "SUPABASE_KEY", "ANTHROPIC_API_KEY"});
  if (has_gateway_) listen();
  const bool stays = schedule();
  if (missing("MNEMOM_LICENSE_JWT")) {
    log("info", "Heartbeat client skipped (no MNEMOM_LICENSE_JWT)");
  } else {
    chores_.emplace_back(beat_forever);
    log("info", "Heartbeat client started (60s interval)");
  }
  gateway_.ready();
  log("info", "Startup complete — ready to serve requests");
  if (bind_error_ != 0) die_of_bind(bind_error_, place_);
  if (!stays) std::_Exit(0);
  chores_.emplace_back(misbehave);
  while (pause_for(1000)) continue;
  return shut_down();
}

int Runtime::shut_down() {
  log("info", "Received SIGTERM — starting graceful shutdown");
  const long busy = milliseconds_of("LAB_SHUTDOWN_MS", 0);
  std::this_thread::sleep_for(std::chrono::milliseconds{std::min(busy, shutdown_limit_ms)});
  if (busy >= shutdown_limit_ms)
    log("warn", "HTTP server close timed out, forcing shutdown");
  else
    log("info", "Graceful shutdown complete");
  std::_Exit(0);
}

int start() {
  check_log_level();
  log("info", "Starting smoltbot self-hosted runtime (role=" + role() + ")");
  log("info", "Node.js v22.23.0, platform=linux");
  log("info", "Fetch interceptor installed");
  try {
    return Runtime{}.run();
  } catch (const Fatal& problem) {
    log("error", std::string{"Fatal startup error: "} + problem.what());
    std::_Exit(1);
  }
}

}  // namespace
}  // namespace smoltbot

int main(int argc, char** argv) {
  const std::string script = argc > 1 ? argv[1] : "";
  smoltbot::check_node_options(argv[0]);
  if (!smoltbot::is_file(script)) {
    std::cerr << "node:internal/modules/cjs/loader:1404\n  throw err;\n  ^\n\nError: Cannot find module '" + script +
                     "'\n"
              << std::flush;
    return 1;
  }
  struct sigaction action {};
  action.sa_handler = smoltbot::ask_to_stop;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return smoltbot::start();
}
