#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/compose.hpp"

namespace doctor::checks {
namespace {

// ---- facts

/// What the compose file amounts to. Whoever read the deployment has already found what is wrong with it, in its text
/// and in what the Docker Engine knows of its networks and volumes.
struct Facts {
  std::string file;  ///< empty: there is none
  std::vector<FileProblem> problems;
  std::vector<Service> services;  ///< those that are switched on
  std::size_t switched_off = 0;
  std::vector<Network> networks;
  std::string engine_note;
};

// ---- observe

Facts observe(const Context& context) {
  const auto& deployment = context.deployment;
  Facts facts;
  facts.file = deployment.compose_file;
  facts.networks = deployment.networks;
  facts.engine_note = deployment.engine_note;
  for (const auto& problem : deployment.problems)
    if (problem.code.starts_with("compose-")) facts.problems.push_back(problem);
  for (const auto& service : deployment.services) {
    if (service.enabled)
      facts.services.push_back(service);
    else
      ++facts.switched_off;
  }
  return facts;
}

// ---- diagnose

constexpr std::array codes_of_compose{
    codes::compose_file_invalid,         codes::compose_file_unreadable,     codes::compose_file_missing,
    codes::compose_key_duplicated,       codes::compose_variable_required,   codes::compose_variable_unset,
    codes::compose_dependency_undefined, codes::compose_network_undefined,   codes::compose_network_external_missing,
    codes::compose_network_not_shared,   codes::compose_reference_undefined, codes::compose_secret_missing,
    codes::compose_port_duplicated,      codes::compose_port_conflict,       codes::compose_port_unreachable,
    codes::compose_project_renamed};

void judge_problems(const Facts& facts, Judgement& out) {
  for (const auto& problem : facts.problems) {
    const auto code = std::find_if(codes_of_compose.begin(), codes_of_compose.end(),
                                   [&](Code known) { return known.text() == problem.code; });
    if (code == codes_of_compose.end())
      throw std::logic_error("the deployment reports a code that compose does not declare");
    std::vector<Evidence> evidence;
    for (const auto& [name, value] : problem.evidence) evidence.push_back({name, value, problem.place.text(), {}});
    out.findings.emplace_back(*code, problem.subject, std::move(evidence));
  }
}

bool joins(const Service& service, const std::string& network) {
  return service.network_mode.empty() &&
         std::find(service.networks.begin(), service.networks.end(), network) != service.networks.end();
}

/// Whether an external network exists only the Docker Engine can say.
void note_unseen_networks(const Facts& facts, Judgement& out) {
  if (facts.engine_note.empty()) return;
  for (const auto& network : facts.networks) {
    if (!network.external || network.exists) continue;
    const auto user = std::find_if(facts.services.begin(), facts.services.end(),
                                   [&](const Service& service) { return joins(service, network.name); });
    if (user != facts.services.end()) out.unexamined.push_back({user->subject(), facts.engine_note});
  }
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  judge_problems(facts, out);
  if (facts.file.empty() && facts.problems.empty()) {
    out.skipped.push_back({"file:docker-compose.yml", "there is no compose file"});
    return out;
  }
  note_unseen_networks(facts, out);
  if (out.findings.empty()) {
    auto figure = std::to_string(facts.services.size()) + " services";
    if (facts.switched_off > 0) figure += ", " + std::to_string(facts.switched_off) + " switched off by profiles";
    out.healthy.push_back({"file:" + facts.file, figure});
  }
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

}  // namespace

extern const CheckInfo compose{
    "compose", "the compose file can be read, and its services fit together", {}, {}, codes_of_compose, run};

}  // namespace doctor::checks
