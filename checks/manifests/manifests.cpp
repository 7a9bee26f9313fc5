#include <algorithm>
#include <array>

#include "checks/manifests/facts.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/manifests.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using manifest::Facts;
using manifest::item;

// ---- observe

void read_file(const Context& context, const ManifestFile& file, Facts& facts) {
  const auto answer = context.ask(TextQuestion{context.deployment.directory + "/" + file.path});
  if (!answer) {
    facts.unseen.push_back({file.path, formats::describe(answer.error())});
    return;
  }
  if (file.kind == "manifests") return facts.read.append(formats::read_manifests(answer->text, file.path));
  if (facts.values.size() >= formats::most_helm_values) return;
  auto values = formats::read_helm_values(answer->text, file.path);
  std::move(values.values.begin(), values.values.end(), std::back_inserter(facts.values));
  std::move(values.faults.begin(), values.faults.end(), std::back_inserter(facts.value_faults));
}

std::vector<std::string> names_of(const SystemDescription& system) {
  std::vector<std::string> names;
  for (const auto& service : system.services) names.push_back(service.name);
  return names;
}

/// A deployment with more is hostile.
constexpr std::size_t most_pods = 1'000;

void find_pods(Facts& facts) {
  const auto names = names_of(*facts.system);
  auto variables_left = formats::most_variables;
  for (const auto& workload : facts.read.workloads)
    for (const auto& container : workload.containers) {
      if (container.init || facts.pods.size() == most_pods) continue;
      auto name = formats::component_of(workload, container, names);
      const auto* rule = facts.system->service(name);
      std::vector<formats::KubeResolved> environment;
      if (variables_left > 0) environment = formats::resolve_environment(facts.read, container);
      if (environment.size() > variables_left) {
        environment.clear();
        variables_left = 0;
      }
      variables_left -= environment.size();
      facts.pods.push_back({&workload, &container, rule, std::move(name), std::move(environment)});
    }
}

Facts observe(const Context& context) {
  Facts facts;
  facts.system = &context.deployment.description;
  facts.files = context.deployment.manifests;
  for (const auto& file : facts.files) read_file(context, file, facts);
  find_pods(facts);
  return facts;
}

// ---- diagnose

void judge_faults(const std::vector<formats::KubeFault>& faults, Judgement& out) {
  for (const auto& fault : faults) {
    const auto& file = fault.place.file;
    out.findings.emplace_back(
        codes::manifest_file_invalid, "file:" + file,
        std::vector<Evidence>{item("file", file, fault.place), item("place", fault.place.text(), fault.place),
                              item("reason", fault.reason, fault.place)});
  }
}

/// Of a chart nobody can say what it makes of its values but Helm itself.
void note_unrendered(const Facts& facts, Judgement& out) {
  if (!facts.read.objects.empty()) return;
  for (const auto& file : facts.files)
    if (file.kind == "values")
      out.unexamined.push_back(
          {"file:" + file.path, "what the chart makes of it is not there: helm template . > rendered.yaml"});
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  if (facts.files.empty()) out.skipped.push_back({"file:manifests", "there are no Kubernetes manifests"});
  for (const auto& one : facts.unseen) out.unexamined.push_back({"file:" + one.file, one.reason});
  judge_faults(facts.read.faults, out);
  judge_faults(facts.value_faults, out);
  note_unrendered(facts, out);
  manifest::judge_pods(facts, out);
  manifest::judge_egress(facts, out);
  manifest::judge_objects(facts, out);
  manifest::judge_hooks(facts, out);
  manifest::judge_ingresses(facts, out);
  if (!out.findings.empty() || !out.unexamined.empty() || facts.files.empty()) return out;
  out.healthy.push_back({"file:" + facts.files.front().path, std::to_string(facts.read.objects.size()) + " objects"});
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array codes_of_manifests{
    codes::manifest_file_invalid,         codes::manifest_key_missing,     codes::manifest_secret_malformed,
    codes::manifest_probe_without_server, codes::manifest_port_mismatch,   codes::manifest_egress_blocked,
    codes::manifest_test_blocked,         codes::manifest_drain_blocked,   codes::manifest_autoscaler_blind,
    codes::manifest_hook_too_early,       codes::manifest_command_missing, codes::manifest_argument_unknown,
    codes::manifest_values_ignored,       codes::manifest_path_exposed,    codes::manifest_body_limit_small,
    codes::manifest_read_timeout_short,   codes::manifest_stream_buffered};

}  // namespace

extern const CheckInfo manifests{
    "manifests", "the Kubernetes manifests fit together and fit the application", {}, {}, codes_of_manifests, run,
    true};

}  // namespace doctor::checks
