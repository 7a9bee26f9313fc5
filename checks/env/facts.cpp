#include "checks/env/facts.hpp"

#include <algorithm>

#include "doctor/condition.hpp"

namespace doctor::checks::env_facts {
namespace {

std::vector<std::string> questions_about(const SettingFacts& facts) {
  const auto& setting = facts.setting;
  const auto& rule = setting.rule;
  std::vector<std::string> predicates;
  if (facts.given()) {
    if (setting.described) predicates.emplace_back("empty");
    if (!rule.examples.empty()) predicates.emplace_back("example");
    if (rule.secret && rule.length > 0)
      predicates.emplace_back("strong");
    else if (!rule.form.empty())
      predicates.emplace_back("well-formed");
    if (!rule.allowed.empty()) predicates.emplace_back("allowed");
    if (!rule.refuses.empty()) predicates.emplace_back("refused");
    if (!facts.url_settings.empty()) predicates.emplace_back("url-safe");
  }
  const bool cut_off = setting.reach == Reach::pinned || setting.reach == Reach::not_passed;
  if (setting.written && cut_off && setting.service != "compose") predicates.emplace_back("reaches-as-written");
  // Programs that run in several roles on one host get theirs from whatever starts them.
  const bool own_role = facts.owner.bare && rule.role == "process-role";
  if (setting.configured && facts.owner.runs && !own_role) predicates.emplace_back("applied");
  return predicates;
}

std::vector<std::string> urls_built_from(const Setting& setting, const Deployment& deployment) {
  std::vector<std::string> urls;
  if (!setting.rule.secret) return urls;
  for (const auto& other : deployment.settings) {
    const bool url = other.rule.form.ends_with("url") || other.rule.role.ends_with("-url");
    const auto& parts = other.built_from;
    const bool part = std::find(parts.begin(), parts.end(), setting.subject()) != parts.end();
    if (url && part && std::find(urls.begin(), urls.end(), other.name) == urls.end()) urls.push_back(other.name);
  }
  return urls;
}

bool is_required(const Setting& setting, const Deployment& deployment) {
  const auto& condition = setting.rule.required_when;
  return setting.rule.required || (condition && holds(*condition, deployment, setting.service).value_or(false));
}

/// Whatever asks the container for its port goes by the number of the description, unless the compose file publishes
/// the other one.
std::uint16_t expected_port(const Setting& setting, const Deployment& deployment) {
  const auto* service = deployment.service(setting.service);
  if (setting.rule.role != "listen-address" || service == nullptr) return 0;
  if (service->process || service->place.file.empty() || service->network_mode == "host") return 0;
  return service->rule.port;
}

SettingFacts look_at(const Setting& setting, const Context& context) {
  const auto& deployment = context.deployment;
  SettingFacts facts;
  facts.setting = setting;
  facts.owner = env_scope::owner_of(setting, deployment);
  if (!facts.owner.judged) return facts;
  facts.required = is_required(setting, deployment);
  if (setting.rule.needs) facts.accompanied = holds(*setting.rule.needs, deployment, setting.service);
  facts.port = expected_port(setting, deployment);
  if (const auto* service = deployment.service(setting.service))
    for (const auto& port : service->ports) facts.targets.push_back(port.target);
  facts.url_settings = urls_built_from(setting, deployment);
  for (const auto& predicate : questions_about(facts))
    facts.answers.emplace(predicate, context.ask(SecretQuestion{setting.subject(), predicate, {}}));
  return facts;
}

bool holds_secrets(const Deployment& deployment, const std::string& file) {
  return std::any_of(deployment.settings.begin(), deployment.settings.end(), [&](const Setting& setting) {
    return setting.rule.secret && setting.written_at && setting.written_at->file == file;
  });
}

std::string absolute(const Deployment& deployment, const std::string& file) {
  return file.starts_with('/') ? file : deployment.directory + "/" + file;
}

}  // namespace

bool SettingFacts::holds(const std::string& predicate) const {
  const auto found = answers.find(predicate);
  return found != answers.end() && found->second && found->second->holds;
}

bool SettingFacts::fails(const std::string& predicate) const {
  const auto found = answers.find(predicate);
  return found != answers.end() && found->second && !found->second->holds;
}

std::string SettingFacts::reason(const std::string& predicate) const {
  const auto found = answers.find(predicate);
  return found != answers.end() && found->second ? found->second->reason : std::string{};
}

Facts observe(const Context& context) {
  const auto& deployment = context.deployment;
  Facts facts;
  facts.env_file = deployment.env_file;
  facts.compose_file = deployment.compose_file;
  for (const auto& problem : deployment.problems)
    if (problem.code.starts_with("env-")) facts.problems.push_back(problem);
  for (const auto& setting : env_scope::all_settings(deployment)) facts.settings.push_back(look_at(setting, context));
  for (const auto& service : deployment.services) {
    if (service.enabled)
      for (const auto& group : service.rule.groups) facts.groups.push_back({group, service.name});
    if (service.process && service.described() && !deployment.environment_known(service))
      facts.unreadable.push_back({service.subject(), "the environment of process " +
                                                         std::to_string(service.process->pid) + " cannot be read"});
  }
  if (!deployment.env_unread.empty()) facts.unreadable.push_back({"file:" + facts.env_file, deployment.env_unread});
  for (const auto& group : deployment.description.groups) facts.groups.push_back({group, "compose"});
  if (!facts.env_file.empty() && holds_secrets(deployment, facts.env_file))
    facts.env_file_state = context.ask(FileQuestion{absolute(deployment, facts.env_file)});
  return facts;
}

}  // namespace doctor::checks::env_facts
