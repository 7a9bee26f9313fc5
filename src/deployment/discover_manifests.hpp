#pragma once

#include <set>
#include <string>
#include <vector>

#include "deployment/discover.hpp"
#include "deployment/recognise.hpp"
#include "doctor/format/kubernetes.hpp"

/// Kubernetes manifests and Helm values that lie in the directory. The cluster is not asked.
namespace doctor::deployment {

/// Why nothing of such a service can be dialled.
inline constexpr const char* in_cluster = "it runs in a Kubernetes cluster, which doctor does not ask";

struct FoundManifests {
  std::vector<ManifestFile> files;  ///< in the order of their names
  formats::Manifests read;          ///< of all files of the kind "manifests"
  std::vector<formats::HelmValue> values;

  /// Whether anything of it can be deployed: other programs have files with apiVersion and kind, too.
  bool empty() const;
};

/// Files *.yaml and *.yml with documents that have apiVersion and kind, and values.yaml, values-*.yaml. They are looked
/// for in the directory itself, and with `deeper` in those directly below it that usually hold such files. Never in the
/// templates of a chart. At most 200 files of 4 MB, 16 MB together. Without Sources::list nothing is found.
FoundManifests find_manifests(const std::string& directory, const Sources& sources, bool deeper);

/// What they show of the application.
void add_traits(const FoundManifests& manifests, Traits& traits);

/// Whether a workload among them is a service that the description knows.
bool is_about(const FoundManifests& manifests, const SystemDescription& description);

/// What the manifests deploy.
struct Cluster {
  ComposeProject project;
  std::set<std::string> open;     ///< services that get further variables from objects that only the cluster has
  std::set<std::string> unknown;  ///< subjects of settings whose value only the cluster knows, or nobody
  std::size_t left = formats::most_variables;  ///< variables that may still be added
};

/// The workloads as services of a project, each container with the environment that the kubelet would give it. Test
/// hooks are left out. Two of one name are one: the first counts.
Cluster deployed_by(const FoundManifests& manifests, const SystemDescription& description);

/// Takes from the rules of `services` the settings that the files say nothing about but the cluster may.
void forget_unknown(const Cluster& cluster, std::vector<Service>& services);

}  // namespace doctor::deployment
