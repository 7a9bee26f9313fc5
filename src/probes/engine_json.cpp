#include "probes/engine_json.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>
#include <set>

#include <nlohmann/json.hpp>

#include "util/text.hpp"

namespace doctor::probes::engine_json {
namespace {

using Json = nlohmann::json;
constexpr int most_depth = 64;
constexpr std::size_t most_health_runs = 5;  // as many as Docker keeps
constexpr std::size_t longest_output = 400;
constexpr std::size_t longest_error = 400;

const Json& at(const Json& json, const char* key) {
  static const Json nothing;
  if (!json.is_object()) return nothing;
  const auto found = json.find(key);
  return found == json.end() ? nothing : *found;
}

std::string text(const Json& json, const char* key) {
  const auto& value = at(json, key);
  return value.is_null() ? std::string{} : value.get<std::string>();
}

std::uint64_t amount_of(double value) {
  return value > 0 && value < 1e18 ? static_cast<std::uint64_t>(value) : 0;
}

template <class Number>
Number number(const Json& json, const char* key) {
  const auto& value = at(json, key);
  return value.is_null() ? Number{} : value.get<Number>();
}

/// A count of bytes or periods: what is negative ("not computed") or absent is 0.
std::uint64_t amount(const Json& json, const char* key) {
  const auto& value = at(json, key);
  if (value.is_number_float()) return amount_of(value.get<double>());
  if (value.is_number_integer() && !value.is_number_unsigned()) return 0;
  return value.is_null() ? std::uint64_t{0} : value.get<std::uint64_t>();
}

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

bool flag(const Json& json, const char* key) {
  const auto& value = at(json, key);
  return !value.is_null() && value.get<bool>();
}

std::map<std::string, std::string> labels_of(const Json& json) {
  const auto& labels = at(json, "Labels");
  return labels.is_null() ? std::map<std::string, std::string>{} : labels.get<std::map<std::string, std::string>>();
}

std::string label(const std::map<std::string, std::string>& labels, const std::string& name) {
  const auto found = labels.find(name);
  return found == labels.end() ? std::string{} : found->second;
}

constexpr const char* project_label = "com.docker.compose.project";
constexpr const char* directory_label = "com.docker.compose.project.working_dir";

template <class Number>
Number parsed(std::string_view digits) {
  Number value{};
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// Keys are "8080/tcp".
std::vector<PublishedPort> ports_of(const Json& bindings) {
  std::vector<PublishedPort> ports;
  if (!bindings.is_object()) return ports;
  for (const auto& [key, list] : bindings.items()) {
    if (!list.is_array()) continue;  // exposed, not published
    const auto slash = key.find('/');
    for (const auto& binding : list) {
      PublishedPort port;
      port.address = text(binding, "HostIp");
      port.published = parsed<std::uint16_t>(text(binding, "HostPort"));
      port.target = parsed<std::uint16_t>(key.substr(0, slash));
      if (slash != std::string::npos) port.protocol = key.substr(slash + 1);
      ports.push_back(std::move(port));
    }
  }
  return ports;
}

std::vector<Mount> mounts_of(const Json& list) {
  std::vector<Mount> mounts;
  if (!list.is_array()) return mounts;
  for (const auto& item : list) {
    Mount mount;
    mount.kind = text(item, "Type");
    mount.source = mount.kind == "volume" ? text(item, "Name") : text(item, "Source");
    mount.target = text(item, "Destination");
    const auto& writable = at(item, "RW");
    mount.read_only = writable.is_boolean() && !writable.get<bool>();
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

/// Every value may be secret: only who knows the settings can tell.
std::map<std::string, Value> environment_of(const Json& list) {
  std::map<std::string, Value> environment;
  if (!list.is_array()) return environment;
  for (const auto& item : list) {
    const auto entry = item.get<std::string>();
    const auto equals = entry.find('=');
    if (equals == 0 || equals == std::string::npos) continue;
    environment.insert_or_assign(entry.substr(0, equals), Value::secret(entry.substr(equals + 1)));
  }
  return environment;
}

void take_networks(const Json& networks, EngineContainer& found) {
  if (!networks.is_object()) return;
  std::set<std::string> names;
  for (const auto& [name, network] : networks.items()) {
    if (auto address = text(network, "IPAddress"); !address.empty())
      found.container.addresses.emplace(name, std::move(address));
    for (const auto* key : {"Aliases", "DNSNames"})
      if (const auto& list = at(network, key); list.is_array())
        for (const auto& alias : list) names.insert(alias.get<std::string>());
  }
  found.aliases.assign(names.begin(), names.end());
}

void take_health(const Json& health, Container& container) {
  container.health = text(health, "Status");
  if (container.health == "none") container.health.clear();
  const auto& log = at(health, "Log");
  if (!log.is_array()) return;
  const auto first = log.size() > most_health_runs ? log.size() - most_health_runs : 0;
  for (auto i = first; i < log.size(); ++i)
    container.health_log.push_back(util::shown(util::trim(text(log[i], "Output")), longest_output));
}

void take_state(const Json& inspected, Container& container) {
  const auto& state = at(inspected, "State");
  container.status = text(state, "Status");
  container.exit_code = number<int>(state, "ExitCode");
  container.oom_killed = flag(state, "OOMKilled");
  container.pid = number<int>(state, "Pid");
  container.started = seconds_of(text(state, "StartedAt"));
  container.finished = seconds_of(text(state, "FinishedAt"));
  container.error = util::shown(text(state, "Error"), longest_error);
  container.created = seconds_of(text(inspected, "Created"));
  container.restarts = number<int>(inspected, "RestartCount");
  if (container.status == "stopped") container.status = "exited";                                 // Podman
  if (container.status == "configured") container.status = "created";                             // Podman
  take_health(at(state, at(state, "Health").is_object() ? "Health" : "Healthcheck"), container);  // the latter: Podman
}

void take_host_config(const Json& inspected, Container& container) {
  const auto& host = at(inspected, "HostConfig");
  container.memory_limit = amount(host, "Memory");
  container.restart_policy = text(at(host, "RestartPolicy"), "Name");
  container.log_driver = text(at(host, "LogConfig"), "Type");
  container.log_path = text(inspected, "LogPath");
}

/// What "+02:00" stands for, in seconds; 0 for "Z".
std::int64_t offset_of(std::string_view zone) {
  if (zone.size() < 6 || (zone[0] != '+' && zone[0] != '-')) return 0;
  const auto seconds = parsed<std::int64_t>(zone.substr(1, 2)) * 3600 + parsed<std::int64_t>(zone.substr(4, 2)) * 60;
  return zone[0] == '+' ? seconds : -seconds;
}

}  // namespace

Json parse(const std::string& bytes) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '[' || c == '{') && ++depth > most_depth) return Json(Json::value_t::discarded);
    if (!quoted && (c == ']' || c == '}')) --depth;
  }
  return Json::parse(bytes, nullptr, false);
}

