#include <nlohmann/json.hpp>
#include <set>

#include "deployment/compose.hpp"

// The parts of `docker compose config --format json` that a ComposeProject holds, under the same keys.

namespace doctor::deployment {
namespace {

using Json = nlohmann::json;

void put(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}

Json ports_json(const std::vector<PublishedPort>& ports) {
  Json list = Json::array();
  for (const auto& port : ports) {
    Json json{{"target", port.target}, {"protocol", port.protocol}};
    put(json, "host_ip", port.address);
    if (port.published != 0) json["published"] = std::to_string(port.published);
    list.push_back(std::move(json));
  }
  return list;
}

void put_mounts(Json& json, const std::vector<Mount>& mounts) {
  for (const auto& mount : mounts) {
    if (mount.kind == "secret") {
      json["secrets"].push_back(mount.target);
      continue;
    }
    Json volume{{"type", mount.kind}, {"target", mount.target}};
    put(volume, "source", mount.source);
    if (mount.read_only) volume["read_only"] = true;
    json["volumes"].push_back(std::move(volume));
  }
}

Json environment_json(const std::vector<ServiceVariable>& variables) {
  Json json = Json::object();
  for (const auto& variable : variables) json[variable.name] = variable.value ? Json(*variable.value) : Json();
  return json;
}

Json service_json(const ComposeService& compose) {
  const Service& service = compose.service;
  Json json = Json::object();
  put(json, "image", service.image);
  put(json, "container_name", service.container_name);
  put(json, "user", service.user);
  put(json, "network_mode", service.network_mode);
  put(json, "restart", compose.restart);
  put(json, "healthcheck", compose.healthcheck);
  if (!service.build.empty()) json["build"]["context"] = service.build;
  if (service.read_only) json["read_only"] = true;
  for (const auto& network : service.networks) json["networks"][network] = nullptr;
  for (const auto& [name, condition] : compose.dependency_conditions) json["depends_on"][name] = condition;
  if (!compose.profiles.empty()) json["profiles"] = compose.profiles;
  if (!service.ports.empty()) json["ports"] = ports_json(service.ports);
  if (!compose.environment.empty()) json["environment"] = environment_json(compose.environment);
  put_mounts(json, service.mounts);
  return json;
}

/// What Docker Compose leaves out: networks, volumes and secrets that no enabled service uses.
struct Used {
  std::set<std::string> networks;
  std::set<std::string> volumes;
  std::set<std::string> secrets;
};

Used used_by_services(const ComposeProject& project) {
  Used used;
  for (const auto& compose : project.services) {
    if (!compose.service.enabled) continue;
    used.networks.insert(compose.service.networks.begin(), compose.service.networks.end());
    used.secrets.insert(compose.secrets.begin(), compose.secrets.end());
    for (const auto& mount : compose.service.mounts) {
      if (mount.kind == "volume") used.volumes.insert(mount.source);
    }
  }
  return used;
}

}  // namespace

std::string canonical_json(const ComposeProject& project) {
  const Used used = used_by_services(project);
  Json json{{"name", project.name}, {"services", Json::object()}};
  for (const auto& service : project.services) {
    if (service.service.enabled) json["services"][service.service.name] = service_json(service);
  }
  for (const auto& network : project.networks) {
    if (used.networks.count(network.name) == 0) continue;
    Json& out = json["networks"][network.name];
    out["name"] = network.real_name;
    if (network.internal) out["internal"] = true;
    if (network.external) out["external"] = true;
  }
  for (const auto& volume : project.volumes) {
    if (used.volumes.count(volume.name) == 0) continue;
    Json& out = json["volumes"][volume.name];
    out["name"] = volume.real_name;
    if (volume.external) out["external"] = true;
  }
  for (const auto& secret : project.secrets) {
    if (used.secrets.count(secret.name) == 0) continue;
    Json& out = json["secrets"][secret.name];
    out = Json::object();
    put(out, "file", secret.file);
    put(out, "environment", secret.environment);
    if (secret.external) out["external"] = true;
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace doctor::deployment
