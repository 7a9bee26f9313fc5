#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "deployment/compose_internal.hpp"
#include "util/text.hpp"

// What a project as a whole must fulfil. Only enabled services count, as in Docker Compose.

namespace doctor::deployment::compose {
namespace {

using Names = std::set<std::string>;

Names keys_of(const YamlNode* section) {
  Names names;
  if (section == nullptr) return names;
  for (const auto& entry : section->entries) names.insert(entry.key);
  return names;
}

class ConsistencyChecker {
 public:
  ConsistencyChecker(Loading& loading, const YamlNode& root) : loading_{loading}, root_{root} {
    for (const auto& service : loading.project.services) services_[service.service.name] = &service;
    for (const auto& network : loading.project.networks) networks_.insert(network.name);
    volumes_ = keys_of(root.find("volumes"));
    secrets_ = keys_of(root.find("secrets"));
    configs_ = keys_of(root.find("configs"));
  }

  void run() {
    const YamlNode* services = root_.find("services");
    if (services == nullptr) return;
    if (root_.entries.empty()) return;
    for (const auto& entry : services->entries) {
      const auto found = services_.find(entry.key);
      if (found != services_.end() && found->second->service.enabled) check(*found->second, entry.value);
    }
    check_port_conflicts();
    check_cycles();
  }

 private:
  void check(const ComposeService& service, const YamlNode& node) {
    check_source(service.service, node);
    check_networks(service.service, node);
    check_dependencies(service, node);
    check_mounts(service.service, node);
    check_volumes_from(service.service, node);
    check_names(service.service, node);
    check_healthcheck(service.service, node);
    check_duplicated_ports(service.service);
  }

  void check_healthcheck(const Service& service, const YamlNode& node) {
    const YamlNode* check = node.find("healthcheck");
    const YamlNode* test = check != nullptr ? check->find("test") : nullptr;
    if (test == nullptr || test->items.empty()) return;
    const std::string& first = test->items.front().text;
    if (first == "CMD" || first == "CMD-SHELL" || first == "NONE") return;
    loading_.invalid(test->place(), "the healthcheck of '" + util::shown(service.name, 60) +
                                        "' must start with CMD, CMD-SHELL or NONE");
  }

  void check_source(const Service& service, const YamlNode& node) {
    if (!service.image.empty() || node.find("build") != nullptr) return;
    loading_.invalid(service.place, "the service '" + util::shown(service.name, 60) + "' has neither image nor build");
  }

  void check_networks(const Service& service, const YamlNode& node) {
    const YamlNode* networks = node.find("networks");
    if (networks == nullptr) return;
    if (!service.network_mode.empty() && !networks->entries.empty()) {
      loading_.invalid(service.place, "a service takes either network_mode or networks");
    }
    for (const auto& entry : networks->entries) {
      if (networks_.count(entry.key) != 0 || entry.key == "default") continue;
      const Place place{entry.value.file ? *entry.value.file : service.place.file, entry.line, entry.column};
      loading_.problem("compose-network-undefined", service.subject(), place,
                       {{"service", service.name}, {"network", util::shown(entry.key)}, {"where", place.text()}});
    }
  }

  void check_dependencies(const ComposeService& service, const YamlNode& node) {
    std::unordered_map<std::string, const YamlEntry*> listed;
    if (const YamlNode* section = node.find("depends_on")) {
      for (const auto& entry : section->entries) listed.emplace(entry.key, &entry);
    }
    const Names from_volumes = volumes_from(node);
    for (const auto& name : service.service.depends_on) {
      const auto found = listed.find(name);
      check_dependency(service.service, name, found == listed.end() ? nullptr : found->second,
                       from_volumes.count(name) != 0);
    }
  }

  /// `entry`: what depends_on says; nullptr for a link, a shared namespace or volumes_from.
  void check_dependency(const Service& service, const std::string& name, const YamlEntry* entry, bool from_volumes) {
    const auto found = services_.find(name);
    const bool required = entry == nullptr || is_true(entry->value.find("required"));
    if (found != services_.end() && (found->second->service.enabled || !required)) return;
    if (found == services_.end() && from_volumes) return;  // reported as a reference
    Place place = service.place;
    if (entry != nullptr) place = {entry->value.file ? *entry->value.file : place.file, entry->line, entry->column};
    loading_.problem("compose-dependency-undefined", service.subject(), place,
                     {{"service", service.name},
                      {"dependency", util::shown(name)},
                      {"where", place.text()},
                      {"state", found == services_.end() ? "undefined" : "disabled"}});
  }

  Names volumes_from(const YamlNode& node) const {
    Names names;
    const YamlNode* sources = node.find("volumes_from");
    if (sources == nullptr) return names;
    for (const auto& item : sources->items) {
      if (item.text.compare(0, 10, "container:") != 0) names.insert(item.text.substr(0, item.text.find(':')));
    }
    return names;
  }

  void undefined(const Service& service, const char* kind, const std::string& name, const Place& place) {
    loading_.problem("compose-reference-undefined", service.subject(), place,
                     {{"service", service.name}, {"kind", kind}, {"name", util::shown(name)}, {"where", place.text()}});
  }

  void check_volumes_from(const Service& service, const YamlNode& node) {
    for (const auto& name : volumes_from(node)) {
      if (services_.count(name) == 0) undefined(service, "volumes_from", name, node.find("volumes_from")->place());
    }
  }

