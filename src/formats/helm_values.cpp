#include "formats/kubernetes_reader.hpp"

namespace doctor::formats {
namespace {

constexpr std::size_t longest_path = 1'000;

/// A mapping that is being walked through: no recursion by the depth of the input.
struct Step {
  const YamlNode* node;
  std::string path;
};

void add(const YamlNode& node, std::string path, HelmValues& out) {
  HelmValue value;
  value.path = std::move(path);
  const bool harmless = node.kind == YamlKind::boolean || node.kind == YamlKind::integer || node.kind == YamlKind::real;
  if (harmless) value.text = node.text;
  value.empty = node.text.empty() || node.is_null();
  value.destination = destination_of(node.text);
  value.place = node.place();
  out.values.push_back(std::move(value));
}

void walk(const YamlNode& root, HelmValues& out) {
  std::vector<Step> open{{&root, {}}};
  while (!open.empty() && out.values.size() < most_helm_values) {
    const auto step = std::move(open.back());
    open.pop_back();
    if (!step.node->is_mapping()) {
      if (!step.node->is_sequence()) add(*step.node, step.path, out);
      continue;
    }
    const auto& entries = step.node->entries;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      auto path = step.path.empty() ? entry->key : step.path + "." + entry->key;
      if (path.size() <= longest_path) open.push_back({&entry->value, std::move(path)});
    }
  }
}

}  // namespace

HelmValues read_helm_values(std::string_view text, const std::string& file) {
  HelmValues out;
  YamlBudget budget;
  const auto parsed = parse_yaml(text, file, budget);
  for (const auto& fault : parsed.faults) {
    if (fault.reason == "a key is not a text") continue;
    const bool twice = fault.kind == YamlFault::Kind::key_duplicated;
    out.faults.push_back({fault.place, twice ? "a key stands there that the same mapping already has" : fault.reason});
  }
  for (const auto& document : parsed.documents)
    if (document.root.is_mapping()) walk(document.root, out);
  return out;
}

}  // namespace doctor::formats