EngineInfo info(const Json& json) {
  return {text(json, "DockerRootDir"), text(json, "Name"), text(json, "ServerVersion"), amount(json, "MemTotal")};
}

EngineContainer container(const Json& inspected) {
  const auto& config = at(inspected, "Config");
  EngineContainer found;
  auto& container = found.container;
  container.labels = labels_of(config);
  found.project = label(container.labels, project_label);
  found.service = label(container.labels, "com.docker.compose.service");
  found.directory = label(container.labels, directory_label);
  found.environment = environment_of(at(config, "Env"));
  found.network_mode = text(at(inspected, "HostConfig"), "NetworkMode");
  container.tty = flag(config, "Tty");
  container.image_id = text(inspected, "Image");
  container.id = text(inspected, "Id");
  container.name = text(inspected, "Name");
  if (container.name.starts_with('/')) container.name.erase(0, 1);
  container.image = text(config, "Image");
  container.user = text(config, "User");
  take_state(inspected, container);
  take_host_config(inspected, container);
  const auto& network = at(inspected, "NetworkSettings");
  container.ports = ports_of(at(network, "Ports"));
  container.mounts = mounts_of(at(inspected, "Mounts"));
  take_networks(at(network, "Networks"), found);
  return found;
}

EngineImage image(const Json& inspected) {
  const auto tagged = seconds_of(text(at(inspected, "Metadata"), "LastTagTime"));
  return {std::max(seconds_of(text(inspected, "Created")), tagged), environment_of(at(at(inspected, "Config"), "Env"))};
}

std::vector<EngineNetwork> networks(const Json& list) {
  std::vector<EngineNetwork> found;
  for (const auto& item : list) {
    const auto labels = labels_of(item);
    found.push_back({text(item, "Name"), label(labels, project_label), label(labels, "com.docker.compose.network"),
                     text(item, "Driver"), flag(item, "Internal")});
  }
  return found;
}

