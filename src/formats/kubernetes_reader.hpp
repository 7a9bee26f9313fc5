#pragma once

#include <string>

#include "doctor/format/kubernetes.hpp"
#include "formats/yaml_tree.hpp"

/// The steps of reading Kubernetes objects out of located YAML trees.
namespace doctor::formats::kubernetes {

/// Reads the objects of one file. Every field that is missing or of another type keeps its default.
class Reader {
 public:
  explicit Reader(Manifests& out) : out_{out} {}

  /// The lines that stand before the document that is read next.
  void skip_lines(int count) { offset_ = count; }

  /// One object, or the items of a List.
  void object(const YamlNode& root);

  Place at(const YamlNode& node) const;
  void fault(Place place, std::string reason);

 private:
  KubeObject head(const YamlNode& root) const;
  void by_kind(const YamlNode& root, const KubeObject& object);

  // kubernetes_pod.cpp
  void workload(const YamlNode& root, const KubeObject& object, const YamlNode& spec, const YamlNode* pod);
  KubeContainer container(const YamlNode& node, bool init, const YamlNode& pod);
  void environment(const YamlNode& node, KubeContainer& out);
  KubeVariable variable(const YamlNode& node);
  KubeEnvFrom env_from(const YamlNode& node) const;
  void probe(const YamlNode& node, const char* key, const char* kind, KubeContainer& out) const;
  void resources(const YamlNode& node, KubeContainer& out) const;
  void volumes(const YamlNode& pod, KubeWorkload& out) const;

  // kubernetes_objects.cpp
  void config(const YamlNode& root, const KubeObject& object, bool secret);
  void config_values(const YamlNode& data, KubeConfig& out, bool encoded);
  void service(const YamlNode& root, const KubeObject& object);
  void ingress(const YamlNode& root, const KubeObject& object);
  void policy(const YamlNode& root, const KubeObject& object);
  KubePolicyRule policy_rule(const YamlNode& node, const char* peers) const;
  void budget(const YamlNode& root, const KubeObject& object);
  void autoscaler(const YamlNode& root, const KubeObject& object);

  Manifests& out_;
  int offset_ = 0;
  std::size_t faults_ = 0;
  bool full_ = false;  ///< and told so
};

// Access to trees. Nothing of these throws; a node may be nullptr.
const YamlNode* child(const YamlNode* node, std::string_view key);
std::string text_of(const YamlNode* node);  ///< "" for anything but a scalar
std::int64_t integer_of(const YamlNode* node, std::int64_t otherwise);
std::uint16_t port_of(const YamlNode* node);  ///< 0: it is a name, or no port
bool is_true(const YamlNode* node);
Labels labels_of(const YamlNode* node);
KubeSelector selector_of(const YamlNode* node);
std::vector<std::string> texts_of(const YamlNode* node);

/// The elements of a sequence; none for anything else.
const std::vector<YamlNode>& items_of(const YamlNode* node);

/// What a value is beyond its text: number, destination, emptiness.
void describe_value(KubeValue& out, std::string text, bool secret);

/// The bytes that base64 (RFC 4648, section 4, line breaks ignored) holds; nothing when it is not base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace doctor::formats::kubernetes
