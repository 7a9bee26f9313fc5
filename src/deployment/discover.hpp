#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "deployment/compose.hpp"
#include "doctor/deployment.hpp"
#include "doctor/outcome.hpp"

/// Finds out what is deployed in a directory: reads .env and the compose files, asks the Docker Engine and /proc
/// through narrow functions, and puts the Deployment together.
namespace doctor::deployment {

/// A container of a project, as the Docker Engine describes it.
struct FoundContainer {
  Container container;
  std::string service;                  ///< label com.docker.compose.service
  Environment environment;              ///< Config.Env. Holds secrets
  std::optional<Environment> of_image;  ///< the image's own Config.Env, when known
  std::vector<std::string> names;       ///< further names on its networks: aliases
};

/// A process whose program has the wanted file name.
struct FoundProcess {
  Process process;
  std::string container;                 ///< id of the container that it runs in; "" for a bare process
  Outcome<Environment> environment;      ///< from /proc/PID/environ. Holds secrets
  std::vector<std::string> arguments{};  ///< of its command line, without the first. May hold secrets
};

/// A volume of the Engine, of whatever project.
struct FoundVolume {
  std::string real_name;  ///< "chatalot_postgres_data"
  std::string project;    ///< label com.docker.compose.project; may be empty
  std::string name;       ///< label com.docker.compose.volume; may be empty
  std::int64_t created = 0;
  std::string host_path;  ///< Mountpoint
};

/// A running container that may write to a named volume.
struct FoundVolumeUser {
  std::string volume;     ///< its real name
  std::string container;  ///< name
  std::string project;    ///< "" for a container of no compose project
};

/// A compose project that the Engine has containers of.
struct FoundProject {
  std::string name;
  std::string directory;  ///< label com.docker.compose.project.working_dir
};

/// The world as far as discovery needs it. A function that is empty is not asked. Bounds and deadlines are the
/// callee's; a failure's texts are safe to print.
struct Sources {
  FileReader read;  ///< required
  /// What stands at an absolute path: "file", "directory", ..., "missing", or "" when it cannot be told. Required.
  std::function<std::string(const std::string& path)> kind;
  /// The names of the regular files directly in a directory (absolute path), sorted.
  std::function<Outcome<std::vector<std::string>>(const std::string& directory)> list;
  std::function<Outcome<std::vector<FoundProject>>()> projects;
  std::function<Outcome<std::vector<FoundContainer>>(const std::string& project)> containers;
  std::function<Outcome<std::vector<FoundProcess>>(const std::string& exe)> processes;  ///< by file name of the program
  std::function<Outcome<std::vector<std::string>>()> networks;                          ///< names of all networks
  std::function<Outcome<std::vector<FoundVolume>>()> volumes;
  std::function<Outcome<std::vector<FoundVolumeUser>>()> volume_users;
  std::function<Outcome<std::string>()> docker_root;
  /// Why doctor cannot stand in the network of this running container: a short phrase; "" when it can.
  std::function<std::string(const Container& container)> why_not_enter;
};

struct DiscoverOptions {
  std::string directory;                   ///< absolute; paths of files below are absolute or relative to it
  std::vector<std::string> env_files;      ///< --env-file, in order; empty: ".env" if there is one
  std::vector<std::string> compose_files;  ///< --compose-file or COMPOSE_FILE
  std::string project_name;                ///< --project-name or COMPOSE_PROJECT_NAME
  std::vector<std::string> profiles;       ///< --profile or COMPOSE_PROFILES
  std::string system;                      ///< --system: no recognition
  std::vector<std::string> set;            ///< --set [SERVICE.]NAME=VALUE
  std::vector<std::string> urls;           ///< --url URL or SERVICE=URL
  std::vector<std::string> proxy_configs;  ///< --proxy-config, and `proxy` of doctor.yaml
  bool env_from_process = false;           ///< doctor's own environment is the service's
  bool offline = false;                    ///< --offline: see Deployment::offline
  bool deep = false;                       ///< --deep: see Deployment::deep
  Environment shell;                       ///< doctor's own environment
};

/// Why there is nothing to examine: wrong usage, exit code 2. The message is complete and safe to print.
struct CannotStart {
  std::string message;
};

using Discovery = tl::expected<std::shared_ptr<const Deployment>, CannotStart>;

/// `candidates` are the system descriptions to recognise the application by. Never throws on anything that a file, the
/// Engine or a process may hold.
Discovery discover(const DiscoverOptions& options, const Sources& sources,
                   const std::vector<SystemDescription>& candidates);

}  // namespace doctor::deployment
