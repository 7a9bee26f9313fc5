#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "deployment/compose_internal.hpp"

// The rules by which a file overrides the files before it, and a service the one that it extends.

namespace doctor::deployment::compose {
namespace {

using Merger = void (*)(Loading&, YamlNode&, YamlNode, YamlPath&);

void merge_nodes(Loading& loading, YamlNode& base, YamlNode other, YamlPath& path);

void merge_mappings(Loading& loading, YamlNode& base, YamlNode other, YamlPath& path) {
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < base.entries.size(); ++i) places.emplace(base.entries[i].key, i);
  for (auto& entry : other.entries) {
    const auto found = places.find(entry.key);
    if (found == places.end()) {
      base.entries.push_back(std::move(entry));
    } else if (entry.key.compare(0, 2, "x-") == 0) {
      base.entries[found->second] = std::move(entry);
    } else {
      path.push_back(entry.key);
      merge_nodes(loading, base.entries[found->second].value, std::move(entry.value), path);
      path.pop_back();
    }
  }
}

YamlNode key_value(const YamlEntry& entry, const YamlNode& value) {
  YamlNode node = value.here(YamlKind::text, entry.key);
  node.line = entry.line;
  node.column = entry.column;
  if (value.is_null()) return node;
  node.text += "=" + value.text;
  if (value.origin) {
    YamlOrigin origin = *value.origin;
    origin.expression = entry.key + "=" + origin.expression;
    node.origin = std::make_shared<const YamlOrigin>(std::move(origin));
  }
  return node;
}

/// The list form of a value that may be a mapping, a list or one text.
YamlNode as_sequence(YamlNode node) {
  if (node.is_sequence()) return node;
  YamlNode list = node.here(YamlKind::sequence);
  if (node.is_text()) {
    list.items.push_back(std::move(node));
    return list;
  }
  for (const auto& entry : node.entries) {
    if (entry.value.is_sequence()) {
      for (const auto& item : entry.value.items) list.items.push_back(key_value(entry, item));
    } else {
      list.items.push_back(key_value(entry, entry.value));
    }
  }
  if (node.is_mapping()) {
    std::sort(list.items.begin(), list.items.end(),
              [](const YamlNode& left, const YamlNode& right) { return left.text < right.text; });
  }
  return list;
}

YamlNode dependency_defaults(const YamlNode& at) {
  YamlNode node = at.here(YamlKind::mapping);
  node.set("condition", at.here(YamlKind::text, "service_started"));
  node.set("required", at.here(YamlKind::boolean, "true"));
  return node;
}

YamlNode as_mapping(YamlNode node, bool dependencies) {
  if (node.is_mapping()) return node;
  YamlNode map = keyed(node, YamlKind::null);
  if (!dependencies) return map;
  for (auto& entry : map.entries) entry.value = dependency_defaults(entry.value);
  return map;
}

void replace(Loading&, YamlNode& base, YamlNode other, YamlPath&) {
  base = std::move(other);
}

void append(Loading&, YamlNode& base, YamlNode other, YamlPath&) {
  base = as_sequence(std::move(base));
  YamlNode list = as_sequence(std::move(other));
  std::move(list.items.begin(), list.items.end(), std::back_inserter(base.items));
}

void append_new(Loading&, YamlNode& base, YamlNode other, YamlPath&) {
  base = as_sequence(std::move(base));
  std::unordered_set<std::string> known;
  for (const auto& item : base.items) known.insert(item.text);
  YamlNode list = as_sequence(std::move(other));
  for (auto& item : list.items) {
    if (known.count(item.text) == 0) base.items.push_back(std::move(item));
  }
}

void merge_build(Loading& loading, YamlNode& base, YamlNode other, YamlPath& path) {
  const auto long_form = [](YamlNode node) {
    if (node.is_mapping()) return node;
    YamlNode map = node.here(YamlKind::mapping);
    if (node.is_text()) map.set("context", std::move(node));
    return map;
  };
  base = long_form(std::move(base));
  merge_mappings(loading, base, long_form(std::move(other)), path);
}

void merge_dependencies(Loading& loading, YamlNode& base, YamlNode other, YamlPath& path) {
  base = as_mapping(std::move(base), true);
  merge_mappings(loading, base, as_mapping(std::move(other), true), path);
}

void merge_networks(Loading& loading, YamlNode& base, YamlNode other, YamlPath& path) {
  base = as_mapping(std::move(base), false);
  merge_mappings(loading, base, as_mapping(std::move(other), false), path);
}

void merge_logging(Loading& loading, YamlNode& base, YamlNode other, YamlPath& path) {
  const YamlNode* driver = base.find("driver");
  const YamlNode* other_driver = other.find("driver");
  if (driver == nullptr || other_driver == nullptr || driver->text == other_driver->text) {
    return merge_mappings(loading, base, std::move(other), path);
  }
  base = std::move(other);
}

struct Rule {
  std::string_view pattern;
  Merger merge;
};

constexpr Rule rules[] = {
    {"networks.*.labels", append},
    {"networks.*.ipam.config", replace},
    {"volumes.*.labels", append},
    {"services.*.annotations", append},
    {"services.*.build", merge_build},
    {"services.*.build.args", append},
    {"services.*.build.additional_contexts", append},
    {"services.*.build.extra_hosts", append_new},
    {"services.*.build.labels", append},
    {"services.*.command", replace},
    {"services.*.depends_on", merge_dependencies},
    {"services.*.deploy.labels", append},
    {"services.*.dns", append},
    {"services.*.dns_opt", append},
    {"services.*.dns_search", append},
    {"services.*.entrypoint", replace},
    {"services.*.env_file", append},
    {"services.*.label_file", append},
    {"services.*.environment", append},
    {"services.*.extra_hosts", append_new},
    {"services.*.healthcheck.test", replace},
    {"services.*.labels", append},
    {"services.*.logging", merge_logging},
    {"services.*.networks", merge_networks},
    {"services.*.sysctls", append},
    {"services.*.tmpfs", append},
    {"services.*.ulimits.*", replace},
};

void merge_nodes(Loading& loading, YamlNode& base, YamlNode other, YamlPath& path) {
  for (const auto& rule : rules) {
    if (matches(path, rule.pattern)) return rule.merge(loading, base, std::move(other), path);
  }
  if (other.is_null()) return;
  const bool collection = base.is_mapping() || base.is_sequence();
  if (collection && base.kind != other.kind) {
    return loading.invalid(other.place(), "a value of another kind cannot override the one in the file before");
  }
  if (base.is_mapping()) return merge_mappings(loading, base, std::move(other), path);
  if (base.is_sequence()) {
    std::move(other.items.begin(), other.items.end(), std::back_inserter(base.items));
    return;
  }
  base = std::move(other);
}

void remove_below(YamlNode& node, const std::set<YamlPath>& paths, YamlPath& path) {
  std::erase_if(node.entries, [&](YamlEntry& entry) {
    path.push_back(entry.key);
    const bool removed = paths.count(path) != 0;
    if (!removed) remove_below(entry.value, paths, path);
    path.pop_back();
    return removed;
  });
}

}  // namespace

void remove_paths(YamlNode& root, const std::vector<YamlPath>& paths) {
  if (paths.empty()) return;
  YamlPath path;
  remove_below(root, {paths.begin(), paths.end()}, path);
}

void merge_files(Loading& loading, YamlNode& base, YamlNode other) {
  YamlPath path;
  merge_nodes(loading, base, std::move(other), path);
}

void merge_service(Loading& loading, YamlNode& base, YamlNode other) {
  YamlPath path{"services", "x"};
  merge_nodes(loading, base, std::move(other), path);
}

}  // namespace doctor::deployment::compose
