#include <algorithm>
#include <set>

#include "checks/manifests/facts.hpp"
#include "doctor/codes/manifests.hpp"
#include "doctor/format/text.hpp"

// Disruption budgets, autoscalers, and values that deploy nothing.

namespace doctor::checks::manifest {
namespace {

using formats::KubeBudget;

/// The pods of long-running workloads that a budget protects.
std::vector<const Pod*> protected_by(const Facts& facts, const KubeBudget& budget) {
  std::vector<const Pod*> pods;
  std::set<const formats::KubeWorkload*> seen;
  for (const auto& pod : facts.pods) {
    const auto& kind = pod.workload->object.kind;
    const bool runs_on = kind == "Deployment" || kind == "StatefulSet" || kind == "ReplicaSet";
    if (runs_on && share_space(budget.object, pod.workload->object) && budget.pods.matches(pod.workload->pod_labels) &&
        seen.insert(pod.workload).second)
      pods.push_back(&pod);
  }
  return pods;
}

/// Kubernetes rounds percentages of both fields up.
int share_of(const KubeBudget& budget, int replicas) {
  return budget.percent ? (budget.count * replicas + 99) / 100 : budget.count;
}

void judge_budget(const Facts& facts, const KubeBudget& budget, Judgement& out) {
  if (budget.field.empty()) return;
  const auto pods = protected_by(facts, budget);
  int replicas = 0;
  for (const auto* pod : pods) replicas += replicas_of(facts.read, *pod->workload);
  if (replicas == 0) return;
  const int share = share_of(budget, replicas);
  const bool blocks = budget.field == "minAvailable" ? share >= replicas : share == 0;
  if (!blocks) return;
  const auto& pod = *pods.front();
  const auto count = std::to_string(budget.count) + (budget.percent ? "%" : "");
  const auto& replicas_place =
      pod.workload->replicas_place.line > 0 ? pod.workload->replicas_place : pod.container->place;
  out.findings.emplace_back(
      codes::manifest_drain_blocked, pod.subject(),
      std::vector<Evidence>{item("service", pod.service, pod.container->place),
                            item("budget", budget.object.name, budget.object.place),
                            item("field", budget.field, budget.place), item("count", count, budget.place),
                            item("replicas", std::to_string(replicas), replicas_place),
                            item("place", budget.place.text(), budget.place)});
}

void judge_autoscaler(const Facts& facts, const formats::KubeAutoscaler& scaler, Judgement& out) {
  for (const auto& resource : scaler.utilization)
    for (const auto& pod : facts.pods) {
      const auto& object = pod.workload->object;
      if (object.name != scaler.target || object.kind != scaler.target_kind || !share_space(object, scaler.object))
        continue;
      const bool requested = resource == "cpu" ? pod.container->cpu_request : pod.container->memory_request;
      if (requested || (resource != "cpu" && resource != "memory")) continue;
      out.findings.emplace_back(
          codes::manifest_autoscaler_blind, pod.subject(),
          std::vector<Evidence>{item("service", pod.service, pod.container->place),
                                item("autoscaler", scaler.object.name, scaler.object.place),
                                item("container", pod.container->name, pod.container->place),
                                item("resource", resource, scaler.object.place),
                                item("place", pod.container->place.text(), pod.container->place)});
    }
}

// ---- values

/// "redis" of "redis.enabled".
std::string component_of_value(const formats::HelmValue& value) {
  constexpr std::string_view ending = ".enabled";
  if (!value.path.ends_with(ending)) return {};
  const auto name = value.path.substr(0, value.path.size() - ending.size());
  return name.find('.') == std::string::npos ? name : std::string{};
}

/// The service of the description that a key of a chart's values means: postgresql is postgres.
const ServiceRule* meant(const SystemDescription& system, const std::string& component) {
  for (const auto& service : system.services)
    if (service.optional && formats::lower(component).starts_with(service.name)) return &service;
  return nullptr;
}

bool is_deployed(const Facts& facts, const std::string& service) {
  return std::any_of(facts.pods.begin(), facts.pods.end(), [&](const Pod& pod) {
    const auto has = [&](const std::string& text) { return text.find(service) != std::string::npos; };
    return has(pod.service) || has(pod.container->name) || has(pod.container->image) || has(pod.workload->object.name);
  });
}

struct Ignored {
  std::vector<std::string> components;
  std::vector<std::string> values;
  Place place;
};

void judge_values(const Facts& facts, Judgement& out) {
  if (facts.pods.empty()) return;
  std::set<std::string> off;
  for (const auto& value : facts.values)
    if (value.text == "false") off.insert(component_of_value(value));
  std::map<std::string, Ignored> ignored;
  for (const auto& value : facts.values) {
    const auto component = component_of_value(value);
    if (value.text != "true" || component.empty() || off.count(component) > 0) continue;
    const auto* service = meant(*facts.system, component);
    if (service == nullptr || is_deployed(facts, service->name)) continue;
    auto& one = ignored[value.place.file];
    if (one.components.empty()) one.place = value.place;
    one.components.push_back(component);
    one.values.push_back(value.path);
  }
  for (const auto& [file, one] : ignored)
    out.findings.emplace_back(codes::manifest_values_ignored, "file:" + file,
                              std::vector<Evidence>{item("components", formats::join(one.components, ", "), one.place),
                                                    item("values", formats::join(one.values, ", "), one.place),
                                                    item("place", one.place.text(), one.place)});
}

}  // namespace

void judge_objects(const Facts& facts, Judgement& out) {
  for (const auto& budget : facts.read.budgets) judge_budget(facts, budget, out);
  for (const auto& scaler : facts.read.autoscalers) judge_autoscaler(facts, scaler, out);
  judge_values(facts, out);
}

}  // namespace doctor::checks::manifest
