#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "doctor/deadline.hpp"
#include "doctor/deployment.hpp"
#include "doctor/outcome.hpp"
#include "doctor/probe/engine.hpp"
#include "doctor/probe/history.hpp"
#include "probes/engine_logs.hpp"

namespace doctor::probes {

/// A container of a compose project as the Engine knows it.
struct EngineContainer {
  Container container;
  std::string project;                                   ///< com.docker.compose.project
  std::string service;                                   ///< com.docker.compose.service
  std::string directory;                                 ///< com.docker.compose.project.working_dir
  std::map<std::string, Value> environment;              ///< Config.Env, all secret: who knows the settings decides
  std::optional<std::map<std::string, Value>> of_image;  ///< the image's own Config.Env; nothing: not known
  std::vector<std::string> aliases;                      ///< further names on its networks
  std::string network_mode;
};

struct EngineImage {
  /// Seconds since 1970; 0: not known. A build that finds every layer in the cache makes an image of the old date and
  /// names it anew: the later of both times counts.
  std::int64_t created = 0;
  std::map<std::string, Value> environment;  ///< Config.Env, all secret
};

/// A running container that mounts a named volume and may write to it.
struct EngineVolumeUser {
  std::string volume;
  std::string container;
  std::string project;  ///< compose project; "" for a container of nobody's
};

struct EngineNetwork {
  std::string name;
  std::string project;  ///< label; "" for a network of nobody's
  std::string key;      ///< com.docker.compose.network: its name in the compose file
  std::string driver;
  bool internal = false;
};

struct EngineVolume {
  std::string name;
  std::string project;
  std::string key;  ///< com.docker.compose.volume
  std::string driver;
  std::string host_path;  ///< Mountpoint
  std::int64_t created = 0;
};

struct EngineInfo {
  std::string root;  ///< DockerRootDir
  std::string name;  ///< host name
  std::string version;
  std::uint64_t memory = 0;  ///< of its host, bytes; 0: not known
};

/// A compose project that the Engine has containers of.
struct EngineProject {
  std::string name;
  std::string directory;
};

/// The Docker Engine API, read only. Without a socket: not_found; without the right to it: permission_denied.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Outcome<EngineInfo> info(const Deadline& deadline) = 0;
  virtual Outcome<std::vector<EngineProject>> projects(const Deadline& deadline) = 0;
  /// All containers of a project, stopped ones too, sorted by name; at most 200. One-off containers (`run`) are left
  /// out. What their images say is added; an image that cannot be asked for leaves it empty.
  virtual Outcome<std::vector<EngineContainer>> containers(const std::string& project, const Deadline& deadline) = 0;
  virtual Outcome<std::vector<EngineNetwork>> networks(const Deadline& deadline) = 0;
  virtual Outcome<std::vector<EngineVolume>> volumes(const Deadline& deadline) = 0;
  virtual Outcome<std::vector<EngineVolumeUser>> volume_users(const Deadline& deadline) = 0;
  /// What a running container uses. not_found: there is none of that name, it does not run, or nobody measures it.
  virtual Outcome<ContainerUsageAnswer> usage(const std::string& container, const Deadline& deadline) = 0;
  /// From API 1.42 on only the build cache is asked for, since counting the rest walks through every volume: the other
  /// figures are 0 then.
  virtual Outcome<EngineUsageAnswer> disk_usage(const Deadline& deadline) = 0;
  /// What happened to the containers of a project between two times (seconds since 1970), the newest 2,000. The Engine
  /// keeps its last events only, those of health checks among them.
  virtual Outcome<std::vector<PastEvent>> events(const std::string& project, std::int64_t since, std::int64_t until,
                                                 const Deadline& deadline) = 0;
  /// The answer to a GET below the API's version as it stands, "/containers/ID/json": JSON, in which environment and
  /// command lines may hold secrets. The path is used as it is.
  virtual Outcome<std::string> raw(const std::string& path, const Deadline& deadline) = 0;
  /// See engine_logs.
  virtual Outcome<bool> logs(const EngineLogRequest& request, const logs::LogRecordSink& sink,
                             const Deadline& deadline) = 0;

 protected:
  Engine() = default;
  Engine(const Engine&) = default;
  Engine& operator=(const Engine&) = default;
};

/// `docker_host` as in DOCKER_HOST: unix:///path, tcp://address:port, or "" for /var/run/docker.sock. Only GET; 16 MB
/// and depth 64 of answer; 3 s to connect, 5 s for one answer. The API version is the server's own. Any other scheme
/// answers every question with not_found and says why. Needs a process that has not called curl_global_cleanup.
std::unique_ptr<Engine> make_engine(const std::string& docker_host);

}  // namespace doctor::probes
