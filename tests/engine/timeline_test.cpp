// What the Docker Engine remembers of containers.

#include <chrono>
#include <thread>

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using Json = nlohmann::json;

void expect_state(const DockerStack& stack, const std::string& wanted) {
  std::string state;
  for (int i = 0; i < 200 && state != wanted; ++i) {
    state = stack.inspect("chatalot", "{{.State.Status}}");
    if (state != wanted) std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  REQUIRE(state == wanted);
}

/// The last event of a kind about the server; fails the test when there is none.
Json last(const Result& result, const std::string& kind) {
  Json found;
  for (const auto& event : result.report.at("timeline"))
    if (event.at("kind") == kind && event.at("subject") == "service:chatalot") found = event;
  INFO(result.report.at("timeline").dump(1));
  REQUIRE(found.is_object());
  return found;
}

void replace_server(DockerStack& stack, const std::string& yaml) {
  stack.change(yaml);
  stack.compose({"up", "-d", "--no-deps", "-t", "0", "chatalot"});
}

bool says(const Json& event, const std::string& text) {
  return event.at("text").get<std::string>().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("containers that come and go", "[engine][timeline]") {
  DockerStack stack;
  stack.up();

  SECTION("one that ends by itself has failed, and what was done before is marked") {
    std::this_thread::sleep_for(std::chrono::milliseconds{1100});
    replace_server(stack, "    restart: 'no'\n    command: [sh, -c, 'sleep 2; exit 7']\n");
    expect_state(stack, "exited");
    const auto result = stack.check();
    const auto exited = last(result, "container-exited");
    CHECK(exited.at("failure") == true);
    CHECK(exited.at("source") == "Docker Engine");
    CHECK(says(exited, "exit code 7"));
    const auto started = last(result, "container-started");
    CHECK(started.at("just_before") == true);
    CHECK(last(result, "container-removed").at("failure") == false);
  }
  SECTION("one that is stopped has not") {
    stack.compose({"stop", "-t", "0", "chatalot"});
    expect_state(stack, "exited");
    const auto exited = last(stack.check(), "container-exited");
    CHECK(exited.at("failure") == false);
    CHECK(says(exited, "was stopped"));
  }
  SECTION("one that needs more memory than it may have") {
    if (stack.engine().docker({"info", "--format", "{{.MemoryLimit}}"}) != "true")
      return skip("the kernel does not count the memory of containers here");
    replace_server(stack,
                   "    restart: 'no'\n    deploy: {resources: {limits: {memory: 16M}}}\n"
                   "    command: [sh, -c, 'exec tail /dev/zero']\n");
    expect_state(stack, "exited");
    const auto result = stack.check();
    CHECK(last(result, "container-oom-killed").at("failure") == true);
    CHECK(last(result, "container-exited").at("failure") == true);
  }
}

}  // namespace doctor::lab
