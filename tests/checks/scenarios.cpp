#include "support/scenarios.hpp"

#include <algorithm>
#include <stdexcept>

#include "checks/registry.hpp"
#include "support/catch.hpp"

namespace doctor::test {

std::vector<ScenarioSet>& scenario_sets() {
  static std::vector<ScenarioSet> sets;
  return sets;
}

bool add_scenarios(const std::string& check, std::vector<Scenario> scenarios) {
  auto& sets = scenario_sets();
  const auto known = std::find_if(sets.begin(), sets.end(), [&](const ScenarioSet& set) { return set.check == check; });
  auto& set = known == sets.end() ? sets.emplace_back(ScenarioSet{check, {}}) : *known;
  for (auto& scenario : scenarios) set.scenarios.push_back(std::move(scenario));
  return true;
}

const ScenarioSet& scenarios_of(const std::string& check) {
  for (const auto& set : scenario_sets())
    if (set.check == check) return set;
  throw std::out_of_range("no scenarios of " + check);
}

const CheckInfo& check_named(const std::string& id) {
  for (const auto* check : checks::all())
    if (check->id == id) return *check;
  throw std::out_of_range("no check " + id);
}

Judgement run_check(const CheckInfo& check, World& world) {
  auto probes = world.fakes.probes();
  const Context context{world.deployment, probes, Deadline::after(std::chrono::seconds{10}),
                        [](const std::string&) { return std::optional<std::string>{}; }};
  return check.run(context);
}

std::vector<std::string> codes_and_subjects(const Judgement& judgement) {
  std::vector<std::string> found;
  for (const auto& finding : judgement.findings) found.push_back(finding.code + " " + finding.subject);
  std::sort(found.begin(), found.end());
  return found;
}

std::string evidence_of(const Judgement& judgement, const std::string& code, const std::string& name) {
  for (const auto& finding : judgement.findings) {
    if (finding.code != code) continue;
    for (const auto& evidence : finding.evidence)
      if (evidence.name == name) return evidence.value;
  }
  throw std::out_of_range("no evidence " + name + " of " + code);
}

void expect_scenarios(const std::string& check) {
  const auto& info = check_named(check);
  for (const auto& scenario : scenarios_of(check).scenarios) {
    INFO("scenario: " << scenario.name);
    World world;
    scenario.arrange(world);
    const auto judgement = run_check(info, world);
    auto expected = scenario.findings;
    std::sort(expected.begin(), expected.end());
    CHECK(codes_and_subjects(judgement) == expected);
    std::vector<std::string> unexamined;
    for (const auto& item : judgement.unexamined) unexamined.push_back(item.subject);
    std::sort(unexamined.begin(), unexamined.end());
    auto unexpected = scenario.unexamined;
    std::sort(unexpected.begin(), unexpected.end());
    CHECK(unexamined == unexpected);
  }
}

}  // namespace doctor::test
