// What the files of a smoltbot deployment say about the memory of its containers.

#include "smoltbot/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const Arguments only_memory{"--only", "memory", "--allow-incomplete"};

Root told(const std::string& entry, const std::string& code, const std::string& service) {
  return {entry, code, "memory", "setting:" + service + "/NODE_OPTIONS"};
}

}  // namespace

TEST_CASE("a heap that was meant for the gateway, in the smaller observer", "[containers]") {
  SmoltbotFiles files;
  for (const auto* service : {"gateway", "observer"}) files.give(service, "NODE_OPTIONS", "--max-old-space-size=384");
  files.add("gateway", "mem_limit: 512m\n").add("observer", "mem_limit: 256m\n");
  const auto result = files.check(only_memory);
  expect_roots(result, {told("smoltbot-observer-heap-oversized", "memory-heap-exceeds-limit", "observer")}, 1);
  CHECK(result.evidence("smoltbot-observer-heap-oversized", "heap") == "384 MiB");
  CHECK(result.evidence("smoltbot-observer-heap-oversized", "limit") == "256 MiB");
}

TEST_CASE("heaps that fit into their containers", "[containers]") {
  SmoltbotFiles files;
  files.give("gateway", "NODE_OPTIONS", "--max-old-space-size=384").add("gateway", "mem_limit: 512m\n");
  files.give("observer", "NODE_OPTIONS", "--max-old-space-size=192").add("observer", "mem_limit: 256m\n");
  expect_silent(files.check(only_memory), 0);
}

TEST_CASE("an option that Node does not take", "[containers]") {
  SmoltbotFiles files;
  files.give("gateway", "NODE_OPTIONS", "--max-old-space-size 384");
  expect_roots(files.check(only_memory), {told("memory-option-invalid", "memory-option-invalid", "gateway")}, 1);
}

}  // namespace doctor::lab
