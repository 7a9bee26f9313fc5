#pragma once

#include <functional>
#include <string>
#include <vector>

#include "doctor/check.hpp"
#include "support/fake_probes.hpp"

/// What a check must say about a world, as data. Each tests/checks/ID_test.cpp adds the scenarios of its check, and the
/// contract test loops over all of them.
namespace doctor::test {

struct Scenario {
  std::string name;
  std::function<void(World&)> arrange;
  std::vector<std::string> findings;    ///< "code subject", in any order; empty: silent
  std::vector<std::string> unexamined;  ///< subjects, in any order
};

/// The scenarios of one check.
struct ScenarioSet {
  std::string check;
  std::vector<Scenario> scenarios;
};

/// All sets. The test program is linked from object files, so that an added set cannot get lost as it could in a static
/// library.
std::vector<ScenarioSet>& scenario_sets();

/// `const bool added = add_scenarios("env", {...});` at namespace level. What several files add belongs together.
bool add_scenarios(const std::string& check, std::vector<Scenario> scenarios);

const ScenarioSet& scenarios_of(const std::string& check);

/// The check of that id; throws std::out_of_range when the registry has none.
const CheckInfo& check_named(const std::string& id);

/// Runs a check on a world with a deadline of ten seconds and nothing blocked.
Judgement run_check(const CheckInfo& check, World& world);

/// Runs every scenario of the check and compares codes, subjects and what was not looked at.
void expect_scenarios(const std::string& check);

/// "code subject" of every finding, sorted.
std::vector<std::string> codes_and_subjects(const Judgement& judgement);

/// The value of the first evidence of that name of the first finding with that code; throws when there is none.
std::string evidence_of(const Judgement& judgement, const std::string& code, const std::string& name);

}  // namespace doctor::test
