#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "bundle/collect_inspect.hpp"
#include "bundle/collect_parts.hpp"
#include "probes/engine_json.hpp"
#include "probes/files_failure.hpp"

namespace doctor::bundle {
namespace {

using Json = nlohmann::json;

constexpr std::string_view section = "containers";
constexpr std::size_t most_containers = 200;
constexpr std::size_t most_networks = 50;

Failed nonsense() {
  return probes::failed(FailureKind::protocol_error, "", "the answer is not that of a Docker Engine");
}

Outcome<Json> ask(const Patient& patient, const std::string& path, const Deadline& deadline) {
  const auto answer = patient.live.engine(path, deadline);
  if (!answer) return Failed{answer.error()};
  auto json = probes::engine_json::parse(*answer);
  if (json.is_discarded()) return nonsense();
  return json;
}

std::string text_of(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

const Json& part_of(const Json& object, const char* key) {
  static const Json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 71 && text.find_first_not_of("0123456789abcdef:sh") == std::string::npos;
}

/// Query values of the Engine API are JSON, percent-encoded.
std::string project_filter(const std::string& project) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const Json filters{{"label", {"com.docker.compose.project=" + project}}};
  std::string out;
  for (const char c : filters.dump(-1, ' ', false, Json::error_handler_t::replace)) {
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4U], digits[byte & 0xFU]};
  }
  return out;
}

struct Known {
  std::string id;
  std::string name;
  std::string image;
  std::string image_name;
};

/// The containers of the project, one-off ones too; without an Engine those that the run knows.
std::vector<Known> list(const Patient& patient, const Deadline& deadline) {
  std::vector<Known> known;
  const auto& deployment = *patient.deployment;
  for (const auto& service : deployment.services)
    if (const auto& one = service.container) known.push_back({one->id, one->name, one->image_id, one->image});
  if (deployment.project.empty() || deployment.compose_file.empty()) return known;
  const auto answer = ask(patient, "/containers/json?all=1&filters=" + project_filter(deployment.project), deadline);
  if (!answer || !answer->is_array()) return known;
  for (const auto& item : *answer) {
    const auto& names = part_of(item, "Names");
    auto name = names.is_array() && !names.empty() && names[0].is_string() ? names[0].get<std::string>() : "";
    name.erase(0, name.find_first_not_of('/'));
    const auto id = text_of(item, "Id");
    const auto same = [&](const Known& one) { return one.id == id; };
    if (std::none_of(known.begin(), known.end(), same))
      known.push_back({id, name.empty() ? id.substr(0, 12) : name, text_of(item, "ImageID"), text_of(item, "Image")});
  }
  if (known.size() > most_containers) known.resize(most_containers);
  return known;
}

Outcome<SmallText> shown(const Patient& patient, const std::string& path, const Deadline& deadline) {
  const auto answer = ask(patient, path, deadline);
  if (!answer) return Failed{answer.error()};
  return SmallText{document(shown_inspect(*answer, patient.values)), {}};
}

void add_inspect(Collection& collection, const std::string& name, const std::string& source, const std::string& path) {
  constexpr std::uint64_t about = 12'000;
  collection.add_text(
      std::string{section}, name + ".json", source, about,
      [patient = collection.shared(), path](const Deadline& deadline) { return shown(*patient, path, deadline); });
}

bool is_ours(const Json& object, const Deployment& deployment, const std::set<std::string>& names) {
  return names.count(text_of(object, "Name")) > 0 ||
         (!deployment.project.empty() &&
          text_of(part_of(object, "Labels"), "com.docker.compose.project") == deployment.project);
}

Outcome<SmallText> networks(const Patient& patient, const Deadline& deadline) {
  const auto& deployment = *patient.deployment;
  std::set<std::string> names;
  for (const auto& network : deployment.networks)
    if (!network.real_name.empty()) names.insert(network.real_name);
  for (const auto& service : deployment.services)
    if (service.container)
      for (const auto& [name, address] : service.container->addresses) names.insert(name);
  const auto all = ask(patient, "/networks", deadline);
  if (!all) return Failed{all.error()};
  if (!all->is_array()) return nonsense();
  Json found = Json::array();
  for (const auto& network : *all) {
    if (!is_ours(network, deployment, names) || found.size() == most_networks) continue;
    const auto id = text_of(network, "Id");
    const auto whole = is_id(id) ? ask(patient, "/networks/" + id, deadline) : Outcome<Json>{network};
    found.push_back(whole ? *whole : network);
  }
  return SmallText{document(shown_inspect(found, patient.values)), {}};
}

Outcome<SmallText> volumes(const Patient& patient, const Deadline& deadline) {
  const auto& deployment = *patient.deployment;
  std::set<std::string> names;
  for (const auto& volume : deployment.volumes)
    if (!volume.real_name.empty()) names.insert(volume.real_name);
  const auto all = ask(patient, "/volumes", deadline);
  if (!all) return Failed{all.error()};
  Json found = Json::array();
  for (const auto& volume : part_of(*all, "Volumes"))
    if (is_ours(volume, deployment, names)) found.push_back(volume);
  return SmallText{document(shown_inspect(found, patient.values)), {}};
}

/// "registry.example.com:5000/app/server:1.2" is "app-server-1.2".
std::string image_name(const Known& one) {
  auto name = one.image_name.empty() || one.image_name.starts_with("sha256:") ? one.name : one.image_name;
  const auto slash = name.find('/');
  if (slash != std::string::npos && name.substr(0, slash).find_first_of(".:") != std::string::npos)
    name.erase(0, slash + 1);
  name = name.substr(0, name.find('@'));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == ':'; }, '-');
  return name;
}

}  // namespace

std::vector<Container> further_containers(const Patient& patient, const Deadline& deadline) {
  constexpr std::size_t most = 20;
  std::vector<Container> found;
  const auto& services = patient.deployment->services;
  if (!patient.deployment->engine_asked) return found;
  for (const auto& one : list(patient, deadline)) {
    const auto same = [&](const Service& service) { return service.container && service.container->id == one.id; };
    if (!is_id(one.id) || std::any_of(services.begin(), services.end(), same)) continue;
    const auto json = ask(patient, "/containers/" + one.id + "/json", deadline);
    if (!json || !json->is_object()) continue;
    try {
      found.push_back(probes::engine_json::container(*json).container);
    } catch (const Json::exception&) {  // its text carries the answer
      continue;
    }
    if (found.size() == most) break;
  }
  return found;
}

void add_containers(Collection& collection, const Deadline& deadline) {
  const auto& patient = collection.patient();
  const auto& deployment = *patient.deployment;
  if (!deployment.engine_note.empty())
    return collection.add_missing(std::string{section}, "inspect.json", "Docker Engine", deployment.engine_note);
  if (!deployment.engine_asked) return;
  std::set<std::string> images;
  for (const auto& one : list(patient, deadline)) {
    if (!is_id(one.id)) continue;
    add_inspect(collection, one.name, "container " + one.name, "/containers/" + one.id + "/json");
    if (is_id(one.image) && images.insert(one.image).second)
      add_inspect(collection, "images/" + image_name(one), "image " + one.image_name, "/images/" + one.image + "/json");
  }
  const auto whole = [&](const char* name, auto read) {
    collection.add_text(std::string{section}, name, "Docker Engine", 4'000,
                        [patient = collection.shared(), read](const Deadline& until) { return read(*patient, until); });
  };
  whole("project/networks.json", networks);
  whole("project/volumes.json", volumes);
}

}  // namespace doctor::bundle
