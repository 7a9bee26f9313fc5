#include <algorithm>

#include "deployment/compose_internal.hpp"
#include "util/text.hpp"

namespace doctor::deployment::compose {
namespace {

Place place_of(const YamlEntry& entry) {
  return {entry.value.file ? *entry.value.file : std::string{}, entry.line, entry.column};
}

/// An explicit name, else the key for something external, else PROJECT_KEY.
std::string real_name(const Loading& loading, const YamlEntry& entry) {
  std::string name = text_of(entry.value.find("name"));
  if (!name.empty()) return name;
  return is_true(entry.value.find("external")) ? entry.key : loading.project.name + "_" + entry.key;
}

bool uses_default_network(const YamlNode& root) {
  const YamlNode* services = root.find("services");
  if (services == nullptr) return false;
  return std::any_of(services->entries.begin(), services->entries.end(), [](const YamlEntry& entry) {
    if (!entry.value.is_mapping() || entry.value.find("network_mode") != nullptr) return false;
    const YamlNode* networks = entry.value.find("networks");
    return networks == nullptr || networks->entries.empty() || networks->find("default") != nullptr;
  });
}

void build_networks(Loading& loading, const YamlNode& root) {
  auto& networks = loading.project.networks;
  bool has_default = false;
  if (const YamlNode* section = root.find("networks")) {
    for (const auto& entry : section->entries) {
      has_default = has_default || entry.key == "default";
      Network network;
      network.name = entry.key;
      network.real_name = real_name(loading, entry);
      network.internal = is_true(entry.value.find("internal"));
      network.external = is_true(entry.value.find("external"));
      network.place = place_of(entry);
      networks.push_back(std::move(network));
    }
  }
  if (has_default || !uses_default_network(root)) return;
  Network implicit;
  implicit.name = "default";
  implicit.real_name = loading.project.name + "_default";
  networks.push_back(std::move(implicit));
}

void build_volumes(Loading& loading, const YamlNode& root) {
  const YamlNode* section = root.find("volumes");
  if (section == nullptr) return;
  for (const auto& entry : section->entries) {
    Volume volume;
    volume.name = entry.key;
    volume.real_name = real_name(loading, entry);
    volume.external = is_true(entry.value.find("external"));
    volume.place = place_of(entry);
    loading.project.volumes.push_back(std::move(volume));
  }
}

void build_secrets(Loading& loading, const YamlNode& root) {
  const YamlNode* section = root.find("secrets");
  if (section == nullptr) return;
  for (const auto& entry : section->entries) {
    loading.project.secrets.push_back({entry.key, text_of(entry.value.find("file")),
                                       text_of(entry.value.find("environment")), is_true(entry.value.find("external")),
                                       place_of(entry)});
  }
}

void check_file_object(Loading& loading, const YamlEntry& entry, std::initializer_list<std::string_view> keys,
                       const char* kind) {
  if (!entry.value.is_mapping()) return;
  const auto count =
      std::count_if(keys.begin(), keys.end(), [&](std::string_view key) { return entry.value.find(key) != nullptr; });
  if (count > 1) return loading.invalid(place_of(entry), std::string{"a "} + kind + " has more than one source");
  const bool elsewhere = entry.value.find("driver") != nullptr || entry.value.find("external") != nullptr;
  if (count == 0 && !elsewhere) loading.invalid(place_of(entry), std::string{"a "} + kind + " has no source");
}

void check_volume(Loading& loading, const YamlEntry& entry) {
  if (!is_true(entry.value.find("external"))) return;
  for (const auto& key : entry.value.entries) {
    if (key.key == "name" || key.key == "external" || key.key.compare(0, 2, "x-") == 0) continue;
    loading.invalid(place_of(entry), "an external volume takes no other settings than its name");
    return;
  }
}

}  // namespace

void build_resources(Loading& loading, const YamlNode& root) {
  build_networks(loading, root);
  build_volumes(loading, root);
  build_secrets(loading, root);
}

void check_resources(Loading& loading, const YamlNode& root) {
  if (const YamlNode* secrets = root.find("secrets")) {
    for (const auto& entry : secrets->entries) check_file_object(loading, entry, {"file", "environment"}, "secret");
  }
  if (const YamlNode* configs = root.find("configs")) {
    for (const auto& entry : configs->entries) {
      check_file_object(loading, entry, {"file", "environment", "content"}, "config");
    }
  }
  if (const YamlNode* volumes = root.find("volumes")) {
    for (const auto& entry : volumes->entries) check_volume(loading, entry);
  }
}

}  // namespace doctor::deployment::compose
