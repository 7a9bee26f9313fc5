#include <algorithm>
#include <set>

#include "checks/manifests/facts.hpp"
#include "doctor/codes/manifests.hpp"
#include "doctor/format/text.hpp"

// What stands in the pods themselves: values, probes, ports.

namespace doctor::checks::manifest {
namespace {

using formats::KubeResolved;

std::string setting_subject(const Pod& pod, const KubeResolved& variable) {
  return variable.name.empty() ? pod.subject() : "setting:" + pod.service + "/" + variable.name;
}

// ---- values

std::string problem_of(const KubeResolved& variable) {
  if (variable.undecodable) return "it is not base64";
  if (variable.encoded_twice) return "it is base64 of base64, so the program gets the encoded text";
  if (variable.ends_with_break) return "a line break is a part of it";
  return {};
}

void judge_value(const Pod& pod, const KubeResolved& variable, Judgement& out, std::set<std::string>& told) {
  const auto problem = problem_of(variable);
  if (problem.empty() || !told.insert(variable.written.text()).second) return;
  out.findings.emplace_back(codes::manifest_secret_malformed, setting_subject(pod, variable),
                            std::vector<Evidence>{item("service", pod.service, variable.passed),
                                                  item("setting", variable.name, variable.written),
                                                  item("problem", problem, variable.written),
                                                  item("place", variable.written.text(), variable.written)});
}

/// A whole object that is not in the files may be in the cluster; a key of one that is in the files is not.
void judge_missing(const Pod& pod, const KubeResolved& variable, Judgement& out) {
  if (variable.missing.empty()) return;
  if (!variable.missing.starts_with("key ")) {
    out.unexamined.push_back(
        {setting_subject(pod, variable), formats::shown(variable.missing, 200) + " is not among the files"});
    return;
  }
  out.findings.emplace_back(codes::manifest_key_missing, setting_subject(pod, variable),
                            std::vector<Evidence>{item("service", pod.service, variable.passed),
                                                  item("setting", variable.name, variable.passed),
                                                  item("missing", variable.missing, variable.passed),
                                                  item("place", variable.passed.text(), variable.passed)});
}

// ---- probes

/// A role of the program that opens no port: described, known by its process, without a port.
bool has_no_server(const Pod& pod) {
  return pod.rule != nullptr && pod.rule->port == 0 && !pod.rule->process.exe.empty();
}

void judge_probes(const Pod& pod, Judgement& out) {
  if (!has_no_server(pod)) return;
  std::vector<std::string> kinds;
  const formats::KubeProbe* first = nullptr;
  for (const auto& probe : pod.container->probes) {
    if (probe.action == "exec") continue;
    if (first == nullptr) first = &probe;
    kinds.push_back(probe.kind);
  }
  if (first == nullptr) return;
  const auto port = container_port(*pod.container, first->port, first->port_name);
  out.findings.emplace_back(
      codes::manifest_probe_without_server, pod.subject(),
      std::vector<Evidence>{item("service", pod.service, pod.container->place),
                            item("workload", called(pod.workload->object), pod.workload->object.place),
                            item("probes", formats::join(kinds, ", "), first->place),
                            item("port", port == 0 ? first->port_name : std::to_string(port), first->place),
                            item("place", first->place.text(), first->place)});
}

// ---- ports

/// Something that expects the program on a port.
struct Use {
  std::string what;
  std::uint16_t port = 0;
  Place place;
};

std::vector<Use> uses_of(const Facts& facts, const Pod& pod) {
  std::vector<Use> uses;
  for (const auto& probe : pod.container->probes)
    if (probe.action != "exec")
      uses.push_back(
          {"the " + probe.kind + " probe", container_port(*pod.container, probe.port, probe.port_name), probe.place});
  for (const auto& service : facts.read.services) {
    if (!selects(service.selector, pod.workload->pod_labels) || !share_space(service.object, pod.workload->object))
      continue;
    for (const auto& port : service.ports)
      if (port.protocol == "TCP")
        uses.push_back(
            {called(service.object), container_port(*pod.container, port.target, port.target_name), port.place});
  }
  return uses;
}

const SettingRule* port_rule(const Pod& pod) {
  if (pod.rule == nullptr || pod.rule->port == 0) return nullptr;
  const auto& rules = pod.rule->settings;
  const auto found =
      std::find_if(rules.begin(), rules.end(), [](const SettingRule& rule) { return rule.role == "listen-address"; });
  return found == rules.end() ? nullptr : &*found;
}

/// "8787", "0.0.0.0:8787", "[::]:8787"; 0: no port stands there.
std::uint16_t port_of_address(const std::string& text) {
  const auto number = formats::integer(std::string_view{text}.substr(text.rfind(':') + 1)).value_or(0);
  return number > 0 && number <= 65535 ? static_cast<std::uint16_t>(number) : std::uint16_t{0};
}

std::string plain_text(const KubeResolved& variable) {
  return variable.value && !variable.value->is_secret() ? variable.value->text() : std::string{};
}

/// Told once for a container: who moved the port meets all of its users. A Service with several ports may have others
/// than this one, so it counts only when none of its ports fits.
void judge_port(const Facts& facts, const Pod& pod, Judgement& out) {
  const auto* rule = port_rule(pod);
  if (rule == nullptr) return;
  const auto* variable = pod.variable(rule->name);
  const auto number = port_of_address(variable == nullptr ? rule->fallback : plain_text(*variable));
  if (number == 0) return;
  const auto uses = uses_of(facts, pod);
  const auto fits = [&](const Use& use) { return use.port == 0 || use.port == number; };
  std::vector<std::string> wrong;
  const Use* first = nullptr;
  for (const auto& use : uses) {
    const bool met = std::any_of(uses.begin(), uses.end(), [&](const Use& o) { return o.what == use.what && fits(o); });
    if (met) continue;
    if (first == nullptr) first = &use;
    if (std::find(wrong.begin(), wrong.end(), use.what) == wrong.end()) wrong.push_back(use.what);
  }
  if (first == nullptr) return;
  const auto place = variable == nullptr ? pod.container->place : variable->written;
  out.findings.emplace_back(
      codes::manifest_port_mismatch, "setting:" + pod.service + "/" + rule->name,
      std::vector<Evidence>{
          item("service", pod.service, pod.container->place), item("setting", rule->name, place),
          item("value", std::to_string(number), place), item("port", std::to_string(first->port), first->place),
          item("expected_by", formats::join(wrong, ", "), first->place), item("place", place.text(), place)});
}

}  // namespace

void judge_pods(const Facts& facts, Judgement& out) {
  std::set<std::string> told;
  for (const auto& pod : facts.pods) {
    for (const auto& variable : pod.environment) {
      judge_value(pod, variable, out, told);
      judge_missing(pod, variable, out);
    }
    judge_probes(pod, out);
    judge_port(facts, pod, out);
  }
}

}  // namespace doctor::checks::manifest
