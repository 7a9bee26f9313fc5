#include "checks/env/scope.hpp"

#include <algorithm>
#include <string_view>

namespace doctor::checks::env_scope {
namespace {

using namespace std::string_view_literals;

bool described_for_this_run(const SettingRule& rule, bool bare, bool compose) {
  if (rule.when == "process") return bare || !compose;
  if (rule.when == "compose") return compose && !bare;
  return true;
}

/// A variable of .env belongs to nobody who runs when all that use it are switched off by their profile.
bool used_by_an_enabled_service(const Setting& setting, const Deployment& deployment) {
  const auto subject = setting.subject();
  bool used = false;
  const auto enabled = [&](const std::string& name) {
    const auto* service = deployment.service(name);
    return service == nullptr || service->enabled;
  };
  for (const auto& other : deployment.settings) {
    if (std::find(other.built_from.begin(), other.built_from.end(), subject) == other.built_from.end()) continue;
    if (enabled(other.service)) return true;
    used = true;
  }
  for (const auto& edge : deployment.edges) {
    if (edge.to != subject || !edge.from.starts_with("service:")) continue;
    if (enabled(edge.from.substr("service:"sv.size()))) return true;
    used = true;
  }
  return !used;
}

/// A service that may be absent, and is: neither declared nor running.
bool is_there(const Service& service) {
  return !service.rule.optional || service.process || service.container || !service.place.file.empty();
}

bool knowable(const Deployment& deployment, const std::string& service) {
  const auto* one = deployment.service(service);
  if (one != nullptr && one->process && !deployment.environment_known(*one)) return false;
  if (!deployment.compose_file.empty()) return true;
  return std::any_of(deployment.settings.begin(), deployment.settings.end(),
                     [&](const Setting& s) { return s.service == service && (s.configured || s.running); });
}

}  // namespace

Owner owner_of(const Setting& setting, const Deployment& deployment) {
  Owner owner;
  const auto* service = deployment.service(setting.service);
  const bool compose = !deployment.compose_file.empty();
  if (service != nullptr) {
    owner.bare = service->process.has_value();
    owner.judged = service->enabled && is_there(*service);
    // A container that has stopped keeps its environment, and gets it again when Docker starts it anew.
    const bool up = service->container.has_value();
    owner.runs = (up || owner.bare) && deployment.environment_known(*service);
    if (owner.bare) {
      owner.process = "process " + std::to_string(service->process->pid);
      owner.started = service->process->started;
    } else if (up) {
      owner.process = "container " + service->container->name;
      owner.started = service->container->started;
    } else if (!compose) {
      owner.process = service->place.text();  // of the manifest that makes it
    }
  }
  owner.judged = owner.judged && described_for_this_run(setting.rule, owner.bare, compose);
  if (setting.service == "compose" &&
      (setting.reach == Reach::not_passed || !used_by_an_enabled_service(setting, deployment)))
    owner.judged = false;
  return owner;
}

std::vector<Setting> all_settings(const Deployment& deployment) {
  auto settings = deployment.settings;
  const auto add = [&](const std::string& service, const SettingRule& rule) {
    if (deployment.setting(service, rule.name) != nullptr || !knowable(deployment, service)) return;
    Setting absent;
    absent.service = service;
    absent.name = rule.name;
    absent.rule = rule;
    absent.described = true;
    settings.push_back(std::move(absent));
  };
  for (const auto& service : deployment.services)
    for (const auto& rule : service.rule.settings) add(service.name, rule);
  if (!deployment.compose_file.empty())
    for (const auto& rule : deployment.description.variables) add("compose", rule);
  return settings;
}

}  // namespace doctor::checks::env_scope
