#include <algorithm>
#include <array>
#include <set>

#include "checks/manifests/facts.hpp"
#include "doctor/codes/manifests.hpp"
#include "doctor/format/text.hpp"

// What network policies let out of pods. A policy adds to what others allow; a pod that none selects is free. What a
// policy does to a name that only the cluster can resolve is not guessed: in doubt it is allowed.

namespace doctor::checks::manifest {
namespace {

using formats::Destination;
using formats::KubePolicy;
using formats::KubePolicyPort;
using formats::KubePolicyRule;

/// Where a connection ends: behind a Service it is the port of its pods that counts.
struct Target {
  std::string host;
  std::uint16_t port = 0;
  std::string protocol = "TCP";
  const formats::KubeService* service = nullptr;  ///< of the files
};

bool is_ipv6(const std::string& host) {
  return host.find(':') != std::string::npos;
}

bool is_ipv4(const std::string& host) {
  return host.find_first_not_of("0123456789.") == std::string::npos && host.find('.') != std::string::npos;
}

bool covers(const KubePolicyPort& port, const Target& target) {
  if (port.protocol != target.protocol) return false;
  if (port.port == 0) return true;
  return port.end_port == 0 ? port.port == target.port : port.port <= target.port && target.port <= port.end_port;
}

/// Whether a block may hold the host. All of IPv4 holds no IPv6 address; narrower blocks are believed.
bool holds(const std::string& block, const std::string& host) {
  const bool v6 = is_ipv6(block);
  if (is_ipv6(host)) return v6;
  if (is_ipv4(host)) return !v6;
  return true;
}

bool allows(const KubePolicyRule& rule, const Target& target) {
  const bool port = rule.ports.empty() || std::any_of(rule.ports.begin(), rule.ports.end(),
                                                      [&](const KubePolicyPort& one) { return covers(one, target); });
  if (!port) return false;
  if (rule.anyone || rule.pods) return true;
  return std::any_of(rule.blocks.begin(), rule.blocks.end(),
                     [&](const std::string& block) { return holds(block, target.host); });
}

/// The policies that decide about what leaves a pod.
std::vector<const KubePolicy*> policies_of(const Facts& facts, const formats::KubeWorkload& workload) {
  std::vector<const KubePolicy*> found;
  for (const auto& policy : facts.read.policies)
    if (policy.restricts_egress && share_space(policy.object, workload.object) &&
        policy.pods.matches(workload.pod_labels))
      found.push_back(&policy);
  return found;
}

bool allow(const std::vector<const KubePolicy*>& policies, const Target& target) {
  if (policies.empty()) return true;
  return std::any_of(policies.begin(), policies.end(), [&](const KubePolicy* policy) {
    return std::any_of(policy->egress.begin(), policy->egress.end(),
                       [&](const KubePolicyRule& rule) { return allows(rule, target); });
  });
}

/// The policy where a rule is to be added: the one with most of them.
const KubePolicy& blocking(const std::vector<const KubePolicy*>& policies) {
  return **std::max_element(policies.begin(), policies.end(), [](const KubePolicy* a, const KubePolicy* b) {
    return a->egress.size() < b->egress.size();
  });
}

/// The line to look at: the first rule, or the policy.
const Place& place_of(const KubePolicy& policy) {
  return policy.egress.empty() ? policy.object.place : policy.egress.front().place;
}

Target target_of(const Facts& facts, const Destination& destination) {
  Target target{destination.host, destination.port, "TCP", service_called(facts.read, destination.host)};
  if (target.service == nullptr) return target;
  for (const auto& port : target.service->ports) {
    if (port.port != destination.port) continue;
    if (port.target != 0) target.port = port.target;
    for (const auto& pod : facts.pods)
      if (port.target == 0 && selects(target.service->selector, pod.workload->pod_labels))
        if (const auto named = container_port(*pod.container, 0, port.target_name); named != 0) target.port = named;
  }
  return target;
}

// ---- what the application connects to

struct Need {
  std::string subject;
  std::string name;  ///< setting, or what the connection is for
  Destination destination;
  Place place;
};

constexpr std::array<std::string_view, 2> inward_roles{"public-url", "listen-address"};

/// A proxy that the program really uses takes all requests to other hosts.
bool uses_proxy(const Pod& pod) {
  for (const auto& rule : pod.rule->settings) {
    if (rule.role != "egress-proxy" || !rule.needs) continue;
    const auto* proxy = pod.variable(rule.name);
    const auto* other = pod.variable(rule.needs->setting);
    if (proxy == nullptr || !proxy->destination || other == nullptr || !other->value || other->value->is_secret())
      continue;
    const auto& wanted = rule.needs->is;
    if (std::find(wanted.begin(), wanted.end(), other->value->text()) != wanted.end()) return true;
  }
  return false;
}

bool has_value(const Pod& pod, const std::string& name) {
  const auto* variable = pod.variable(name);
  return variable != nullptr && variable->value && (variable->value->is_secret() || !variable->value->text().empty());
}

void add_settings(const Pod& pod, std::vector<Need>& needs) {
  for (const auto& rule : pod.rule->settings) {
    const auto* variable = pod.variable(rule.name);
    if (variable == nullptr || !variable->destination) continue;
    if (std::find(inward_roles.begin(), inward_roles.end(), rule.role) != inward_roles.end()) continue;
    needs.push_back({"setting:" + pod.service + "/" + rule.name, rule.name, *variable->destination, variable->written});
  }
}

/// Addresses that the description itself knows.
void add_upstreams(const Pod& pod, std::vector<Need>& needs) {
  for (const auto& rule : pod.rule->upstreams) {
    const auto destination = formats::destination_of(rule.url);
    if (!destination || (!rule.setting.empty() && has_value(pod, rule.setting))) continue;
    if (!rule.when.empty() && !has_value(pod, rule.when)) continue;
    if (!rule.without.empty() && has_value(pod, rule.without)) continue;
    needs.push_back({"endpoint:" + pod.service + ":" + rule.id, rule.id, *destination, pod.container->place});
  }
}

class EgressJudge {
 public:
  EgressJudge(const Facts& facts, Judgement& out) : facts_{facts}, out_{out} {}

