#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "doctor/deadline.hpp"
#include "doctor/deployment.hpp"
#include "doctor/outcome.hpp"

namespace doctor::probes {

/// A container of a compose project as the Engine knows it.
struct EngineContainer {
  Container container;
  std::string project;    ///< com.docker.compose.project
  std::string service;    ///< com.docker.compose.service
  std::string directory;  ///< com.docker.compose.project.working_dir
  std::map<std::string, std::string> labels;
  std::map<std::string, Value> environment;  ///< Config.Env, all secret: who knows the settings decides
  std::vector<std::string> aliases;          ///< further names on its networks
  std::string image_id;
  bool tty = false;
  std::string network_mode;
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
  /// out.
  virtual Outcome<std::vector<EngineContainer>> containers(const std::string& project, const Deadline& deadline) = 0;
  virtual Outcome<std::vector<EngineNetwork>> networks(const Deadline& deadline) = 0;
  virtual Outcome<std::vector<EngineVolume>> volumes(const Deadline& deadline) = 0;

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
