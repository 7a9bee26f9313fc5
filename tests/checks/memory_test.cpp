#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
const std::string options = "setting:web/NODE_OPTIONS";

Setting& told(World& world, const std::string& text, std::uint64_t limit) {
  world.service("web").memory_limit = limit * mebibyte;
  auto& setting = world.plain("web", "NODE_OPTIONS", text);
  setting.rule.role = "node-options";
  return setting;
}

Scenario tells(const std::string& name, const std::string& text, std::uint64_t limit,
               std::vector<std::string> codes = {}) {
  for (auto& code : codes) code += " " + options;
  return {name, [text, limit](World& world) { told(world, text, limit); }, codes, {}};
}

const bool added = add_scenarios(
    "memory",
    {
        tells("three quarters of the limit", "--max-old-space-size=384", 512),
        tells("four fifths of the limit", "--max-old-space-size=80", 100),
        tells("more than that", "--max-old-space-size=81", 100, {"memory-heap-exceeds-limit"}),
        tells("more than the limit", "--max-old-space-size=384", 256, {"memory-heap-exceeds-limit"}),
        tells("as V8 spells it", "--max_old_space_size=384", 256, {"memory-heap-exceeds-limit"}),
        tells("among others", "-r ./a.js \"--max-old-space-size=384\" --expose-gc", 256, {"memory-heap-exceeds-limit"}),
        tells("the last one counts", "--max-old-space-size=384 --max-old-space-size=128", 256),
        tells("no limit", "--max-old-space-size=8192", 0),
        tells("other options", "--enable-source-maps --require ./max-old-space-size.js --max-semi-space-size=16", 256),
        tells("nothing", "", 256),
        tells("no equals sign", "--max-old-space-size 384", 512, {"memory-option-invalid"}),
        tells("no number", "--max-old-space-size=", 512, {"memory-option-invalid"}),
        tells("a unit", "--max-old-space-size=384m", 512, {"memory-option-invalid"}),
        tells("a number beyond counting", "--max-old-space-size=99999999999999999999", 512, {"memory-option-invalid"}),
        tells("one dash", "-max-old-space-size=384", 512, {"memory-option-invalid"}),
        tells("no dash", "max-old-space-size=384", 512, {"memory-option-invalid"}),
        tells("a dash of a word processor", "\xe2\x80\x94max-old-space-size=384", 512, {"memory-option-invalid"}),
        {"the container's limit counts",
         [](World& world) {
           told(world, "--max-old-space-size=384", 256);
           world.container("web").memory_limit = 1024 * mebibyte;
         },
         {},
         {}},
        {"a container without a limit",
         [](World& world) {
           told(world, "--max-old-space-size=384", 256);
           world.container("web");
         },
         {},
         {}},
        {"a service that is switched off",
         [](World& world) {
           told(world, "--max-old-space-size=384", 256);
           world.service("web").enabled = false;
         },
         {},
         {}},
        {"a value that may not be read",
         [](World& world) {
           world.service("web");
           auto& setting = world.secret("web", "NODE_OPTIONS");
           setting.rule.role = "node-options";
         },
         {},
         {options}},
        {"nobody says anything", [](World& world) { world.service("web"); }, {}, {}},
    });

TEST_CASE("memory compares what programs are told with what they may use", "[memory]") {
  expect_scenarios("memory");
}

TEST_CASE("memory shows both numbers in MiB", "[memory]") {
  World world;
  told(world, "--max-old-space-size=384", 256);
  const auto judgement = run_check(check_named("memory"), world);
  CHECK(evidence_of(judgement, "memory-heap-exceeds-limit", "heap") == "384 MiB");
  CHECK(evidence_of(judgement, "memory-heap-exceeds-limit", "limit") == "256 MiB");
}

}  // namespace
}  // namespace doctor::test
