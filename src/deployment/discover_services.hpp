#pragma once

#include <map>
#include <string>
#include <vector>

#include "deployment/compose.hpp"
#include "deployment/data_source.hpp"
#include "deployment/discover.hpp"
#include "deployment/settings.hpp"

/// The services of a deployment, with their containers and processes.
namespace doctor::deployment {

/// What is found out about the running side.
struct Running {
  std::map<std::string, RunningEnvironment> environments;  ///< by service
  EngineView engine;
  std::vector<std::string> notes;  ///< what could not be seen, and why
};

/// The services of the compose file with the rules of the description. A described service that the file calls by
/// another name is known by its image, or by most of its settings.
std::vector<Service> compose_services(const ComposeProject& project, const SystemDescription& description);

/// Where bare processes are looked for: in `directory` only beside a compose file, else anywhere.
struct ProcessScope {
  std::string directory;
  bool beside_compose = false;
  const Dotenv* dotenv = nullptr;  ///< may say which role of a program the directory is for
};

/// Adds the described services that run as bare processes, and, when there is no compose file, those that could.
void add_processes(std::vector<Service>& services, const SystemDescription& description, const Sources& sources,
                   const ProcessScope& scope, Running& running);

/// Asks the Engine for the containers of the project.
void add_containers(std::vector<Service>& services, const std::string& project, const Sources& sources,
                    Running& running);

/// Says for each service where a probe for it stands, or why nowhere.
void find_vantages(std::vector<Service>& services, const Sources& sources, const EngineView& engine);

/// The bare processes of a service. Below `directory` by their program or working directory first; all of them when
/// `anywhere`.
std::vector<FoundProcess> bare_processes(const Sources& sources, const ServiceRule& rule, const std::string& directory,
                                         bool anywhere, std::vector<std::string>& notes);

}  // namespace doctor::deployment
