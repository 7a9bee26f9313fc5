#include "probes/engine.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>

#include <nlohmann/json.hpp>

#include "probes/engine_http.hpp"
#include "probes/engine_json.hpp"
#include "probes/files_failure.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_containers = 200;

/// What an operator can do about a status; the body is text from outside and stays out.
Failed status_failure(long status) {
  const auto code = "HTTP " + std::to_string(status);
  if (status == 404) return failed(FailureKind::not_found, code, "the Docker Engine does not know it");
  if (status == 401 || status == 403)
    return failed(FailureKind::permission_denied, code, "the Docker Engine refuses doctor");
  return failed(FailureKind::protocol_error, code, "the Docker Engine answered with an error");
}

Failed nonsense() {
  return failed(FailureKind::protocol_error, "", "the answer is not that of a Docker Engine");
}

/// Query values of the Engine API are JSON, percent-encoded.
std::string encoded(const std::string& text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (plain)
      out += c;
    else
      out += {'%', digits[byte >> 4U], digits[byte & 0xFU]};
  }
  return out;
}

bool is_version(const std::string& text) {
  return !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789.") == std::string::npos;
}

bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// "sha256:2c26..."; Podman leaves the algorithm out.
bool is_image_id(const std::string& text) {
  constexpr std::string_view algorithm = "sha256:";
  return is_id(text.starts_with(algorithm) ? text.substr(algorithm.size()) : text);
}

bool is_name(const std::string& text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !text.empty() && text.size() <= 255 && text.front() != '.' &&
         text.find_first_not_of(allowed) == std::string::npos;
}

/// Whether the API of `path` ("/v1.43") has what came with 1.`minor`.
bool at_least(const std::string& path, int minor) {
  const auto dot = path.find('.');
  if (dot == std::string::npos || !path.starts_with("/v1")) return !path.starts_with("/v1");
  int found = 0;
  std::from_chars(path.data() + dot + 1, path.data() + path.size(), found);
  return found >= minor;
}

class HttpEngine final : public Engine {
 public:
  explicit HttpEngine(EngineAddress address) : address_{std::move(address)} {}

  Outcome<EngineInfo> info(const Deadline& deadline) override {
    return read<EngineInfo>("/info", deadline, &Json::is_object, engine_json::info);
  }

  Outcome<std::vector<EngineProject>> projects(const Deadline& deadline) override {
    return read<std::vector<EngineProject>>(list_path("com.docker.compose.project"), deadline, &Json::is_array,
                                            engine_json::projects);
  }

  Outcome<std::vector<EngineNetwork>> networks(const Deadline& deadline) override {
    return read<std::vector<EngineNetwork>>("/networks", deadline, &Json::is_array, engine_json::networks);
  }

  Outcome<std::vector<EngineVolume>> volumes(const Deadline& deadline) override {
    return read<std::vector<EngineVolume>>("/volumes", deadline, &Json::is_object, engine_json::volumes);
  }

  Outcome<std::vector<EngineContainer>> containers(const std::string& project, const Deadline& deadline) override {
    const auto ids = read<std::vector<std::string>>(list_path("com.docker.compose.project=" + project), deadline,
                                                    &Json::is_array, engine_json::ids);
    if (!ids) return Failed{ids.error()};
    std::vector<EngineContainer> found;
    for (const auto& id : *ids) {
      if (!is_id(id)) return nonsense();
      if (found.size() == most_containers) break;
      auto one =
          read<EngineContainer>("/containers/" + id + "/json", deadline, &Json::is_object, engine_json::container);
      if (!one && one.error().kind == FailureKind::not_found) continue;  // removed since it was listed
      if (!one) return Failed{one.error()};
      add_image(*one, deadline);
      found.push_back(std::move(*one));
    }
    std::sort(found.begin(), found.end(),
              [](const EngineContainer& a, const EngineContainer& b) { return a.container.name < b.container.name; });
    return found;
  }

  Outcome<std::vector<EngineVolumeUser>> volume_users(const Deadline& deadline) override {
    const Json filters{{"status", {"running"}}};
    return read<std::vector<EngineVolumeUser>>("/containers/json?filters=" + encoded(filters.dump()), deadline,
                                               &Json::is_array, engine_json::volume_users);
  }

  Outcome<ContainerUsageAnswer> usage(const std::string& container, const Deadline& deadline) override {
    if (!is_name(container)) return failed(FailureKind::not_found, "", "there is no container of that name");
    auto answer = read<ContainerUsageAnswer>("/containers/" + container + "/stats?stream=false&one-shot=true", deadline,
                                             &Json::is_object, engine_json::usage);
    if (!answer) return answer;
    if (answer->memory == 0) return failed(FailureKind::not_found, "", "nobody measures what the container uses");
    // Without a limit of its own a container has that of the host, or what the kernel takes for infinite.
    const auto host = info(deadline);
    if (host && host->memory > 0 && answer->memory_limit >= host->memory) answer->memory_limit = 0;
    return answer;
  }

