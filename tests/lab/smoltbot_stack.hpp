#pragma once

#include <optional>
#include <string>

#include "lab/docker_engine.hpp"
#include "smoltbot/files_case.hpp"

namespace doctor::lab {

/// smoltbot as its compose file deploys it, in containers of the shared Engine: the same files with an override that
/// names the lab's images, and a REST front end (`rest`). Without a licence, so that nothing outside is ever called.
/// Containers, networks and volumes are removed at the end.
class SmoltbotStack {
 public:
  /// `observer`: lines of the override for that service.
  explicit SmoltbotStack(const std::string& observer = "healthcheck: {disable: true}\n",
                         DockerEngine& engine = shared_engine());
  SmoltbotStack(const SmoltbotStack&) = delete;
  SmoltbotStack& operator=(const SmoltbotStack&) = delete;
  ~SmoltbotStack();

  SmoltbotFiles& files() { return files_; }
  DockerEngine& engine() { return engine_; }

  CommandResult compose(Arguments arguments) const;
  SmoltbotStack& up();         ///< returns when gateway and observer are started up; throws when they are not
  SmoltbotStack& up_anyway();  ///< returns when compose does, whatever came of it
  /// Starts one service anew as the files are now, and nothing else.
  SmoltbotStack& replace(const std::string& service);

  std::string container(const std::string& service) const;  ///< its name
  std::string inspect(const std::string& service, const std::string& format) const;
  std::string logs(const std::string& service) const;
  /// Waits until inspect() says so, or the number there is at least so high; fails the test when it does not.
  void expect_state(const std::string& service, const std::string& format, const std::string& wanted) const;
  void expect_restarts(const std::string& service, int least) const;

  /// Doctor as root, offline: the networks here lead nowhere.
  Result check(Arguments arguments = {});

 private:
  CommandOptions options() const;
  void add_migrations() const;

  DockerEngine& engine_;
  SmoltbotFiles files_;
  std::string password_;
};

}  // namespace doctor::lab
