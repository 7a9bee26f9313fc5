// Containers that do not run, and what they were made from.

#include <sched.h>
#include <sys/mount.h>

#include <chrono>
#include <thread>

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using std::chrono::milliseconds;

const std::string server = "service:chatalot";
const std::string stack_file = "file:docker-compose.override.yml";
const Root restarting{"chatalot-container-restarting", "container-restarting", "containers", server};
const Root exited{"container-exited", "container-exited", "containers", server};
const Root unhealthy{"container-unhealthy", "container-unhealthy", "containers", server};
const Root out_of_memory{"chatalot-out-of-memory", "container-out-of-memory", "containers", server};

/// Waits until the Engine says so of a service; fails the test when it does not.
void expect_state(const DockerStack& stack, const std::string& service, const std::string& format,
                  const std::string& wanted) {
  std::string state;
  for (int i = 0; i < 200 && state != wanted; ++i) {
    state = stack.inspect(service, format);
    if (state != wanted) std::this_thread::sleep_for(milliseconds{50});
  }
  REQUIRE(state == wanted);
}

/// Waits until a container has been started again so often that nobody takes it for a first start.
void expect_loop(const DockerStack& stack, const std::string& service) {
  int restarts = 0;
  for (int i = 0; i < 300 && restarts < 4; ++i) {
    std::this_thread::sleep_for(milliseconds{50});
    restarts = std::stoi(stack.inspect(service, "{{.RestartCount}}"));
  }
  REQUIRE(restarts >= 4);
}

/// The server's service does something else; the database goes on.
void replace_server(DockerStack& stack, const std::string& yaml) {
  stack.change(yaml);
  stack.compose({"up", "-d", "--no-deps", "-t", "0", "chatalot"});
}

std::string shell(const std::string& script) {
  return "    command: [sh, -c, '" + script + "']\n";
}

bool counts_memory(DockerStack& stack) {
  return stack.engine().docker({"info", "--format", "{{.MemoryLimit}}"}) == "true";
}

std::string volume_of(DockerStack& stack, const std::string& name) {
  return stack.engine().docker(
      {"volume", "ls", "--filter", "label=com.docker.compose.volume=" + name, "--format", "{{.Name}}"});
}

}  // namespace

TEST_CASE("a server that does not stay up", "[engine][containers]") {
  DockerStack stack;
  stack.up();

  SECTION("ends at each start, and is started again") {
    replace_server(stack, shell("echo no such colour; exit 101"));
    expect_loop(stack, "chatalot");
    const auto result = stack.check();
    expect_roots(result, {restarting}, 1);
    CHECK(result.evidence(restarting.entry, "exit_code") == "101");
    CHECK(result.evidence(restarting.entry, "meaning").find("panic") != std::string::npos);
  }
  SECTION("because of a key that is none") {
    stack.directory().write("secrets/jwt_private.pem", "no key\n", 0600);
    stack.directory().owner("secrets/jwt_private.pem", 999);
    stack.compose({"restart", "-t", "0", "chatalot"});
    expect_loop(stack, "chatalot");
    expect_consequence(stack.check(), restarting, "chatalot-jwt-key-invalid");
  }
  SECTION("ends once, and nothing starts it again") {
    replace_server(stack, "    restart: 'no'\n" + shell("exit 1"));
    expect_state(stack, "chatalot", "{{.State.Status}}", "exited");
    const auto result = stack.check();
    expect_roots(result, {exited}, 1);
    CHECK(result.evidence(exited.entry, "exit_code") == "1");
  }
  SECTION("runs, and its health check fails") {
    replace_server(stack,
                   "    healthcheck: {test: [CMD, sh, -c, 'echo not today; exit 1'], interval: 1s, retries: 1}\n");
    expect_state(stack, "chatalot", "{{.State.Health.Status}}", "unhealthy");
    const auto result = stack.check();
    const Root wrong{"health-container-check-wrong", "health-container-check-wrong", "health", server};
    expect_roots(result, {wrong}, 1);
    expect_consequence(result, unhealthy, wrong.entry);
    CHECK(result.evidence(unhealthy.entry, "said") == "not today");
  }
  SECTION("needs more memory than it may have") {
    if (!counts_memory(stack)) return skip("the kernel does not count the memory of containers here");
    replace_server(
        stack, "    restart: 'no'\n    deploy: {resources: {limits: {memory: 16M}}}\n" + shell("exec tail /dev/zero"));
    expect_state(stack, "chatalot", "{{.State.Status}}", "exited");
    const auto result = stack.check();
    expect_roots(result, {out_of_memory}, 1);
    CHECK(result.evidence(out_of_memory.entry, "limit") == "16.8 MB");
  }
  SECTION("uses nearly all the memory that it may have") {
    if (!counts_memory(stack)) return skip("the kernel does not count the memory of containers here");
    replace_server(stack, "    deploy: {resources: {limits: {memory: 64M}}}\n" +
                              shell("dd if=/dev/zero of=/tmp/fill bs=1M count=61; exec /app/chatalot-server"));
    expect_state(stack, "chatalot", "{{.State.Status}}", "running");
    std::this_thread::sleep_for(milliseconds{1000});
    const Root high{"chatalot-resource-usage-high", "container-memory-near-limit", "containers", server};
    expect_roots(stack.check(), {high}, 0);
  }
}

