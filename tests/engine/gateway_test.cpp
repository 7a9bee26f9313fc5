// A smoltbot gateway in a container: how it ends, what its health checks say, and what is left of its log. The program
// itself is not needed for that: nginx gives the answers that the gateway would.

#include <chrono>
#include <thread>

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const std::string gateway = "service:gateway";
const std::string page = "endpoint:gateway:8787";
const Arguments only_containers{"--only", "containers,health,logs"};

constexpr const char* well = R"(200 '{"status":"ok","checks":{"redis":{"ok":true,"latencyMs":1},)"
                             R"("supabase":{"ok":true,"latencyMs":4},"license":{"ok":true}}}')";
constexpr const char* degraded = R"(503 '{"status":"degraded","checks":{"redis":{"ok":true,"latencyMs":1},)"
                                 R"("supabase":{"ok":false,"latencyMs":7},"license":{"ok":true}}}')";

std::string nginx(const std::string& readiness) {
  return "daemon off;\nuser www-data;\npid /tmp/nginx.pid;\nerror_log /dev/stderr crit;\nevents {}\n"
         "http {\n  access_log off;\n  default_type application/json;\n  server {\n    listen 0.0.0.0:8787;\n"
         "    location = /health/live { return 200 '{\"status\":\"ok\"}'; }\n"
         "    location = /health/startup { return 200 '{\"status\":\"ok\"}'; }\n"
         "    location = /health/ready { return " +
         readiness +
         "; }\n    location = /models.json { return 200 '{\"anthropic\":{},\"openai\":{},\"gemini\":{}}'; }\n  }\n}\n";
}

class GatewayStack {
 public:
  explicit GatewayStack(const std::string& readiness = well) {
    directory_.write("nginx.conf", nginx(readiness));
    directory_.write(".env", "POSTGRES_PASSWORD=a-long-password-of-the-lab\n", 0600);
  }
  ~GatewayStack() { compose({"down", "-v", "-t", "0"}); }
  GatewayStack(const GatewayStack&) = delete;
  GatewayStack& operator=(const GatewayStack&) = delete;

  /// `script` runs before the server; `more`: further lines of the service, and other services.
  GatewayStack& up(const std::string& script = {}, const std::string& more = {}) {
    directory_.write("docker-compose.yml",
                     "services:\n  gateway:\n    image: doctor-test/nginx\n    environment: {SMOLTBOT_ROLE: gateway}\n"
                     "    volumes: ['./nginx.conf:/gateway.conf:ro']\n"
                     "    command:\n      - sh\n      - -c\n      - |\n        " +
                         script + "\n        exec nginx -c /gateway.conf\n" + more);
    const auto started = compose({"up", "-d"});
    INFO(started.out + started.err);
    REQUIRE(started.exit == 0);
    return *this;
  }

  CommandResult compose(const Arguments& arguments) const { return stack_.compose(arguments, directory_.path()); }

  /// Waits until the Engine says so; fails the test when it does not.
  void expect_state(const std::string& format, const std::string& wanted) const {
    std::string state;
    for (int i = 0; i < 300 && state != wanted; ++i) {
      state = stack_.engine().docker({"inspect", "docker-gateway-1", "--format", format});
      if (state != wanted) std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    REQUIRE(state == wanted);
  }

  Result check(const Arguments& arguments = only_containers) const {
    return lab::check(directory_.path(), secrets_, arguments, stack_.options());
  }

 private:
  mutable DockerStack stack_;
  Directory directory_{"docker"};
  Secrets secrets_;
};

std::string health_check(const std::string& url) {
  return "    healthcheck: {test: [CMD, busybox, wget, -q, -O, /dev/null, '" + url + "'], interval: 1s, retries: 1}\n";
}

constexpr const char* health = "{{.State.Health.Status}}";

}  // namespace

TEST_CASE("a smoltbot gateway in a container that is well", "[engine]") {
  GatewayStack stack;
  stack.up({}, health_check("http://127.0.0.1:8787/health/live"));
  stack.expect_state(health, "healthy");
  expect_silent(stack.check({"--only", "containers,health,logs,memory", "--fail-on", "info"}), 0);
}

