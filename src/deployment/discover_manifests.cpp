#include "deployment/discover_manifests.hpp"

#include <algorithm>
#include <array>

#include "redact/secret_reader.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

using formats::KubeContainer;
using formats::KubeResolved;
using formats::KubeWorkload;
using formats::Manifests;

/// Directories that usually hold what a chart was rendered to.
constexpr std::array<std::string_view, 5> usual_directories{"k8s", "kubernetes", "manifests", "rendered", "templates"};

/// A file with more is hostile.
constexpr std::size_t most_services = 1'000;

bool is_yaml(const std::string& name) {
  return name.ends_with(".yaml") || name.ends_with(".yml");
}

bool is_values(const std::string& name) {
  return name.starts_with("values.") || name.starts_with("values-");
}

class Finder {
 public:
  Finder(const std::string& directory, const Sources& sources) : directory_{directory}, sources_{sources} {}

  FoundManifests find(bool deeper) {
    look_into("");
    if (deeper)
      for (const auto name : usual_directories) look_into(std::string{name} + "/");
    return std::move(found_);
  }

 private:
  void look_into(const std::string& below) {
    const auto path = directory_ + "/" + below;
    if (!below.empty() && sources_.kind(directory_ + "/" + below.substr(0, below.size() - 1)) != "directory") return;
    // Templates of a chart are programs, not manifests.
    static constexpr std::string_view templates = "/templates/";
    const auto chart = path.substr(0, path.size() - std::min(path.size(), templates.size()));
    if (path.ends_with(templates) && sources_.kind(chart + "/Chart.yaml") == "file") return;
    const auto names = sources_.list(below.empty() ? directory_ : path.substr(0, path.size() - 1));
    if (!names) return;
    for (const auto& name : *names)
      if (is_yaml(name)) look_at(below + name, name);
  }

  void look_at(const std::string& path, const std::string& name) {
    if (files_left_ == 0 || bytes_left_ == 0) return;
    --files_left_;
    const auto text = sources_.read(directory_ + "/" + path);
    if (!text || text->size() > bytes_left_) return;
    bytes_left_ -= text->size();
    if (formats::looks_like_manifests(*text)) {
      found_.files.push_back({path, "manifests"});
      found_.read.append(formats::read_manifests(*text, path));
    } else if (is_values(name) && found_.values.size() < formats::most_helm_values) {
      found_.files.push_back({path, "values"});
      auto values = formats::read_helm_values(*text, path).values;
      std::move(values.begin(), values.end(), std::back_inserter(found_.values));
    }
  }

  const std::string& directory_;
  const Sources& sources_;
  FoundManifests found_;
  std::size_t files_left_ = formats::most_manifest_files;
  std::size_t bytes_left_ = formats::most_manifest_total;
};

std::vector<std::string> names_of(const SystemDescription& description) {
  std::vector<std::string> names;
  for (const auto& service : description.services) names.push_back(service.name);
  return names;
}

/// How a value came to the container: its own place, then the line that takes it from there.
ServiceVariable variable_of(const KubeResolved& resolved) {
  ServiceVariable variable;
  variable.name = resolved.name;
  variable.kind = "literal";
  variable.place = resolved.written;
  variable.secret = resolved.value && resolved.value->is_secret();
  if (resolved.value) variable.value = SecretReader::reveal(*resolved.value);
  for (const char c : variable.value.value_or("")) variable.expression.append(c == '$' ? 2 : 1, c);  // no reference
  return variable;
}

void add_variables(const Manifests& read, const KubeContainer& container, ComposeService& out, Cluster& cluster) {
  const auto environment =
      cluster.left == 0 ? std::vector<KubeResolved>{} : formats::resolve_environment(read, container);
  if (cluster.left == 0 || environment.size() > cluster.left) {
    cluster.left = 0;
    cluster.open.insert(out.service.name);
    return;
  }
  cluster.left -= environment.size();
  for (const auto& resolved : environment) {
    if (resolved.value && !resolved.undecodable)
      out.environment.push_back(variable_of(resolved));
    else if (resolved.name.empty())
      cluster.open.insert(out.service.name);
    else
      cluster.unknown.insert("setting:" + out.service.name + "/" + resolved.name);
  }
}

