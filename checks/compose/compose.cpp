#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "checks/compose/build.hpp"
#include "checks/compose/redirect.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/compose.hpp"
#include "doctor/condition.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using namespace std::string_view_literals;

// ---- facts

/// Who does what may be done only once.
struct SingletonFacts {
  SingletonRule rule;
  std::vector<const Service*> services;
  std::string value;  ///< of the setting, in the last of them
};

/// What the compose file amounts to. Whoever read the deployment has already found what is wrong with it, in its text
/// and in what the Docker Engine knows of its networks and volumes.
struct Facts {
  std::string file;  ///< empty: there is none
  std::vector<FileProblem> problems;
  std::vector<Service> services;  ///< those that are switched on
  std::size_t switched_off = 0;
  std::vector<Network> networks;
  std::string engine_note;
  std::vector<SingletonFacts> singletons;
  std::vector<compose_build::BuildFacts> builds;
};

// ---- observe

/// Declared in the compose file, or found running.
bool is_there(const Service& service) {
  return service.enabled && (service.process || service.container || !service.place.file.empty());
}

bool knows(const Service& service, const std::string& setting) {
  const auto& rules = service.rule.settings;
  return std::any_of(rules.begin(), rules.end(), [&](const SettingRule& rule) { return rule.name == setting; });
}

SingletonFacts who_does(const SingletonRule& rule, const Deployment& deployment) {
  SingletonFacts facts{rule, {}, {}};
  for (const auto& service : deployment.services) {
    if (!is_there(service) || !knows(service, rule.when.setting)) continue;
    if (!holds(rule.when, deployment, service.name).value_or(false)) continue;
    facts.services.push_back(&service);
    facts.value = deciding_value(rule.when, deployment, service.name).value_or("");
  }
  return facts;
}

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
  for (const auto& rule : deployment.description.singletons) facts.singletons.push_back(who_does(rule, deployment));
  facts.builds = compose_build::observe(context);
  return facts;
}

// ---- diagnose

constexpr std::array codes_of_compose{codes::compose_file_invalid,
                                      codes::compose_file_unreadable,
                                      codes::compose_file_missing,
                                      codes::compose_key_duplicated,
                                      codes::compose_variable_required,
                                      codes::compose_variable_unset,
                                      codes::compose_dependency_undefined,
                                      codes::compose_network_undefined,
                                      codes::compose_network_external_missing,
                                      codes::compose_network_not_shared,
                                      codes::compose_reference_undefined,
                                      codes::compose_secret_missing,
                                      codes::compose_port_duplicated,
                                      codes::compose_port_conflict,
                                      codes::compose_port_unreachable,
                                      codes::compose_project_renamed,
                                      codes::compose_build_source_missing,
                                      codes::compose_output_redirected,
                                      codes::compose_log_driver_unreadable,
                                      codes::service_duplicated};

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

/// A bare process has no copies, and a service that may not run at all has none either.
int copies_of(const Service& service) {
  return service.process ? 1 : std::max(service.replicas, 0);
}

void judge_singleton(const SingletonFacts& facts, Judgement& out) {
  int copies = 0;
  std::vector<std::string> names;
  const Service* last = nullptr;
  for (const auto* service : facts.services) {
    const int own = copies_of(*service);
    if (own == 0) continue;
    copies += own;
    names.push_back(own > 1 ? service->name + " (" + std::to_string(own) + " copies)" : service->name);
    last = service;
  }
  if (copies < 2) return;
  out.findings.emplace_back(codes::service_duplicated, last->subject(),
                            std::vector<Evidence>{{"setting", facts.rule.when.setting, {}, {}},
                                                  {"value", formats::shown(facts.value), {}, {}},
                                                  {"services", formats::join(names, ", "), {}, {}}},
                            facts.rule.violated);
}

void judge_output(const Service& service, Judgement& out) {
  const auto redirect = compose_redirect::output_file(service);
  if (redirect.empty()) return;
  out.findings.emplace_back(codes::compose_output_redirected, service.subject(),
                            std::vector<Evidence>{{"service", service.name, {}, {}},
                                                  {"where", service.place.text(), {}, {}},
                                                  {"redirect", formats::shown(redirect), service.place.text(), {}}});
}

/// The driver of the container counts where there is one: it is fixed when a container is created.
void judge_log_driver(const Service& service, Judgement& out) {
  constexpr std::array unreadable{"none"sv,    "syslog"sv,  "gelf"sv,    "fluentd"sv,   "splunk"sv,
                                  "awslogs"sv, "gcplogs"sv, "etwlogs"sv, "logentries"sv};
  const auto& driver = service.container ? service.container->log_driver : service.log_driver;
  if (std::find(unreadable.begin(), unreadable.end(), driver) == unreadable.end()) return;
  const auto where = service.container ? "container " + service.container->name : service.place.text();
  out.findings.emplace_back(
      codes::compose_log_driver_unreadable, service.subject(),
      std::vector<Evidence>{
          {"service", service.name, {}, {}}, {"driver", formats::shown(driver), where, {}}, {"where", where, {}, {}}});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  judge_problems(facts, out);
  for (const auto& singleton : facts.singletons) judge_singleton(singleton, out);
  if (facts.file.empty() && facts.problems.empty()) {
    if (out.findings.empty()) out.skipped.push_back({"file:docker-compose.yml", "there is no compose file"});
    return out;
  }
  for (const auto& service : facts.services) {
    judge_output(service, out);
    judge_log_driver(service, out);
  }
  for (const auto& build : facts.builds) compose_build::judge(build, out);
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
