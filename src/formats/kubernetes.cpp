#include "doctor/format/kubernetes.hpp"

#include <algorithm>
#include <iterator>

#include "formats/kubernetes_reader.hpp"
#include "util/text.hpp"

namespace doctor::formats {
namespace {

constexpr std::size_t most_faults = 100;

/// A line that parts documents (YAML 1.2, 9.1.2): three dashes at the beginning, then a blank or nothing. Inside of
/// block scalars too.
bool is_separator(std::string_view line) {
  return line.starts_with("---") && (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r');
}

struct Piece {
  std::string_view text;
  int lines_before = 0;
};

/// The documents of a file as texts, so that a broken one does not take those behind it with it.
std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t start = 0;
  int line = 0;
  int start_line = 0;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const auto end = std::min(text.find('\n', at), text.size());
    if (is_separator(text.substr(at, end - at)) && at > start) {
      pieces.push_back({text.substr(start, at - start), start_line});
      start = at;
      start_line = line;
    }
    at = end + 1;
  }
  pieces.push_back({text.substr(std::min(start, text.size())), start_line});
  return pieces;
}

bool is_blank(std::string_view text) {
  for (const auto& line : util::split(text, '\n')) {
    const auto trimmed = util::trim(line);
    if (!trimmed.empty() && trimmed.front() != '#' && trimmed != "---") return false;
  }
  return true;
}

class FileReader {
 public:
  FileReader(std::string_view text, const std::string& file) : text_{text}, file_{file} {}

  Manifests read() {
    if (text_.size() > most_manifest_bytes) {
      reader_.fault({file_, 0, 0}, "it is larger than 4 MB");
      return std::move(out_);
    }
    const auto pieces = pieces_of(text_);
    if (pieces.size() > most_manifest_documents) {
      reader_.fault({file_, 0, 0}, "it has more than 1,000 documents");
      return std::move(out_);
    }
    for (const auto& piece : pieces)
      if (!is_blank(piece.text)) document(piece);
    return std::move(out_);
  }

 private:
  void document(const Piece& piece) {
    reader_.skip_lines(piece.lines_before);
    const auto parsed = parse_yaml(piece.text, file_, budget_);
    for (const auto& fault : parsed.faults) tell(fault, piece.lines_before);
    for (const auto& found : parsed.documents) reader_.object(found.root);
  }

  void tell(const YamlFault& fault, int lines_before) {
    if (fault.reason == "a key is not a text") return;  // a number is one for Kubernetes
    auto place = fault.place;
    if (place.line > 0) place.line += lines_before;
    const bool twice = fault.kind == YamlFault::Kind::key_duplicated;
    reader_.fault(place, twice ? "a key stands there that the same mapping already has" : fault.reason);
  }

  std::string_view text_;
  const std::string& file_;
  Manifests out_;
  kubernetes::Reader reader_{out_};
  YamlBudget budget_;
};

template <class T>
void move_all(std::vector<T>& to, std::vector<T>& from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

}  // namespace

bool KubeObject::has_hook(std::string_view hook) const {
  return std::find(hooks.begin(), hooks.end(), hook) != hooks.end();
}

const KubeValue* KubeConfig::find(std::string_view name) const {
  const auto found = std::find_if(values.begin(), values.end(), [&](const KubeValue& one) { return one.name == name; });
  return found == values.end() ? nullptr : &*found;
}

const KubeConfig* Manifests::config(std::string_view name, bool secret) const {
  const auto found = std::find_if(configs.begin(), configs.end(), [&](const KubeConfig& one) {
    return one.secret == secret && one.object.name == name;
  });
  return found == configs.end() ? nullptr : &*found;
}

bool Manifests::has(std::string_view kind, std::string_view name) const {
  return std::any_of(objects.begin(), objects.end(),
                     [&](const KubeObject& one) { return one.kind == kind && one.name == name; });
}

void Manifests::append(Manifests more) {
  if (objects.size() + more.objects.size() > most_manifest_objects) {
    faults.push_back(
        {more.objects.front().place, "with this file there are more than 5,000 objects; it is not looked at"});
    return;
  }
  move_all(objects, more.objects);
  move_all(workloads, more.workloads);
  move_all(configs, more.configs);
  move_all(services, more.services);
  move_all(ingresses, more.ingresses);
  move_all(policies, more.policies);
  move_all(budgets, more.budgets);
  move_all(autoscalers, more.autoscalers);
  move_all(faults, more.faults);
}

bool looks_like_manifests(std::string_view text) {
  bool version = false;
  bool kind = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    if (is_separator(line)) version = kind = false;
    version = version || line.starts_with("apiVersion:");
    kind = kind || line.starts_with("kind:");
    if (version && kind) return true;
    at = end + 1;
  }
  return false;
}

