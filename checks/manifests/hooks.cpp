#include <algorithm>
#include <array>

#include "checks/manifests/facts.hpp"
#include "doctor/codes/manifests.hpp"
#include "doctor/format/text.hpp"

// Jobs that Helm runs around an installation, and what they start.

namespace doctor::checks::manifest {
namespace {

using formats::KubeObject;

/// Helm creates hooks of one kind by weight, and nothing else of the release before those of pre-install have ended.
bool comes_too_late(const KubeObject& needed, const KubeObject& job) {
  return !needed.has_hook("pre-install") || needed.hook_weight > job.hook_weight;
}

/// The object of the release that is created after the job needs it, or nullptr. One that the files do not hold exists
/// already.
const KubeObject* late(const Facts& facts, const Pod& pod, const char* kind, const std::string& name) {
  const auto& job = pod.workload->object;
  for (const auto& object : facts.read.objects)
    if (object.kind == kind && object.name == name && share_space(object, job) && comes_too_late(object, job))
      return &object;
  return nullptr;
}

std::vector<std::string> late_needs(const Facts& facts, const Pod& pod) {
  std::vector<std::string> needs;
  const auto add = [&](const char* kind, const std::string& name) {
    const auto text = std::string{kind} + " " + name;
    if (late(facts, pod, kind, name) != nullptr && std::find(needs.begin(), needs.end(), text) == needs.end())
      needs.push_back(text);
  };
  add("ServiceAccount", pod.workload->account);
  const auto source = [&](bool secret, bool optional, const std::string& name) {
    if (!optional) add(secret ? "Secret" : "ConfigMap", name);
  };
  for (const auto& from : pod.container->env_from) source(from.secret, from.optional, from.source);
  for (const auto& mount : pod.workload->mounts) source(mount.secret, mount.optional, mount.source);
  for (const auto& variable : pod.container->env)
    if (variable.kind == "secret" || variable.kind == "config-map")
      source(variable.kind == "secret", variable.optional, variable.source);
  return needs;
}

void judge_order(const Facts& facts, const Pod& pod, Judgement& out) {
  const auto& job = pod.workload->object;
  if (!job.has_hook("pre-install")) return;
  const auto needs = late_needs(facts, pod);
  if (needs.empty()) return;
  out.findings.emplace_back(
      codes::manifest_hook_too_early, pod.subject(),
      std::vector<Evidence>{item("service", pod.service, pod.container->place), item("job", called(job), job.place),
                            item("hook", formats::join(job.hooks, ", "), job.place),
                            item("missing", formats::join(needs, ", "), pod.container->place),
                            item("place", job.place.text(), job.place)});
}

/// "migrate" of "ghcr.io/example/migrate:1.0@sha256:...".
std::string name_of_image(const std::string& image) {
  auto name = image.substr(0, image.find('@'));
  name = name.substr(name.rfind('/') + 1);
  return name.substr(0, name.find(':'));
}

/// Every image has one of these, or could.
constexpr std::array<std::string_view, 4> shells{"sh", "bash", "ash", "env"};

/// The service whose program the image of the application holds, and that an interpreter runs: its image has no other
/// program, and whatever replaces its arguments must name the interpreter.
const ServiceRule* program_of(const SystemDescription& system, const std::string& image) {
  if (!formats::is_image_of(system.recognise.images, image)) return nullptr;
  for (const auto& service : system.services)
    if (!service.process.exe.empty() && !service.process.argument.empty()) return &service;
  return nullptr;
}

std::vector<Evidence> about(const Pod& pod) {
  const auto& object = pod.workload->object;
  const auto& place = pod.container->args_place;
  return {item("service", pod.service, pod.container->place), item("job", called(object), object.place),
          item("image", pod.container->image, pod.container->place),
          item("arguments", formats::join(pod.container->args, " "), place), item("place", place.text(), place)};
}

void judge_start(const Facts& facts, const Pod& pod, Judgement& out) {
  const auto& container = *pod.container;
  const bool job = pod.workload->object.kind == "Job" || pod.workload->object.kind == "CronJob";
  if (!job || !container.command.empty() || container.args.empty() || container.args.front().starts_with('-')) return;
  const bool described = pod.rule != nullptr && pod.rule->name == container.args.front();
  if (described && name_of_image(container.image) == container.args.front()) {
    out.findings.emplace_back(codes::manifest_argument_unknown, pod.subject(), about(pod));
    return;
  }
  const auto* program = program_of(*facts.system, container.image);
  if (program == nullptr) return;
  const auto& args = container.args;
  const bool starts = std::any_of(args.begin(), args.end(),
                                  [&](const std::string& word) {
                                    return word == program->process.exe || word.ends_with("/" + program->process.exe) ||
                                           word.starts_with('/');
                                  }) ||
                      std::find(shells.begin(), shells.end(), args.front()) != shells.end();
  if (!starts) out.findings.emplace_back(codes::manifest_command_missing, pod.subject(), about(pod));
}

}  // namespace

void judge_hooks(const Facts& facts, Judgement& out) {
  for (const auto& pod : facts.pods) {
    judge_order(facts, pod, out);
    judge_start(facts, pod, out);
  }
}

}  // namespace doctor::checks::manifest
