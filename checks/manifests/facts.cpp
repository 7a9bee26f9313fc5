#include "checks/manifests/facts.hpp"

#include <algorithm>

#include "doctor/format/text.hpp"

namespace doctor::checks::manifest {

const formats::KubeResolved* Pod::variable(std::string_view name) const {
  const auto found = std::find_if(environment.begin(), environment.end(),
                                  [&](const formats::KubeResolved& one) { return one.name == name; });
  return found == environment.end() ? nullptr : &*found;
}

Evidence item(std::string name, std::string_view value, const Place& place) {
  return {std::move(name), formats::shown(value), place.text(), {}};
}

std::string called(const formats::KubeObject& object) {
  return object.kind + "/" + object.name;
}

bool share_space(const formats::KubeObject& one, const formats::KubeObject& other) {
  return one.space.empty() || other.space.empty() || one.space == other.space;
}

int replicas_of(const formats::Manifests& read, const formats::KubeWorkload& workload) {
  int replicas = workload.replicas.value_or(1);
  for (const auto& scaler : read.autoscalers)
    if (scaler.target == workload.object.name && scaler.target_kind == workload.object.kind &&
        share_space(scaler.object, workload.object))
      replicas = std::max(replicas, scaler.least);
  return replicas;
}

std::uint16_t container_port(const formats::KubeContainer& container, std::uint16_t port, const std::string& name) {
  if (port != 0) return port;
  for (const auto& one : container.ports)
    if (!name.empty() && one.name == name) return one.port;
  return 0;
}

const formats::KubeService* service_called(const formats::Manifests& read, std::string_view host) {
  for (const auto& service : read.services) {
    const auto& name = service.object.name;
    if (name.empty() || !host.starts_with(name)) continue;
    const auto rest = host.substr(name.size());
    // "name", "name.namespace", "name.namespace.svc.cluster.local"
    const bool inside = rest.empty() || rest.find(".svc") != std::string_view::npos ||
                        (rest.starts_with('.') && rest.find('.', 1) == std::string_view::npos);
    if (inside) return &service;
  }
  return nullptr;
}

bool selects(const formats::Labels& selector, const formats::Labels& labels) {
  if (selector.empty()) return false;
  return std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  });
}

}  // namespace doctor::checks::manifest