Manifests read_manifests(std::string_view text, const std::string& file) {
  return FileReader{text, file}.read();
}

namespace kubernetes {

const YamlNode* child(const YamlNode* node, std::string_view key) {
  return node == nullptr || !node->is_mapping() ? nullptr : node->find(key);
}

std::string text_of(const YamlNode* node) {
  return node == nullptr || !node->is_scalar() ? std::string{} : node->text;
}

const std::vector<YamlNode>& items_of(const YamlNode* node) {
  static const std::vector<YamlNode> none;
  return node == nullptr || !node->is_sequence() ? none : node->items;
}

bool is_true(const YamlNode* node) {
  return node != nullptr && node->kind == YamlKind::boolean && node->text == "true";
}

Labels labels_of(const YamlNode* node) {
  Labels labels;
  if (node == nullptr || !node->is_mapping()) return labels;
  for (const auto& entry : node->entries) labels[entry.key] = text_of(&entry.value);
  return labels;
}

std::vector<std::string> texts_of(const YamlNode* node) {
  std::vector<std::string> texts;
  for (const auto& item : items_of(node)) texts.push_back(text_of(&item));
  return texts;
}

KubeSelector selector_of(const YamlNode* node) {
  KubeSelector selector;
  selector.match = labels_of(child(node, "matchLabels"));
  for (const auto& item : items_of(child(node, "matchExpressions")))
    selector.requirements.push_back(
        {text_of(item.find("key")), text_of(item.find("operator")), texts_of(item.find("values"))});
  return selector;
}

Place Reader::at(const YamlNode& node) const {
  auto place = node.place();
  if (place.line > 0) place.line += offset_;
  return place;
}

void Reader::fault(Place place, std::string reason) {
  if (++faults_ <= most_faults) out_.faults.push_back({std::move(place), std::move(reason)});
}

KubeObject Reader::head(const YamlNode& root) const {
  const auto* metadata = root.find("metadata");
  KubeObject object;
  object.kind = text_of(root.find("kind"));
  object.name = text_of(child(metadata, "name"));
  object.space = text_of(child(metadata, "namespace"));
  object.labels = labels_of(child(metadata, "labels"));
  object.annotations = labels_of(child(metadata, "annotations"));
  object.place = at(root);
  if (const auto found = object.annotations.find("helm.sh/hook"); found != object.annotations.end())
    for (const auto& hook : util::split(found->second, ',')) object.hooks.push_back(util::trim(hook));
  object.hook_weight = integer_of(child(child(metadata, "annotations"), "helm.sh/hook-weight"), 0);
  return object;
}

void Reader::object(const YamlNode& root) {
  if (!root.is_mapping()) return;
  const auto kind = text_of(root.find("kind"));
  if (kind.empty() || text_of(root.find("apiVersion")).empty()) return;
  if (kind == "List") {
    for (const auto& item : items_of(root.find("items")))
      if (item.is_mapping() && !text_of(item.find("kind")).empty()) by_kind(item, head(item));
    return;
  }
  by_kind(root, head(root));
}

void Reader::by_kind(const YamlNode& root, const KubeObject& object) {
  if (out_.objects.size() == most_manifest_objects) {
    if (!full_) fault(object.place, "there are more than 5,000 objects; those from here on are not looked at");
    full_ = true;
    return;
  }
  out_.objects.push_back(object);
  const auto& kind = object.kind;
  const auto* spec = root.find("spec");
  if (kind == "ConfigMap" || kind == "Secret") return config(root, object, kind == "Secret");
  if (spec == nullptr || !spec->is_mapping()) return;
  if (kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "Job" || kind == "ReplicaSet")
    return workload(root, object, *spec, spec->find("template"));
  if (kind == "CronJob")
    return workload(root, object, *spec, child(child(spec->find("jobTemplate"), "spec"), "template"));
  if (kind == "Pod") return workload(root, object, *spec, &root);
  if (kind == "Service") return service(root, object);
  if (kind == "Ingress") return ingress(root, object);
  if (kind == "NetworkPolicy") return policy(root, object);
  if (kind == "PodDisruptionBudget") return budget(root, object);
  if (kind == "HorizontalPodAutoscaler") autoscaler(root, object);
}

}  // namespace kubernetes
}  // namespace doctor::formats