TEST_CASE("a health check that asks ::1, where no smoltbot gateway listens", "[engine]") {
  GatewayStack stack;
  stack.up({}, health_check("http://[::1]:8787/health/live"));
  stack.expect_state(health, "unhealthy");
  const auto result = stack.check();
  const Root wrong{"smoltbot-healthcheck-localhost-ipv6", "health-container-check-wrong", "health", gateway};
  expect_roots(result, {wrong}, 1);
  expect_consequence(result, {"container-unhealthy", "container-unhealthy", "containers", gateway}, wrong.entry);
}

TEST_CASE("a health check that asks only whether a smoltbot gateway lives", "[engine]") {
  GatewayStack stack{degraded};
  stack.up({}, health_check("http://127.0.0.1:8787/health/live"));
  stack.expect_state(health, "healthy");
  const auto result = stack.check();
  expect_roots(result,
               {{"smoltbot-health-degraded", "health-answer-unexpected", "health", page},
                {"smoltbot-healthcheck-ignores-dependencies", "health-container-check-blind", "health", page}},
               1);
}

TEST_CASE("a smoltbot gateway that is killed before its orderly end is over", "[engine]") {
  GatewayStack stack;
  stack.up("trap '' TERM; while :; do sleep 1; done", "    stop_grace_period: 1s\n");
  stack.compose({"stop", "gateway"});
  stack.expect_state("{{.State.ExitCode}}", "137");
  expect_finding(stack.check(), {"smoltbot-killed-on-stop", "container-killed-on-stop", "containers", gateway});
}

TEST_CASE("a smoltbot gateway whose heap was full, and that was started again", "[engine]") {
  GatewayStack stack;
  stack.up(
      "if [ ! -e /tmp/again ]; then : > /tmp/again; "
      "echo 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory' >&2; sleep 2; exit "
      "134; fi",
      "    restart: on-failure\n");
  stack.expect_state("{{.RestartCount}} {{.State.Status}}", "1 running");
  const auto result = stack.check();
  expect_roots(result, {{"smoltbot-heap-limit-reached", "log-signature", "logs", gateway}}, 1);
}

TEST_CASE("a log of a smoltbot gateway whose beginning is gone", "[engine]") {
  const std::string chatter =
      "i=0; while [ $$i -lt 200 ]; do echo '{\"level\":\"info\",\"message\":\"tick\"}'; i=$$((i+1)); done";
  const std::string small = "    logging: {driver: json-file, options: {max-size: 2k, max-file: '3'}}\n";
  SECTION("of one that is not well") {
    GatewayStack stack{degraded};
    stack.up(chatter, small);
    std::this_thread::sleep_for(std::chrono::seconds{1});
    const auto result = stack.check();
    expect_finding(result, {"smoltbot-health-degraded", "health-answer-unexpected", "health", page});
    expect_finding(result, {"smoltbot-logs-truncated", "logs-rotated-away", "logs", gateway});
  }
  SECTION("of one that is") {
    GatewayStack stack;
    stack.up(chatter, small);
    std::this_thread::sleep_for(std::chrono::seconds{1});
    expect_silent(stack.check(), 0);
  }
}

TEST_CASE("a heap that the container of a smoltbot observer does not hold", "[engine]") {
  GatewayStack stack;
  stack.up({},
           "  observer:\n    image: doctor-test/servers\n    init: true\n    mem_limit: 256m\n"
           "    environment: {SMOLTBOT_ROLE: scheduler, NODE_OPTIONS: '--max-old-space-size=384'}\n");
  const auto result = stack.check({"--only", "memory"});
  const std::string entry = "smoltbot-observer-heap-oversized";
  expect_roots(result, {{entry, "memory-heap-exceeds-limit", "memory", "setting:observer/NODE_OPTIONS"}}, 1);
  CHECK(result.evidence(entry, "limit") == "256 MiB");
}

}  // namespace doctor::lab
