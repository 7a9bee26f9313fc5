#include "deployment/discover_services.hpp"

#include <algorithm>

#include "deployment/match_processes.hpp"
#include "doctor/probe/question.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

bool below(const std::string& path, const std::string& directory) {
  return path == directory ||
         (path.starts_with(directory) && (directory.ends_with('/') || path[directory.size()] == '/'));
}

std::size_t shared_settings(const ServiceRule& rule, const ComposeService& service) {
  return static_cast<std::size_t>(
      std::count_if(rule.settings.begin(), rule.settings.end(), [&](const SettingRule& setting) {
        return std::any_of(service.environment.begin(), service.environment.end(),
                           [&](const ServiceVariable& variable) { return variable.name == setting.name; });
      }));
}

/// A service without a rule of its name that is `rule`'s under another name.
Service* renamed(std::vector<Service>& services, const ComposeProject& project, const SystemDescription& description,
                 const ServiceRule& rule) {
  for (std::size_t index = 0; index < services.size(); ++index) {
    auto& service = services[index];
    if (service.described() || !service.enabled) continue;
    const auto& globs = description.recognise.images;
    const bool image = std::any_of(globs.begin(), globs.end(),
                                   [&](const std::string& glob) { return util::glob_match(glob, service.image); });
    const auto shared = shared_settings(rule, project.services[index]);
    if (shared >= 2 && (image || shared * 2 > rule.settings.size())) return &service;
  }
  return nullptr;
}

/// The running one of a service's containers, else the youngest.
bool better(const Container& candidate, const Container& known) {
  const bool runs = candidate.status == "running";
  const bool known_runs = known.status == "running";
  return runs != known_runs ? runs : candidate.created > known.created;
}

std::string why(const ProbeFailure& failure) {
  return failure.detail.empty() ? std::string{to_string(failure.kind)} : failure.detail;
}

void attach(Service& service, const FoundContainer& found, Running& running) {
  if (service.container && !better(found.container, *service.container)) return;
  service.container = found.container;
  RunningEnvironment environment;
  environment.kind = "container";
  environment.where = "container " + found.container.name;
  environment.values = found.environment;
  environment.image = found.container.image.empty() ? "the image" : found.container.image;
  environment.of_image = found.of_image;
  running.environments[service.name] = std::move(environment);
  running.engine.aliases[service.name] = found.names;
}

void attach(Service& service, const FoundProcess& found, Running& running) {
  service.process = found.process;
  const auto where = "process " + std::to_string(found.process.pid);
  if (!found.environment) {
    running.notes.push_back("the environment of " + where + " could not be read: " + why(found.environment.error()));
    return;
  }
  RunningEnvironment environment;
  environment.kind = "process";
  environment.where = where;
  environment.values = *found.environment;
  environment.only_known = true;
  running.environments[service.name] = std::move(environment);
}

Service* named(std::vector<Service>& services, const std::string& rule) {
  for (auto& service : services)
    if (service.rule.name == rule) return &service;
  return nullptr;
}

Service bare_service(const ServiceRule& rule) {
  Service service;
  service.name = rule.name;
  service.rule = rule;
  return service;
}

}  // namespace

std::vector<Service> compose_services(const ComposeProject& project, const SystemDescription& description) {
  std::vector<Service> services;
  for (const auto& found : project.services) {
    services.push_back(found.service);
    if (const auto* rule = description.service(found.service.name)) services.back().rule = *rule;
  }
  for (const auto& rule : description.services) {
    if (rule.optional || named(services, rule.name) != nullptr) continue;
    if (auto* service = renamed(services, project, description, rule)) service->rule = rule;
  }
  return services;
}

std::vector<FoundProcess> bare_processes(const Sources& sources, const ServiceRule& rule, const std::string& directory,
                                         bool anywhere, std::vector<std::string>& notes) {
  const auto& exe = rule.process.exe;
  if (exe.empty() || !sources.processes) return {};
  auto found = sources.processes(exe);
  if (!found) {
    notes.push_back("the processes of " + exe + " could not be listed: " + why(found.error()));
    return {};
  }
  std::vector<FoundProcess> ours;
  std::vector<FoundProcess> others;
  for (auto& process : *found) {
    if (!process.container.empty() || !is_process_of(rule, process)) continue;
    const bool here = below(process.process.directory, directory) || below(process.process.exe, directory);
    (here ? ours : others).push_back(std::move(process));
  }
  return ours.empty() && anywhere ? others : ours;
}

void add_processes(std::vector<Service>& services, const SystemDescription& description, const Sources& sources,
                   const ProcessScope& scope, Running& running) {
  for (const auto& rule : description.services) {
    auto* service = named(services, rule.name);
    if (service != nullptr && service->container && service->container->status == "running") continue;
    const auto processes = bare_processes(sources, rule, scope.directory, !scope.beside_compose, running.notes);
    const bool could = !scope.beside_compose && is_expected(rule, scope.dotenv == nullptr ? Dotenv{} : *scope.dotenv);
    if (processes.empty() && !could) continue;
    if (service == nullptr) service = &services.emplace_back(bare_service(rule));
    if (!processes.empty()) attach(*service, processes.front(), running);
  }
}

void add_containers(std::vector<Service>& services, const std::string& project, const Sources& sources,
                    Running& running) {
  if (!sources.containers) return;
  const auto found = sources.containers(project);
  if (!found) {
    running.engine.why = "the Docker Engine could not be asked: " + why(found.error());
    running.notes.push_back(running.engine.why);
    return;
  }
  running.engine.asked = true;
  for (const auto& container : *found)
    for (auto& service : services)
      if (service.name == container.service) attach(service, container, running);
}

namespace {

/// Why there is no place to stand in a service of containers; "" when its container can be entered.
std::string why_no_vantage(const Service& service, const Sources& sources, const EngineView& engine) {
  if (!service.container)
    return engine.asked || engine.why.empty() ? "no container of " + service.name + " is running" : engine.why;
  const auto& container = *service.container;
  if (container.status != "running" || container.pid <= 0)
    return "container " + container.name + " is " + util::shown(container.status, 20);
  return sources.why_not_enter ? sources.why_not_enter(container) : "doctor was not given a way to enter containers";
}

}  // namespace

void find_vantages(std::vector<Service>& services, const Sources& sources, const EngineView& engine) {
  for (auto& service : services) {
    service.vantage.clear();
    service.vantage_note.clear();
    if (on_host(service)) {
      service.vantage = std::string{host_vantage};
      continue;
    }
    service.vantage_note = why_no_vantage(service, sources, engine);
    if (service.vantage_note.empty()) service.vantage = "container " + service.container->name;
  }
}

}  // namespace doctor::deployment