std::vector<EngineVolume> volumes(const Json& answer) {
  std::vector<EngineVolume> found;
  const auto& list = at(answer, "Volumes");
  if (!list.is_array()) return found;  // null when there is none
  for (const auto& item : list) {
    const auto labels = labels_of(item);
    found.push_back({text(item, "Name"), label(labels, project_label), label(labels, "com.docker.compose.volume"),
                     text(item, "Driver"), text(item, "Mountpoint"), seconds_of(text(item, "CreatedAt"))});
  }
  return found;
}

std::vector<EngineVolumeUser> volume_users(const Json& containers) {
  std::vector<EngineVolumeUser> users;
  for (const auto& item : containers) {
    const auto project = label(labels_of(item), project_label);
    const auto& names = at(item, "Names");
    auto name = names.is_array() && !names.empty() ? names.front().get<std::string>() : text(item, "Id").substr(0, 12);
    if (name.starts_with('/')) name.erase(0, 1);
    const auto& mounts = at(item, "Mounts");
    if (!mounts.is_array()) continue;
    for (const auto& mount : mounts)  // Podman lists bare paths, which say nothing of writing
      if (mount.is_object() && text(mount, "Type") == "volume" && flag(mount, "RW"))
        users.push_back({text(mount, "Name"), name, project});
  }
  return users;
}

ContainerUsageAnswer usage(const Json& stats) {
  const auto& memory = at(stats, "memory_stats");
  const auto& details = at(memory, "stats");
  const auto used = amount(memory, "usage");
  // The page cache that can be dropped at once: one name in cgroup v2, another in v1.
  const auto cache = std::max(amount(details, "inactive_file"), amount(details, "total_inactive_file"));
  const auto& throttling = at(at(stats, "cpu_stats"), "throttling_data");
  ContainerUsageAnswer answer;
  answer.memory = used > cache ? used - cache : used;
  answer.memory_limit = amount(memory, "limit");
  answer.throttled = amount(throttling, "throttled_periods");
  answer.periods = amount(throttling, "periods");
  return answer;
}

EngineUsageAnswer disk_usage(const Json& json) {
  EngineUsageAnswer answer;
  answer.images = amount(json, "LayersSize");
  for (const auto& item : at(json, "Containers")) answer.containers = sum(answer.containers, amount(item, "SizeRw"));
  for (const auto& item : at(json, "Volumes"))
    answer.volumes = sum(answer.volumes, amount(at(item, "UsageData"), "Size"));
  for (const auto& item : at(json, "BuildCache")) {
    if (flag(item, "Shared")) continue;  // its bytes belong to an image
    answer.build_cache = sum(answer.build_cache, amount(item, "Size"));
    if (!flag(item, "InUse")) answer.reclaimable = sum(answer.reclaimable, amount(item, "Size"));
  }
  for (const auto* key : {"BuildCacheUsage", "BuildCacheDiskUsage"}) {
    const auto& totals = at(json, key);
    if (!totals.is_object()) continue;
    answer.build_cache = amount(totals, "TotalSize");
    answer.reclaimable = amount(totals, "Reclaimable");
  }
  return answer;
}

std::vector<EngineProject> projects(const Json& containers) {
  std::map<std::string, std::string> known;
  for (const auto& item : containers) {
    const auto labels = labels_of(item);
    if (const auto name = label(labels, project_label); !name.empty())
      known.emplace(name, label(labels, directory_label));
  }
  std::vector<EngineProject> found;
  for (const auto& [name, directory] : known) found.push_back({name, directory});
  return found;
}

std::vector<std::string> ids(const Json& containers) {
  std::vector<std::string> found;
  for (const auto& item : containers)
    if (label(labels_of(item), "com.docker.compose.oneoff") != "True") found.push_back(text(item, "Id"));
  return found;
}

std::int64_t seconds_of(const std::string& time) {
  if (time.size() < 20 || time.starts_with("0001-")) return 0;
  std::tm parts{};
  const char* rest = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return 0;
  std::string_view zone{rest};
  if (zone.starts_with('.')) zone.remove_prefix(std::min(zone.find_first_not_of("0123456789", 1), zone.size()));
  return timegm(&parts) - offset_of(zone);
}

}  // namespace doctor::probes::engine_json