  void judge(const Pod& pod) {
    if (pod.rule == nullptr || pod.is_test()) return;
    const auto policies = policies_of(facts_, *pod.workload);
    if (policies.empty()) return;
    std::vector<Need> needs;
    add_settings(pod, needs);
    add_upstreams(pod, needs);
    const bool proxied = uses_proxy(pod);
    bool names = false;
    for (const auto& need : needs) {
      const auto target = target_of(facts_, need.destination);
      names = names || !(is_ipv4(target.host) || is_ipv6(target.host));
      const bool web = need.destination.scheme == "https" || need.destination.scheme == "http";
      const bool is_proxy = role_of(pod, need.name) == "egress-proxy";
      if (proxied && web && !is_proxy && target.service == nullptr) continue;
      if (!allow(policies, target)) report(pod, need, policies);
    }
    if (names) judge_names(pod, policies);
  }

 private:
  static std::string role_of(const Pod& pod, const std::string& name) {
    for (const auto& rule : pod.rule->settings)
      if (rule.name == name) return rule.role;
    return {};
  }

  /// Two pods mostly share a ConfigMap and a policy: it is one line to add.
  void report(const Pod& pod, const Need& need, const std::vector<const KubePolicy*>& policies) {
    const auto& policy = blocking(policies);
    const auto destination = need.destination.host + ":" + std::to_string(need.destination.port);
    if (!told_.insert(need.name + " " + destination + " " + policy.object.name).second) return;
    out_.findings.emplace_back(
        codes::manifest_egress_blocked, need.subject,
        std::vector<Evidence>{item("service", pod.service, pod.container->place),
                              item("setting", need.name, need.place), item("destination", destination, need.place),
                              item("port", std::to_string(target_of(facts_, need.destination).port), need.place),
                              item("policy", policy.object.name, place_of(policy)),
                              item("place", place_of(policy).text(), place_of(policy))});
  }

  void judge_names(const Pod& pod, const std::vector<const KubePolicy*>& policies) {
    const Target udp{"", 53, "UDP", nullptr};
    if (allow(policies, udp)) return;
    report(pod, {pod.subject(), "DNS", {"dns", "any", 53}, pod.container->place}, policies);
  }

  const Facts& facts_;
  Judgement& out_;
  std::set<std::string> told_;
};

// ---- tests of the release

/// URLs in the words of a command.
std::vector<Destination> urls_in(const std::vector<std::string>& words) {
  std::vector<Destination> found;
  for (const auto& word : words) {
    for (std::size_t at = 0; (at = word.find("http", at)) != std::string::npos; at += 4) {
      const auto end = word.find_first_of(" \t\r\n\"'`;|&)", at);
      if (const auto destination = formats::destination_of(std::string_view{word}.substr(at, end - at)))
        if (std::find(found.begin(), found.end(), *destination) == found.end()) found.push_back(*destination);
    }
  }
  return found;
}

void judge_test(const Facts& facts, const Pod& pod, Judgement& out) {
  const auto policies = policies_of(facts, *pod.workload);
  if (policies.empty()) return;
  auto words = pod.container->command;
  words.insert(words.end(), pod.container->args.begin(), pod.container->args.end());
  for (const auto& destination : urls_in(words)) {
    if (allow(policies, target_of(facts, destination))) continue;
    const auto& policy = blocking(policies);
    const auto& place = pod.workload->object.place;
    out.findings.emplace_back(
        codes::manifest_test_blocked, "file:" + place.file,
        std::vector<Evidence>{item("test", called(pod.workload->object), place),
                              item("destination", destination.host + ":" + std::to_string(destination.port), place),
                              item("port", std::to_string(target_of(facts, destination).port), place),
                              item("policy", policy.object.name, place_of(policy)),
                              item("place", place_of(policy).text(), place_of(policy))});
    return;  // one line allows all that it asks
  }
}

}  // namespace

void judge_egress(const Facts& facts, Judgement& out) {
  EgressJudge judge{facts, out};
  for (const auto& pod : facts.pods) {
    judge.judge(pod);
    if (pod.is_test()) judge_test(facts, pod, out);
  }
}

}  // namespace doctor::checks::manifest
