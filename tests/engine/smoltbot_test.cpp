// smoltbot in containers: what only an Engine shows.

#include "lab/smoltbot_stack.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"

namespace doctor::lab {
namespace {

constexpr std::uint16_t gateway_port = 8787;

Root restarting(const std::string& service) {
  return {"smoltbot-container-restarting", "container-restarting", "containers", "service:" + service};
}

/// Of a container in a loop, the words are those of the run before, or of one that is about to end.
Root by_log(const Result& result, const std::string& entry) {
  const auto code = result.finding(entry).at("code").get<std::string>();
  CHECK((code == "log-signature" || code == "log-run-ended"));
  return {entry, code, "logs", "service:gateway"};
}

/// The gateway is started again and again with a variable more, and says why.
void expect_loop(const std::string& variable, const std::string& value, const std::string& entry) {
  SmoltbotStack stack;
  stack.up();
  stack.files().give("gateway", variable, value);
  stack.replace("gateway");
  stack.expect_restarts("gateway", 4);
  const auto result = stack.check();
  expect_roots(result, {by_log(result, entry)}, 1);
  expect_consequence(result, restarting("gateway"), entry);
}

}  // namespace

TEST_CASE("smoltbot with everything in it working", "[engine]") {
  SmoltbotStack stack;
  stack.up();
  expect_silent(stack.check({"--fail-on", "info"}), 0);
}

TEST_CASE("smoltbot's .env edited after docker compose up", "[engine]") {
  SmoltbotStack stack;
  stack.up();
  stack.files().set("LOG_LEVEL", "warn");
  expect_finding(stack.check(),
                 {"smoltbot-env-not-applied", "env-edit-not-applied", "env", "setting:gateway/LOG_LEVEL"});
  stack.files().set("LOG_LEVEL", "info");
  stack.files().set("HEARTBEAT_URL", "http://127.0.0.1:9/beat");
  expect_roots(stack.check(),
               {{"smoltbot-env-edit-ineffective", "env-edit-ineffective", "env", "setting:gateway/HEARTBEAT_URL"}}, 0);
}

TEST_CASE("smoltbot's observer as it is shipped", "[engine]") {
  SmoltbotStack stack;
  stack.files().give("observer", "SUPABASE_JWT_SECRET", "");
  stack.up_anyway();
  stack.expect_restarts("observer", 4);
  const auto result = stack.check();
  const Root missing{"smoltbot-supabase-jwt-secret-missing", "env-required-empty", "env",
                     "setting:observer/SUPABASE_JWT_SECRET"};
  expect_finding(result, missing);
  expect_consequence(result, restarting("observer"), missing.entry);
}

TEST_CASE("a smoltbot observer that has no jobs", "[engine]") {
  SmoltbotStack stack;
  stack.files().give("observer", "OBSERVER_WORKER_PATH", "./none.js").give("observer", "API_WORKER_PATH", "./none.js");
  stack.up_anyway();
  stack.expect_restarts("observer", 4);
  const Root loop{"smoltbot-scheduler-exits-immediately", "container-restarting", "containers", "service:observer"};
  expect_finding(stack.check(), loop);
}

TEST_CASE("a smoltbot observer that is asked for a page", "[engine]") {
  SmoltbotStack stack{""};
  stack.up();
  stack.expect_state("observer", "{{.State.Health.Status}}", "unhealthy");
  expect_roots(stack.check(),
               {{"smoltbot-observer-always-unhealthy", "container-unhealthy", "containers", "service:observer"}}, 0);
}

TEST_CASE("no module of the gateway at its path", "[engine]") {
  expect_loop("GATEWAY_WORKER_PATH", "./none.js", "smoltbot-worker-module-missing");
}

TEST_CASE("a module of the gateway without its packages", "[engine]") {
  expect_loop("GATEWAY_WORKER_PATH", "./unbundled-worker.js", "smoltbot-worker-packages-missing");
}

TEST_CASE("an address that the gateway's container does not have", "[engine]") {
  expect_loop("HOST", "10.255.0.1", "smoltbot-host-not-local");
}

TEST_CASE("a gateway whose heap is full", "[engine]") {
  expect_loop("LAB_HEAP_ABORT_MS", "100", "smoltbot-heap-limit-reached");
}

TEST_CASE("a gateway that needs more memory than it may have", "[engine]") {
  SmoltbotStack stack;
  if (stack.engine().docker({"info", "--format", "{{.MemoryLimit}}"}) != "true")
    return skip("the kernel does not count the memory of containers here");
  stack.files().add("gateway", "mem_limit: 48m\nmemswap_limit: 48m\n").give("gateway", "LAB_EAT_MEMORY_MB", "100");
  stack.up_anyway();
  stack.expect_restarts("gateway", 2);
  expect_finding(stack.check(), {"smoltbot-out-of-memory", "container-out-of-memory", "containers", "service:gateway"});
}

TEST_CASE("somebody else on the gateway's port", "[engine]") {
  SmoltbotStack stack;
  const test::ScriptedServer other{test::closing(), test::Place{"0.0.0.0", gateway_port}};
  stack.up_anyway();
  expect_finding(stack.check(), {"smoltbot-port-in-use", "port-in-use", "ports", "endpoint:gateway:8787"});
}

TEST_CASE("smoltbot's database password changed after the volume was made", "[engine]") {
  SmoltbotStack stack;
  stack.up();
  stack.files().set("POSTGRES_PASSWORD", random_alphanumeric(32));
  stack.up_anyway();
  expect_roots(stack.check(),
               {{"smoltbot-database-password-drift", "database-auth-failed", "database", "setting:rest/PGRST_DB_URI"}},
               1);
}

}  // namespace doctor::lab
