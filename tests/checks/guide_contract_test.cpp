// Checks and guides agree: codes are headings, evidence keys are placeholders.
#include <map>
#include <set>
#include <string>

#include "checks/registry.hpp"
#include "guides/library.hpp"
#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

using Names = std::set<std::string>;

TEST_CASE("the codes of a check are those of its guide page", "[contract]") {
  const guides::Library library{guides::embedded()};
  std::map<std::string, Names> pages;
  for (const auto& code : library.codes()) {
    const auto entry = library.entry(code);
    REQUIRE(entry);
    if (entry->system.empty()) pages[entry->guide].insert(code);
  }
  for (const auto* check : checks::all()) {
    INFO("check " << check->id);
    Names declared;
    for (const auto code : check->codes) declared.emplace(code.text());
    CHECK(declared == pages[std::string{check->id}]);
  }
}

TEST_CASE("the evidence that a guide entry declares is the evidence that its check produces", "[contract]") {
  const guides::Library library{guides::embedded()};
  for (const auto* check : checks::all()) {
    std::map<std::string, Names> produced;
    for (const auto& scenario : scenarios_of(std::string{check->id}).scenarios) {
      World world;
      scenario.arrange(world);
      for (const auto& finding : run_check(*check, world).findings)
        for (const auto& evidence : finding.evidence) produced[finding.code].insert(evidence.name);
    }
    for (const auto code : check->codes) {
      INFO(code.text());
      const auto entry = library.entry(code.text());
      REQUIRE(entry);
      CHECK(Names(entry->evidence.begin(), entry->evidence.end()) == produced[std::string{code.text()}]);
    }
  }
}

}  // namespace
}  // namespace doctor::test
