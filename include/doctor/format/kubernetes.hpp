#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/deployment.hpp"
#include "doctor/value.hpp"

/// Kubernetes objects as files hold them: what `helm template` prints, hand-written manifests, `kubectl get -o yaml`
/// (kind List). Field names and defaults are those of the Kubernetes API reference, v1.27 and later. The cluster is not
/// asked. Go templates are not executed: only rendered output is read.
namespace doctor::formats {

inline constexpr std::size_t most_manifest_bytes = 4'000'000;   ///< a file
inline constexpr std::size_t most_manifest_documents = 1'000;   ///< a file
inline constexpr std::size_t most_manifest_files = 200;         ///< a directory
inline constexpr std::size_t most_manifest_total = 16'000'000;  ///< bytes of all files together
inline constexpr std::size_t most_manifest_objects = 5'000;     ///< of all files together
inline constexpr std::size_t most_pod_containers = 200;         ///< of one workload; the others are left out
inline constexpr std::size_t most_pod_variables = 2'000;        ///< of one container; the others are left out
inline constexpr std::size_t most_variables = 20'000;           ///< of all containers, for who resolves many
inline constexpr std::size_t most_helm_values = 10'000;

/// Where a URL leads. No part of it is secret.
struct Destination {
  std::string scheme;  ///< in lower case
  std::string host;    ///< without the brackets of an IPv6 address
  std::uint16_t port = 0;
  friend bool operator==(const Destination&, const Destination&) = default;
};

/// The destination of a URL that has an authority; the port is the scheme's when the URL names none. Nothing for any
/// other text, and for a scheme whose port is not known. At most 64 KB are looked at.
std::optional<Destination> destination_of(std::string_view text);

using Labels = std::map<std::string, std::string>;

/// What every object has.
struct KubeObject {
  std::string kind;
  std::string name;
  std::string space;  ///< metadata.namespace, often empty
  Labels labels;
  Labels annotations;
  std::vector<std::string> hooks;  ///< helm.sh/hook: "pre-install", "test" ...; empty: an ordinary object
  std::int64_t hook_weight = 0;
  Place place;

  bool has_hook(std::string_view hook) const;
};

/// A key of a ConfigMap or Secret, or a variable of a container. What comes from a Secret is a secret Value.
struct KubeValue {
  std::string name;
  Value value;
  Place place;
  std::optional<Destination> destination;
  std::optional<std::int64_t> number;  ///< when it is a whole number and comes from no Secret
  bool empty = false;
  bool encoded_twice = false;    ///< of a Secret: what base64 holds is base64 of a text again
  bool ends_with_break = false;  ///< of a Secret: a line break is the last character
  bool undecodable = false;      ///< of a Secret's `data`: it is not base64
};

struct KubeConfig {
  KubeObject object;
  bool secret = false;
  std::vector<KubeValue> values;

  const KubeValue* find(std::string_view name) const;
};

/// A variable as a container's `env` says.
struct KubeVariable {
  std::string name;
  std::string kind;    ///< "literal", "config-map", "secret", "field"
  std::string source;  ///< name of the ConfigMap or Secret
  std::string key;
  bool optional = false;
  KubeValue literal;  ///< of "literal"
  Place place;
};

struct KubeEnvFrom {
  std::string source;
  bool secret = false;
  std::string prefix;
  bool optional = false;
  Place place;
};

struct KubeProbe {
  std::string kind;    ///< "liveness", "readiness", "startup"
  std::string action;  ///< "http", "tcp", "grpc", "exec"
  std::string path;
  std::uint16_t port = 0;  ///< 0: named
  std::string port_name;
  Place place;
};

struct KubePort {
  std::string name;
  std::uint16_t port = 0;
  std::uint16_t target = 0;  ///< of a Service: targetPort; 0: named
  std::string target_name;
  std::string protocol = "TCP";
  Place place;
};

struct KubeContainer {
  std::string name;
  std::string image;
  bool init = false;
  std::vector<std::string> command;  ///< the image's ENTRYPOINT when empty
  std::vector<std::string> args;
  std::vector<KubeVariable> env;
  std::vector<KubeEnvFrom> env_from;
  std::vector<KubePort> ports;
  std::vector<KubeProbe> probes;
  std::uint64_t memory_limit = 0;  ///< bytes; 0: none
  Place memory_place;
  bool cpu_request = false;  ///< one is set, or a limit, which then counts as one
  bool memory_request = false;
  std::string user;  ///< runAsUser of it or its pod, with the group when that is set; may be empty
  Place args_place;
  Place place;
};

/// Something that makes pods.
struct KubeWorkload {
  KubeObject object;
  Labels pod_labels;
  std::optional<int> replicas;
  Place replicas_place;
  std::string account;  ///< serviceAccountName
  Place account_place;
  std::vector<KubeContainer> containers;  ///< init containers first
  std::vector<KubeEnvFrom> mounts;        ///< ConfigMaps and Secrets that are mounted as volumes
};

struct KubeRequirement {
  std::string key;
  std::string operation;  ///< "In", "NotIn", "Exists", "DoesNotExist"
  std::vector<std::string> values;
};

struct KubeSelector {
  Labels match;
  std::vector<KubeRequirement> requirements;