  Outcome<EngineUsageAnswer> disk_usage(const Deadline& deadline) override {
    const auto version = negotiated(deadline);
    if (!version) return Failed{version.error()};
    return read<EngineUsageAnswer>(at_least(*version, 42) ? "/system/df?type=build-cache" : "/system/df", deadline,
                                   &Json::is_object, engine_json::disk_usage);
  }

  Outcome<std::vector<PastEvent>> events(const std::string& project, std::int64_t since, std::int64_t until,
                                         const Deadline& deadline) override {
    const Json filters{{"type", {"container"}},
                       {"label", {"com.docker.compose.project=" + project}},
                       {"event", {"create", "start", "die", "oom", "kill", "stop", "destroy", "health_status"}}};
    const auto version = negotiated(deadline);
    if (!version) return Failed{version.error()};
    const auto reply =
        engine_get(address_,
                   *version + "/events?since=" + std::to_string(since) + "&until=" + std::to_string(until) +
                       "&filters=" + encoded(filters.dump(-1, ' ', false, Json::error_handler_t::replace)),
                   deadline);
    if (!reply) return Failed{reply.error()};
    if (reply->status != 200) return status_failure(reply->status);
    return engine_json::events(reply->body);
  }

  Outcome<std::string> raw(const std::string& path, const Deadline& deadline) override {
    const auto version = negotiated(deadline);
    if (!version) return Failed{version.error()};
    auto reply = engine_get(address_, *version + path, deadline);
    if (!reply) return Failed{std::move(reply.error())};
    if (reply->status != 200) return status_failure(reply->status);
    return std::move(reply->body);
  }

  Outcome<bool> logs(const EngineLogRequest& request, const logs::LogRecordSink& sink,
                     const Deadline& deadline) override {
    if (!is_id(request.id)) return failed(FailureKind::not_found, "", "there is no such container");
    const auto version = negotiated(deadline);
    if (!version) return Failed{version.error()};
    return engine_logs(address_, *version, request, sink, deadline);
  }

 private:
  /// Many containers share an image, which is asked for once.
  void add_image(EngineContainer& container, const Deadline& deadline) {
    const auto& id = container.container.image_id;
    if (!is_image_id(id)) return;
    auto image = image_of(id, deadline);
    if (!image) return;
    container.container.image_created = image->created;
    container.of_image = std::move(image->environment);
  }

  std::optional<EngineImage> image_of(const std::string& id, const Deadline& deadline) {
    {
      const std::lock_guard lock{mutex_};
      if (const auto known = images_.find(id); known != images_.end()) return known->second;
    }
    auto image = read<EngineImage>("/images/" + id + "/json", deadline, &Json::is_object, engine_json::image);
    if (!image) return std::nullopt;
    const std::lock_guard lock{mutex_};
    return images_.emplace(id, std::move(*image)).first->second;
  }

  static std::string list_path(const std::string& label) {
    const Json filters{{"label", {label}}};
    return "/containers/json?all=1&filters=" + encoded(filters.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  template <class T>
  Outcome<T> read(const std::string& path, const Deadline& deadline, bool (Json::*shape)() const noexcept,
                  T (*convert)(const Json&)) {
    const auto version = negotiated(deadline);
    if (!version) return Failed{version.error()};
    const auto reply = engine_get(address_, *version + path, deadline);
    if (!reply) return Failed{reply.error()};
    if (reply->status != 200) return status_failure(reply->status);
    const auto json = engine_json::parse(reply->body);
    if (!(json.*shape)()) return nonsense();
    try {
      return convert(json);
    } catch (const Json::exception&) {  // its text carries the answer
      return nonsense();
    }
  }

  /// "/v1.43", the server's own version, asked for once.
  Outcome<std::string> negotiated(const Deadline& deadline) {
    const std::lock_guard lock{mutex_};
    if (!version_.empty()) return version_;
    const auto reply = engine_get(address_, "/_ping", deadline);
    if (!reply) return Failed{reply.error()};
    if (reply->status != 200) return status_failure(reply->status);
    if (!is_version(reply->api_version)) return nonsense();
    version_ = "/v" + reply->api_version;
    return version_;
  }

  EngineAddress address_;
  std::mutex mutex_;
  std::string version_;
  std::map<std::string, EngineImage> images_;  ///< by id
};

}  // namespace

std::unique_ptr<Engine> make_engine(const std::string& docker_host) {
  return std::make_unique<HttpEngine>(engine_address(docker_host));
}

}  // namespace doctor::probes