ComposeService service_of(const Manifests& read, const KubeWorkload& workload, const KubeContainer& container,
                          const std::string& name) {
  ComposeService out;
  auto& service = out.service;
  service.name = name;
  service.image = container.image;
  service.user = container.user;
  service.command = container.args;
  service.entrypoint = container.command;
  service.memory_limit = container.memory_limit;
  service.replicas = workload.replicas.value_or(1);
  service.completes = workload.object.kind == "Job" || workload.object.kind == "CronJob";
  service.place = container.place;
  for (const auto& scaler : read.autoscalers)
    if (scaler.target == workload.object.name && scaler.target_kind == workload.object.kind)
      service.replicas = std::max(service.replicas, scaler.least);
  return out;
}

}  // namespace

bool FoundManifests::empty() const {
  const bool has_values =
      std::any_of(files.begin(), files.end(), [](const ManifestFile& file) { return file.kind == "values"; });
  return read.workloads.empty() && read.configs.empty() && read.faults.empty() && !has_values;
}

FoundManifests find_manifests(const std::string& directory, const Sources& sources, bool deeper) {
  if (!sources.list) return {};
  return Finder{directory, sources}.find(deeper);
}

void add_traits(const FoundManifests& manifests, Traits& traits) {
  for (const auto& workload : manifests.read.workloads)
    for (const auto& container : workload.containers) {
      traits.services.insert(container.name);
      traits.services.insert(formats::component_of(workload, container, {}));
      traits.images.insert(container.image);
      for (const auto& variable : container.env) traits.settings.insert(variable.name);
    }
  for (const auto& config : manifests.read.configs)
    for (const auto& value : config.values) traits.settings.insert(value.name);
  for (const auto& value : manifests.values) traits.settings.insert(value.path.substr(value.path.rfind('.') + 1));
}

bool is_about(const FoundManifests& manifests, const SystemDescription& description) {
  const auto names = names_of(description);
  const auto& globs = description.recognise.images;
  for (const auto& workload : manifests.read.workloads)
    for (const auto& container : workload.containers) {
      const bool image = formats::is_image_of(globs, container.image);
      const auto name = formats::component_of(workload, container, names);
      if (image && std::find(names.begin(), names.end(), name) != names.end()) return true;
    }
  return false;
}

Cluster deployed_by(const FoundManifests& manifests, const SystemDescription& description) {
  Cluster cluster;
  auto& services = cluster.project.services;
  const auto names = names_of(description);
  for (const auto& workload : manifests.read.workloads) {
    if (workload.object.has_hook("test") || workload.object.has_hook("test-success")) continue;
    for (const auto& container : workload.containers) {
      if (services.size() == most_services) return cluster;
      const auto name = formats::component_of(workload, container, names);
      const auto same = [&](const ComposeService& one) { return one.service.name == name; };
      if (container.init || std::any_of(services.begin(), services.end(), same)) continue;
      auto service = service_of(manifests.read, workload, container, name);
      add_variables(manifests.read, container, service, cluster);
      services.push_back(std::move(service));
    }
  }
  return cluster;
}

void forget_unknown(const Cluster& cluster, std::vector<Service>& services) {
  for (auto& service : services) {
    const auto found = std::find_if(cluster.project.services.begin(), cluster.project.services.end(),
                                    [&](const ComposeService& one) { return one.service.name == service.name; });
    if (found == cluster.project.services.end()) continue;
    const auto is_written = [&](const std::string& name) {
      return std::any_of(found->environment.begin(), found->environment.end(),
                         [&](const ServiceVariable& variable) { return variable.name == name; });
    };
    std::erase_if(service.rule.settings, [&](const SettingRule& rule) {
      if (is_written(rule.name)) return false;
      return cluster.open.count(service.name) > 0 ||
             cluster.unknown.count("setting:" + service.name + "/" + rule.name) > 0;
    });
  }
}

}  // namespace doctor::deployment