  void check_mounts(const Service& service, const YamlNode& node) {
    for (const auto& mount : service.mounts) {
      if (mount.kind != "volume" || mount.source.empty() || volumes_.count(mount.source) != 0) continue;
      undefined(service, "volume", mount.source, mount.place);
    }
    check_sources(service, node.find("secrets"), "secret", secrets_);
    check_sources(service, node.find("configs"), "config", configs_);
    if (const YamlNode* build = node.find("build")) check_sources(service, build->find("secrets"), "secret", secrets_);
  }

  void check_sources(const Service& service, const YamlNode* list, const char* kind, const Names& defined) {
    if (list == nullptr) return;
    for (const auto& item : list->items) {
      const std::string name = item.is_mapping() ? text_of(item.find("source")) : item.text;
      if (defined.count(name) == 0) undefined(service, kind, name, item.place());
    }
  }

  void check_names(const Service& service, const YamlNode& node) {
    if (service.container_name.empty()) return;
    const YamlNode* deploy = node.find("deploy");
    const YamlNode* scale = node.find("scale");
    if (scale == nullptr && deploy != nullptr) scale = deploy->find("replicas");
    const auto count = scale != nullptr ? port_range(scale->text) : std::nullopt;
    if (count && count->first > 1) {
      loading_.invalid(service.place, "a service with a container_name cannot run more than once");
    }
  }

  /// These two do not keep Docker Compose from loading the project.
  void note(const std::string& code, const std::string& subject, const Place& place,
            std::map<std::string, std::string> evidence) {
    const bool loads = loading_.project.loads;
    loading_.problem(code, subject, place, std::move(evidence));
    loading_.project.loads = loads;
  }

  void check_duplicated_ports(const Service& service) {
    std::map<std::pair<std::uint16_t, std::string>, std::vector<const PublishedPort*>> published;
    for (const auto& port : service.ports) {
      if (port.published != 0) published[{port.target, port.protocol}].push_back(&port);
    }
    for (const auto& [target, ports] : published) {
      std::vector<std::string> numbers;
      for (const PublishedPort* port : ports) {
        std::string number = std::to_string(port->published);
        if (std::find(numbers.begin(), numbers.end(), number) == numbers.end()) numbers.push_back(std::move(number));
      }
      if (numbers.size() < 2) continue;
      const Place& place = ports.back()->place;
      note("compose-port-duplicated", service.subject(), place,
           {{"service", service.name},
            {"port", std::to_string(target.first)},
            {"ports", util::shown(util::join(numbers, ", "))},
            {"where", place.text()}});
    }
  }

  struct Publication {
    const Service* service;
    const PublishedPort* port;
  };

  static bool overlap(const std::string& left, const std::string& right) {
    const auto any = [](const std::string& address) {
      return address.empty() || address == "0.0.0.0" || address == "::";
    };
    return left == right || any(left) || any(right);
  }

  void check_port_conflicts() {
    std::map<std::pair<std::uint16_t, std::string>, std::vector<Publication>> published;
    for (const auto& service : loading_.project.services) {
      if (!service.service.enabled) continue;
      for (const auto& port : service.service.ports) {
        if (port.published != 0) compare({&service.service, &port}, published[{port.published, port.protocol}]);
      }
    }
  }

  void compare(const Publication& own, std::vector<Publication>& others) {
    for (const auto& other : others) {
      const bool same = other.service == own.service && other.port->target == own.port->target;
      if (same || !overlap(other.port->address, own.port->address)) continue;
      note("compose-port-conflict", own.service->subject(), own.port->place,
           {{"service", own.service->name},
            {"port", std::to_string(own.port->published)},
            {"other", other.service->name},
            {"where", own.port->place.text()}});
      return;
    }
    if (others.size() < 100) others.push_back(own);
  }

  /// Takes away services that depend on nothing, until none is left or the rest is a circle.
  void check_cycles() {
    std::map<std::string, std::size_t> waiting;
    std::map<std::string, std::vector<std::string>> dependants;
    std::vector<std::string> ready;
    for (const auto& [name, service] : services_) {
      if (!service->service.enabled) continue;
      std::size_t count = 0;
      for (const auto& dependency : service->service.depends_on) {
        const auto found = services_.find(dependency);
        if (found == services_.end() || !found->second->service.enabled) continue;
        dependants[dependency].push_back(name);
        ++count;
      }
      waiting[name] = count;
      if (count == 0) ready.push_back(name);
    }
    while (!ready.empty()) {
      const std::string name = std::move(ready.back());
      ready.pop_back();
      waiting.erase(name);
      for (const auto& dependant : dependants[name]) {
        if (--waiting[dependant] == 0) ready.push_back(dependant);
      }
    }
    if (waiting.empty()) return;
    loading_.invalid(services_.at(waiting.begin()->first)->service.place, "services depend on each other in a circle");
  }

  Loading& loading_;
  const YamlNode& root_;
  std::unordered_map<std::string, const ComposeService*> services_;
  Names networks_;
  Names volumes_;
  Names secrets_;
  Names configs_;
};

}  // namespace

void check_consistency(Loading& loading, const YamlNode& root) {
  if (root.entries.empty() && loading.project.problems.empty()) {
    loading.invalid({loading.shown(loading.project.files.front()), 1, 1}, "the file is empty");
  }
  ConsistencyChecker{loading, root}.run();
}

}  // namespace doctor::deployment::compose
