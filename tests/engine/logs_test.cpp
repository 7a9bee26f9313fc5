// What containers have written, read from the Engine's files and through its API.

#include <fstream>
#include <thread>

#include "lab/docker_engine.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const Arguments only_logs{"--only", "logs"};

Root by_log(const std::string& entry, const std::string& subject) {
  return {entry, "log-signature", "logs", subject};
}

/// Returns when the container's log holds `text`.
void wait_for(const DockerStack& stack, const std::string& service, const std::string& text) {
  for (int i = 0; i < 300; ++i) {
    const auto logs = stack.compose({"logs", "--no-log-prefix", service});
    if ((logs.out + logs.err).find(text) != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  FAIL("the log of " + service + " does not say " + text);
}

}  // namespace

TEST_CASE("the logs of a healthy stack", "[engine][logs]") {
  DockerStack stack;
  stack.up();
  const auto result = stack.check(only_logs);
  expect_silent(result, 0);
  CHECK(result.report.at("checks").at(0).at("status") == "passed");
}

TEST_CASE("a data directory of another PostgreSQL release", "[engine][logs]") {
  DockerStack stack;
  stack.up();
  stack.compose({"stop", "-t", "1"});
  std::ofstream{stack.volume_path("chatalot_postgres_data") + "/PG_VERSION"} << "9\n";
  stack.compose({"up", "-d", "--no-deps", "-t", "1", "postgres"});
  wait_for(stack, "postgres", "is not compatible with this version");
  const auto result = stack.check(only_logs);
  const Root expected = by_log("chatalot-database-volume-incompatible", "service:postgres");
  expect_finding(result, expected);
  CHECK(result.evidence(expected.entry, "old") == "9");
}

TEST_CASE("a database that is dropped from within itself", "[engine][logs]") {
  DockerStack stack;
  const auto password = random_alphanumeric(32);
  stack.files().password(password);
  stack.up();
  const auto address = stack.inspect("postgres", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
  Session session{"postgres://chatalot:" + password + "@" + address + "/chatalot"};
  CHECK_THROWS(session.execute("DROP DATABASE chatalot"));
  const auto result = stack.check(only_logs);
  expect_roots(result, {by_log("chatalot-restore-failed", "service:postgres")}, 0);
}

TEST_CASE("a migration that an old PostgreSQL cannot run, by a server that was told to say so", "[engine][logs]") {
  DockerStack stack;
  stack.change(
      "    environment:\n      LAB_DIES: 'while executing migration 11: error returned from database: function "
      "gen_random_uuid() does not exist'\n");
  stack.up_anyway();
  wait_for(stack, "chatalot", "gen_random_uuid() does not exist");
  expect_finding(stack.check(only_logs), by_log("chatalot-database-version-too-old", "service:chatalot"));
}

TEST_CASE("a wildcard among the origins, as the panic tells", "[engine][logs]") {
  DockerStack stack;
  stack.change("    environment:\n      CORS_ORIGINS: '*'\n");
  stack.up_anyway();
  wait_for(stack, "chatalot", "Wildcard origin");
  expect_finding(stack.check(only_logs), by_log("chatalot-cors-origin-rejected", "service:chatalot"));
}

TEST_CASE("a tunnel whose token is refused, in the words of cloudflared", "[engine][logs]") {
  DockerStack stack;
  stack.change(
      {}, {},
      "  cloudflared:\n    image: doctor-test/chatalot\n    profiles: !reset []\n    restart: 'no'\n    command: "
      "[sh, -c, 'echo \"2026-02-28T22:30:30Z ERR Provided Tunnel token is not valid.\"; exec sleep 1000000']\n");
  stack.up();
  wait_for(stack, "cloudflared", "token is not valid");
  const auto result = stack.check(only_logs);
  expect_roots(result, {by_log("chatalot-tunnel-failed", "service:cloudflared")}, 1);
}

TEST_CASE("a log that only the Engine can hand out", "[engine][logs]") {
  DockerStack stack;
  stack.change(
      "    environment:\n      LAB_SAYS: 'WebSocket rejected: too many concurrent sessions'\n    logging: !override\n  "
      "    "
      "driver: local\n");
  stack.up();
  wait_for(stack, "chatalot", "too many concurrent sessions");
  const auto result = stack.check(only_logs);
  expect_roots(result, {by_log("chatalot-websocket-session-limit", "service:chatalot")}, 0);
  CHECK(result.evidence("chatalot-websocket-session-limit", "source") == "container " + stack.container("chatalot"));
}

TEST_CASE("what a container has written before its last start", "[engine][logs]") {
  DockerStack stack;
  stack.change(
      "    environment:\n      LAB_SAYS: 'WebSocket rejected: too many concurrent sessions'\n    command: [sh, -c, 'if "
      "[ "
      "-e /tmp/once ]; then unset LAB_SAYS; fi; touch /tmp/once; exec /app/chatalot-server']\n    tmpfs: !reset []\n   "
      " "
      "read_only: false\n");
  stack.up();
  wait_for(stack, "chatalot", "too many concurrent sessions");
  expect_finding(stack.check(only_logs), by_log("chatalot-websocket-session-limit", "service:chatalot"));
  std::this_thread::sleep_for(std::chrono::seconds{2});
  stack.compose({"restart", "-t", "1", "chatalot"});
  std::this_thread::sleep_for(std::chrono::seconds{2});
  expect_silent(stack.check(only_logs), 0);
}

}  // namespace doctor::lab
