#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/format/kubernetes.hpp"

/// What the parts of the check `manifests` share.
namespace doctor::checks::manifest {

/// A container of a workload, and what is known of it.
struct Pod {
  const formats::KubeWorkload* workload = nullptr;
  const formats::KubeContainer* container = nullptr;
  const ServiceRule* rule = nullptr;  ///< nullptr: not described
  std::string service;
  std::vector<formats::KubeResolved> environment;

  std::string subject() const { return "service:" + service; }
  const formats::KubeResolved* variable(std::string_view name) const;
  bool is_test() const { return workload->object.has_hook("test") || workload->object.has_hook("test-success"); }
};

/// Something whose file could not be read.
struct Unseen {
  std::string file;
  std::string reason;
};

struct Facts {
  const SystemDescription* system = nullptr;
  std::vector<ManifestFile> files;
  formats::Manifests read;
  std::vector<formats::HelmValue> values;
  std::vector<formats::KubeFault> value_faults;
  std::vector<Unseen> unseen;
  std::vector<Pod> pods;  ///< init containers are left out
};

/// A piece of evidence that was seen at `place`; the text is made safe.
Evidence item(std::string name, std::string_view value, const Place& place);

/// "Deployment/app-gateway"
std::string called(const formats::KubeObject& object);

/// Whether two objects may be in one namespace: files often leave it to the command line.
bool share_space(const formats::KubeObject& one, const formats::KubeObject& other);

/// How many pods of a workload are wanted at least.
int replicas_of(const formats::Manifests& read, const formats::KubeWorkload& workload);

/// The number of a container's port: itself, or what the container calls by that name; 0: it has none.
std::uint16_t container_port(const formats::KubeContainer& container, std::uint16_t port, const std::string& name);

/// The Service that a host name means in the cluster, or nullptr.
const formats::KubeService* service_called(const formats::Manifests& read, std::string_view host);

bool selects(const formats::Labels& selector, const formats::Labels& labels);

// The parts, each pure.
void judge_pods(const Facts& facts, Judgement& out);       ///< environment, probes, ports
void judge_egress(const Facts& facts, Judgement& out);     ///< network policies
void judge_objects(const Facts& facts, Judgement& out);    ///< budgets, autoscalers, values of the chart
void judge_hooks(const Facts& facts, Judgement& out);      ///< jobs of the chart
void judge_ingresses(const Facts& facts, Judgement& out);  ///< what stands in front

}  // namespace doctor::checks::manifest
