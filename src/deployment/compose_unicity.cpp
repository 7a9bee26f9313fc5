#include <unordered_map>

#include "deployment/compose_internal.hpp"

// Elements of some lists are told apart by a key: the later one takes the place of the earlier.

namespace doctor::deployment::compose {
namespace {

using Indexer = std::string (*)(const YamlNode&);

std::string by_name(const YamlNode& node) {
  return node.text.substr(0, node.text.find('='));
}

std::string by_text(const YamlNode& node) {
  return node.text;
}

std::string by_path(const YamlNode& node) {
  return node.is_mapping() ? text_of(node.find("path")) : node.text;
}

/// The target of "source:target:options" or of the long form.
std::string by_target(const YamlNode& node) {
  if (node.is_mapping()) return text_of(node.find("target"));
  const std::string& spec = node.text;
  const auto first = spec.find(':');
  if (first == std::string::npos) return spec;
  const auto second = spec.find(':', first + 1);
  return spec.substr(first + 1, second == std::string::npos ? second : second - first - 1);
}

std::string by_mount(const YamlNode& node) {
  if (!node.is_mapping()) return "/run/secrets/" + node.text;
  const YamlNode* target = node.find("target");
  return target != nullptr ? target->text : "/run/secrets/" + text_of(node.find("source"));
}

std::string by_config(const YamlNode& node) {
  if (!node.is_mapping()) return "/" + node.text;
  const YamlNode* target = node.find("target");
  return target != nullptr ? target->text : "/" + text_of(node.find("source"));
}

std::string or_else(const YamlNode* node, const char* fallback) {
  return node == nullptr ? fallback : node->text;
}

/// As in Docker Compose, a published port written as a number differs from the same one written as text.
std::string by_port(const YamlNode& node) {
  if (!node.is_mapping()) return node.text;
  const YamlNode* published = node.find("published");
  const std::string kind = published != nullptr && published->kind == YamlKind::integer ? "number " : "";
  return or_else(node.find("host_ip"), "0.0.0.0") + ":" + kind + or_else(published, "none") + ":" +
         text_of(node.find("target")) + "/" + or_else(node.find("protocol"), "tcp");
}

void make_unique(YamlNode* list, Indexer index) {
  if (list == nullptr || !list->is_sequence()) return;
  std::unordered_map<std::string, std::size_t> places;
  std::vector<YamlNode> kept;
  for (auto& item : list->items) {
    const auto [found, fresh] = places.try_emplace(index(item), kept.size());
    if (fresh) {
      kept.push_back(std::move(item));
    } else {
      kept[found->second] = std::move(item);
    }
  }
  list->items = std::move(kept);
}

struct Rule {
  std::string_view key;
  Indexer index;
};

constexpr Rule service_rules[] = {
    {"annotations", by_name}, {"cap_add", by_name},  {"cap_drop", by_name},  {"devices", by_target},
    {"configs", by_config},   {"dns", by_name},      {"dns_opt", by_name},   {"dns_search", by_name},
    {"environment", by_name}, {"env_file", by_path}, {"expose", by_text},    {"labels", by_name},
    {"links", by_name},       {"ports", by_port},    {"profiles", by_name},  {"secrets", by_mount},
    {"sysctls", by_name},     {"tmpfs", by_name},    {"volumes", by_target},
};

constexpr std::string_view build_keys[] = {"args", "additional_contexts", "platform", "tags", "labels"};

void unique_service(YamlNode& service) {
  for (const auto& rule : service_rules) make_unique(service.find(rule.key), rule.index);
  if (YamlNode* build = service.find("build")) {
    for (const auto key : build_keys) make_unique(build->find(key), by_name);
  }
  if (YamlNode* deploy = service.find("deploy")) make_unique(deploy->find("labels"), by_name);
  if (YamlNode* networks = service.find("networks")) {
    for (auto& network : networks->entries) {
      make_unique(network.value.find("aliases"), by_name);
      make_unique(network.value.find("link_local_ips"), by_name);
    }
  }
}

}  // namespace

void enforce_unicity(Loading&, YamlNode& root) {
  if (YamlNode* services = root.find("services")) {
    for (auto& service : services->entries) unique_service(service.value);
  }
  if (YamlNode* networks = root.find("networks")) {
    for (auto& network : networks->entries) make_unique(network.value.find("labels"), by_name);
  }
}

}  // namespace doctor::deployment::compose
