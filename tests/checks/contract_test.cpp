// What every check owes: its codes are produced by scenarios and only its codes, it has a scenario in which it stays
// silent and one in which it could not look, and it looks at the roles that it declares.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "checks/registry.hpp"
#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

using Names = std::set<std::string>;

Judgement judge(
    const CheckInfo& check, const Scenario& scenario,
    const std::function<void(Deployment&)>& change = [](Deployment&) {}) {
  World world;
  scenario.arrange(world);
  change(world.deployment);
  return run_check(check, world);
}

Names declared_codes(const CheckInfo& check) {
  Names codes;
  for (const auto code : check.codes) codes.emplace(code.text());
  return codes;
}

Names produced_codes(const CheckInfo& check) {
  Names codes;
  for (const auto& scenario : scenarios_of(std::string{check.id}).scenarios)
    for (const auto& finding : judge(check, scenario).findings) codes.insert(finding.code);
  return codes;
}

/// A role is taken away by calling it something that nobody asks for.
void forget_role(Deployment& deployment, const std::function<bool(const std::string&)>& forgotten) {
  for (auto& setting : deployment.settings)
    if (forgotten(setting.rule.role)) setting.rule.role = "forgotten";
  for (auto* sources : {&deployment.data_sources, &deployment.redis})
    for (auto& source : *sources)
      if (forgotten(source.role)) source.role = "forgotten";
}

/// Everything that a judgement says, as one text.
std::string said(const Judgement& judgement) {
  std::string text;
  for (const auto& finding : judgement.findings) {
    text += finding.code + " " + finding.subject + "\n";
    for (const auto& evidence : finding.evidence) text += "  " + evidence.name + "=" + evidence.value + "\n";
  }
  for (const auto& item : judgement.healthy) text += "well " + item.subject + ": " + item.figure + "\n";
  for (const auto& item : judgement.unexamined) text += "unseen " + item.subject + ": " + item.reason + "\n";
  return text;
}

TEST_CASE("the scenarios belong to the checks, one set each", "[contract]") {
  Names checks;
  for (const auto* check : checks::all()) checks.emplace(check->id);
  Names sets;
  for (const auto& set : scenario_sets()) CHECK(sets.insert(set.check).second);
  CHECK(sets == checks);
}

TEST_CASE("every code of a check is produced by a scenario, and no other", "[contract]") {
  for (const auto* check : checks::all()) {
    INFO("check " << check->id);
    CHECK(declared_codes(*check) == produced_codes(*check));
  }
}

TEST_CASE("no code belongs to two checks", "[contract]") {
  Names seen;
  for (const auto* check : checks::all())
    for (const auto code : check->codes) {
      INFO(code.text());
      CHECK(seen.emplace(code.text()).second);
    }
}

TEST_CASE("every check has a healthy scenario with a figure and one in which it could not look", "[contract]") {
  for (const auto* check : checks::all()) {
    INFO("check " << check->id);
    bool well = false;
    bool unseen = false;
    for (const auto& scenario : scenarios_of(std::string{check->id}).scenarios) {
      const auto judgement = judge(*check, scenario);
      well = well || (judgement.findings.empty() && judgement.unexamined.empty() && !judgement.healthy.empty());
      unseen = unseen || !judgement.unexamined.empty();
    }
    CHECK(well);
    CHECK(unseen);
  }
}

TEST_CASE("a subject that is not well is never called healthy", "[contract]") {
  for (const auto* check : checks::all())
    for (const auto& scenario : scenarios_of(std::string{check->id}).scenarios) {
      const auto judgement = judge(*check, scenario);
      for (const auto& item : judgement.healthy)
        for (const auto& finding : judgement.findings) {
          INFO(check->id << ": " << scenario.name << ": " << item.subject);
          CHECK(item.subject != finding.subject);
        }
    }
}

TEST_CASE("a check looks at the roles that it declares and at no others", "[contract]") {
  for (const auto* check : checks::all()) {
    const auto& reads = check->reads;
    const auto declared = [&](const std::string& role) {
      return std::find(reads.begin(), reads.end(), role) != reads.end();
    };
    const auto& scenarios = scenarios_of(std::string{check->id}).scenarios;
    for (const auto& scenario : scenarios) {
      INFO("check " << check->id << ": " << scenario.name);
      const auto others = judge(*check, scenario, [&](Deployment& deployment) {
        forget_role(deployment, [&](const std::string& role) { return !role.empty() && !declared(role); });
      });
      CHECK(said(others) == said(judge(*check, scenario)));
    }
    for (const auto role : reads) {
      INFO("check " << check->id << " declares the role " << role);
      CHECK(std::any_of(scenarios.begin(), scenarios.end(), [&](const Scenario& scenario) {
        const auto without = judge(*check, scenario, [&](Deployment& deployment) {
          forget_role(deployment, [&](const std::string& one) { return one == role; });
        });
        return said(without) != said(judge(*check, scenario));
      }));
    }
  }
}

TEST_CASE("a stopped run makes nothing healthy and nothing ill", "[contract]") {
  for (const auto* check : checks::all())
    for (const auto& scenario : scenarios_of(std::string{check->id}).scenarios) {
      World world;
      scenario.arrange(world);
      world.deployment.problems.clear();
      Fakes stopped;
      auto probes = stopped.probes();
      const Context context{world.deployment, probes, Deadline::after(std::chrono::milliseconds{0}),
                            [](const std::string&) { return std::optional<std::string>{}; }};
      const auto judgement = check->run(context);
      for (const auto& finding : judgement.findings) {
        // Only what follows from the files alone may be said without an answer from the world.
        INFO(check->id << ": " << scenario.name << ": " << finding.code);
        CHECK((check->id == "env" || check->id == "compose" || check->id == "memory" ||
               finding.code == "database-url-invalid" || finding.code == "redis-url-invalid" ||
               finding.code == "limit-setting-above-constant" || finding.code == "proxy-network-wrong" ||
               finding.code == "proxy-certresolver-missing" || finding.code == "proxy-entrypoint-timeout" ||
               finding.code == "proxy-stream-buffered" || finding.code == "proxy-stream-timeout-short" ||
               finding.code == "proxy-path-exposed" || finding.code == "disk-storage-not-persistent" ||
               finding.code == "network-not-shared" || finding.code == "upstream-url-invalid" ||
               finding.code == "port-exposed"));
      }
    }
}

TEST_CASE("a healthy state is a sentence", "[contract]") {
  for (const auto* check : checks::all()) {
    INFO("check " << check->id);
    CHECK(check->healthy.find(' ') != std::string_view::npos);
    CHECK_FALSE(check->healthy.ends_with('.'));
  }
}

}  // namespace
}  // namespace doctor::test
