#pragma once

#include <string>

#include "lab/command.hpp"
#include "lab/files_case.hpp"

/// A Docker Engine of this test program, and deployments in it.
namespace doctor::lab {

/// Docker Compose: $DOCTOR_TEST_COMPOSE, else what tests/support/get-compose.sh puts into the cache.
std::string compose_program();

/// What an Engine with Compose needs and this machine lacks; empty: nothing.
std::string missing_for_engine();

/// A Docker Engine in a throwaway directory, with the images doctor-test/chatalot, postgres (17), redis, nginx and
/// caddy. When it is destroyed, or this process dies, its containers and networks are removed, then the Engine and the
/// directory.
class DockerEngine {
 public:
  DockerEngine();  ///< throws std::runtime_error with the Engine's log when it does not come up
  DockerEngine(const DockerEngine&) = delete;
  DockerEngine& operator=(const DockerEngine&) = delete;
  ~DockerEngine();

  std::string host() const { return "unix://" + directory_ + "/docker.sock"; }  ///< for DOCKER_HOST
  std::string data() const { return directory_ + "/data"; }                     ///< its data root
  std::string docker(Arguments arguments) const;                                ///< throws unless it exits 0
  std::string log() const;  ///< each call of its API is a line: "Calling GET /_ping"

 private:
  void start();
  void make_images() const;
  void derive(const std::string& name, const std::string& user, const Arguments& command) const;
  std::string watchdog() const;

  std::string directory_;
};

/// The one of this program.
DockerEngine& shared_engine();

/// Chatalot as its compose file deploys it, in containers of the shared Engine: the same file with an override that
/// names the images. Containers, networks and volumes are removed at the end.
class DockerStack {
 public:
  explicit DockerStack(DockerEngine& engine = shared_engine());
  DockerStack(const DockerStack&) = delete;
  DockerStack& operator=(const DockerStack&) = delete;
  ~DockerStack();

  FilesCase& files() { return files_; }
  const Directory& directory() const { return files_.directory(); }
  DockerEngine& engine() { return engine_; }

  /// The override file, with more YAML behind it for each service ("    user: '1'\n") and at the end.
  DockerStack& change(const std::string& chatalot, const std::string& postgres = {}, const std::string& end = {});

  CommandResult compose(Arguments arguments, const std::string& directory = {}) const;
  DockerStack& up();                               ///< returns when the server listens; throws when it does not
  DockerStack& up_as(const std::string& project);  ///< the same with `-p`
  DockerStack& up_anyway();                        ///< returns when compose does, whatever came of it

  std::string container(const std::string& service) const;  ///< its name
  std::string inspect(const std::string& service, const std::string& format) const;
  std::string volume_path(const std::string& name) const;  ///< on the host

  /// Doctor with DOCKER_HOST, as root or as another user. It must not send the Engine anything but GET.
  Result check(const Arguments& arguments = {}, std::optional<std::uint32_t> uid = {});
  CommandResult doctor(Arguments arguments, std::optional<std::uint32_t> uid = {}) const;
  CommandOptions options() const;  ///< what a command needs to speak to the Engine

 private:
  void wait_for_server() const;

  DockerEngine& engine_;
  FilesCase files_;
};

}  // namespace doctor::lab