TEST_CASE("containers that are not there", "[engine][containers]") {
  DockerStack stack;
  stack.up();
  const Root missing{"chatalot-container-missing", "container-missing", "containers", "service:postgres"};
  stack.compose({"kill", "postgres"});
  stack.compose({"rm", "-f", "postgres"});
  expect_roots(stack.check(), {missing}, 1);

  stack.compose({"down", "-t", "0"});
  expect_roots(stack.check(), {{missing.entry, missing.code, missing.check, stack_file}}, 1);
}

TEST_CASE("a host with too little memory to build what was never built", "[engine][containers]") {
  DockerStack stack;
  stack.directory().write("meminfo",
                          "MemTotal: 1000000 kB\nMemAvailable: 800000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n");
  Result result;
  // Of a thread with mounts of its own: what it starts sees another /proc/meminfo.
  std::thread{[&] {
    const auto meminfo = stack.directory().path("meminfo");
    const bool mounted = ::unshare(CLONE_NEWNS) == 0 &&
                         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         ::mount(meminfo.c_str(), "/proc/meminfo", nullptr, MS_BIND, nullptr) == 0;
    if (mounted) result = stack.check();
  }}.join();
  const Root small{"chatalot-build-out-of-memory", "memory-too-small-to-build", "containers", "host:memory"};
  expect_finding(result, small);
  CHECK(result.evidence(small.entry, "memory") == "1.0 GB");
}

TEST_CASE("a stack that runs, and what it shares and was made from", "[engine][containers]") {
  DockerStack stack;
  stack.up();
  expect_silent(stack.check(), 0);

  const auto volume = volume_of(stack, "file_storage");
  stack.engine().docker(
      {"run", "-d", "--name", "stranger", "--network", "none", "-v", volume + ":/files", "doctor-test/servers"});
  const auto shared = stack.check();
  stack.engine().docker({"rm", "-f", "stranger"});
  const Root by_stacks{"volume-shared-by-stacks", "volume-shared-by-stacks", "containers", "volume:file_storage"};
  expect_roots(shared, {by_stacks}, 0);
  CHECK(shared.evidence(by_stacks.entry, "users") == "stranger (no project)");

  const auto later = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) + 600;
  stack.directory().write(".git/logs/HEAD", std::string(40, 'a') + " " + std::string(40, 'b') + " A <a@b.c> " +
                                                std::to_string(later) + " +0000\tpull: Fast-forward\n");
  const Root outdated{"chatalot-image-older-than-source", "container-image-outdated", "containers", server};
  expect_roots(stack.check(), {outdated}, 0);
  stack.directory().remove(".git/logs/HEAD");

  stack.files().override_file(
      "services:\n  chatalot: {image: doctor-test/servers}\n  postgres: {image: doctor-test/postgres}\n");
  const Root mismatch{"container-image-mismatch", "container-image-mismatch", "containers", server};
  expect_roots(stack.check(), {mismatch}, 0);
}

}  // namespace doctor::lab