  bool matches(const Labels& labels) const;  ///< an empty one matches everything
};

struct KubeService {
  KubeObject object;
  Labels selector;
  std::string type;
  std::vector<KubePort> ports;
};

struct KubeIngressPath {
  std::string host;
  std::string path;
  std::string type;  ///< "Prefix", "Exact", "ImplementationSpecific"
  std::string service;
  std::uint16_t port = 0;
  std::string port_name;
  Place place;
};

struct KubeIngress {
  KubeObject object;
  std::string controller;  ///< ingressClassName, or the annotation of old
  std::vector<KubeIngressPath> paths;
  std::map<std::string, Place> annotation_places;
};

struct KubePolicyPort {
  std::string protocol = "TCP";
  std::uint16_t port = 0;      ///< 0: every port, unless it is named
  std::uint16_t end_port = 0;  ///< 0: only `port`
  std::string name;
};

/// One rule of a policy: any of its peers on any of its ports; none of either stands for all.
struct KubePolicyRule {
  std::vector<KubePolicyPort> ports;
  std::vector<std::string> blocks;  ///< CIDRs of ipBlock
  bool pods = false;                ///< a peer is a selector of pods or namespaces
  bool anyone = true;               ///< there is no `to` or `from`
  Place place;
};

struct KubePolicy {
  KubeObject object;
  KubeSelector pods;
  bool restricts_egress = false;
  bool restricts_ingress = false;
  std::vector<KubePolicyRule> egress;
  std::vector<KubePolicyRule> ingress;
};

/// minAvailable or maxUnavailable of a PodDisruptionBudget.
struct KubeBudget {
  KubeObject object;
  KubeSelector pods;
  std::string field;  ///< "minAvailable", "maxUnavailable"; empty: none
  int count = 0;
  bool percent = false;
  Place place;
};

struct KubeAutoscaler {
  KubeObject object;
  std::string target_kind;
  std::string target;
  int least = 1;
  std::vector<std::string> utilization;  ///< resources that are measured against their requests: "cpu", "memory"
};

struct KubeFault {
  Place place;
  std::string reason;  ///< safe to print, no input in it
};

struct Manifests {
  std::vector<KubeObject> objects;  ///< every object, of whatever kind
  std::vector<KubeWorkload> workloads;
  std::vector<KubeConfig> configs;
  std::vector<KubeService> services;
  std::vector<KubeIngress> ingresses;
  std::vector<KubePolicy> policies;
  std::vector<KubeBudget> budgets;
  std::vector<KubeAutoscaler> autoscalers;
  std::vector<KubeFault> faults;  ///< at most 100 a file

  bool empty() const { return objects.empty() && faults.empty(); }
  /// The ConfigMap or Secret of that name, or nullptr.
  const KubeConfig* config(std::string_view name, bool secret) const;
  bool has(std::string_view kind, std::string_view name) const;
  void append(Manifests more);  ///< nothing but a fault beyond the bound of objects
};

/// Whether a YAML text shows one Kubernetes object at least: lines `apiVersion:` and `kind:` at the beginning of a line
/// in one document. Cheap; most YAML files are something else.
bool looks_like_manifests(std::string_view text);

/// Reads all documents; one that is broken is a fault, and the rest is read. Documents without apiVersion and kind are
/// passed over. Never throws on bad input. `file` is the name to show.
Manifests read_manifests(std::string_view text, const std::string& file);

/// What a container really gets under one name.
struct KubeResolved {
  std::string name;
  std::optional<Value> value;  ///< nothing: it is known to the cluster only, or missing
  std::string missing;         ///< "ConfigMap app", "key REDIS_URL of Secret app": what does not exist in the files
  std::string kind;            ///< of KubeVariable
  Place written;               ///< where the value stands
  Place passed;                ///< where the container asks for it
  std::optional<Destination> destination;
  std::optional<std::int64_t> number;
  bool encoded_twice = false;
  bool ends_with_break = false;
  bool undecodable = false;
};

/// The environment of a container as the kubelet makes it: envFrom in order, then env, later names win. Sources that
/// the files do not hold and that are not optional are entries with `missing`; of a whole one the name is empty.
std::vector<KubeResolved> resolve_environment(const Manifests& manifests, const KubeContainer& container);

/// What a container of a workload is called: its component label (app.kubernetes.io/component) when `names` has it or
/// the workload has one container, else its own name when `names` has that, else the component, else its own name.
std::string component_of(const KubeWorkload& workload, const KubeContainer& container,
                         const std::vector<std::string>& names);

/// Whether a glob of a system description (`*`, `?`) fits the name of an image.
bool is_image_of(const std::vector<std::string>& globs, std::string_view image);

/// A scalar of a Helm values file.
struct HelmValue {
  std::string path;  ///< "redis.enabled"
  std::string text;  ///< of a boolean or a number only: everything else may be secret
  bool empty = false;
  std::optional<Destination> destination;
  Place place;
};

struct HelmValues {
  std::vector<HelmValue> values;  ///< at most most_helm_values
  std::vector<KubeFault> faults;
};

HelmValues read_helm_values(std::string_view text, const std::string& file);

/// A quantity of memory ("256Mi", "1G", "134217728", "1e9") in bytes; nothing when it is none.
std::optional<std::uint64_t> memory_quantity(std::string_view text);

}  // namespace doctor::formats
