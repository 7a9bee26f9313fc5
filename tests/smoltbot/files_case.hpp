#pragma once

#include <string>
#include <vector>

#include "lab/check.hpp"
#include "lab/files.hpp"

namespace doctor::lab {

/// The project's source tree as an operator has it who filled in .env, and who wrote an override for what the shipped
/// compose file has wrong: deploy/docker with docker-compose.yml, docker-compose.override.yml and .env, and the
/// directories from which the image is built. Tests then change it. Nothing listens and no container exists.
class SmoltbotFiles {
 public:
  SmoltbotFiles();

  const Directory& directory() const { return directory_; }
  Secrets& secrets() { return secrets_; }

  /// Sets a variable of .env: replaces its line, or adds one.
  SmoltbotFiles& set(const std::string& name, const std::string& value);
  SmoltbotFiles& unset(const std::string& name);
  /// One more variable for a service in the override; an empty `value` makes it empty.
  SmoltbotFiles& give(const std::string& service, const std::string& name, const std::string& value);
  /// Lines of a service in the override, each indented as a key of the service.
  SmoltbotFiles& add(const std::string& service, const std::string& yaml);
  /// Replaces the only occurrence of a text in docker-compose.yml.
  SmoltbotFiles& edit_compose(const std::string& from, const std::string& to);

  /// Writes the override as it is now; check() does it, too.
  void save() const;

  /// `doctor check` with --allow-incomplete unless told otherwise: nothing runs here.
  Result check(Arguments arguments = {"--allow-incomplete"});

 private:
  struct Service {
    std::string name;
    std::string environment;
    std::string keys;
  };

  Service& service(const std::string& name);
  std::string override_file() const;

  Directory directory_{"smoltbot"};
  Secrets secrets_;
  std::vector<Service> services_{{"gateway", "", ""}, {"observer", "", ""}};
};

/// Files of the project that tests/smoltbot/project holds.
std::string smoltbot_file(const std::string& name);

}  // namespace doctor::lab
