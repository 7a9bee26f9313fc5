#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deployment/compose.hpp"

/// Every variable of every service, with the chain of places its value came from.
namespace doctor::deployment {

/// The pseudo-service of the variables that only the compose file reads, and of the names in .env that nothing reads.
inline constexpr const char* compose_service = "compose";

/// The environment that a container or process really has. Holds secrets.
struct RunningEnvironment {
  std::string kind;   ///< "container", "process"
  std::string where;  ///< "container chatalot-server", "process 4711"
  Environment values;
  std::string image;                    ///< name of the image, "" for a process
  std::optional<Environment> of_image;  ///< the image's own defaults, when known
  bool only_known = false;              ///< of the values, only those that somebody describes or writes are settings
};

/// --set [SERVICE.]NAME=VALUE; an empty service means every service that has the variable.
struct Override {
  std::string service;
  std::string name;
  std::string value;
};

struct SettingSources {
  const ComposeProject* compose = nullptr;  ///< nullptr: there is no compose file
  const Dotenv* dotenv = nullptr;           ///< never nullptr
  const Environment* shell = nullptr;       ///< never nullptr
  const SystemDescription* description = nullptr;
  const std::vector<Service>* services = nullptr;
  std::map<std::string, RunningEnvironment> running;  ///< by service
  std::vector<Override> overrides;
};

/// The settings of all enabled services in their order (described ones first, in the order of the description), then
/// those of the pseudo-service "compose". Without a compose file the names in .env belong to the first service.
/// Of the variables that no description knows at most 1,000 of each service are looked at. An empty value is never a
/// secret Value, whatever its rule says.
std::vector<Setting> build_settings(const SettingSources& sources);

/// Gives every setting that is meant another value, in the files and in what runs; adds one when there is none. The
/// value is kept secret when the setting is, or when it looks like one.
void apply_override(std::vector<Setting>& settings, const Override& change, const std::vector<Service>& services);

/// Gives one setting another value, likewise.
void override_setting(Setting& setting, const std::string& text);

/// What a service is to `description`, run as `mode` ("compose" or "process"): its rules whose `when` holds there. A
/// rule that holds only elsewhere is reduced to its role, form and secrecy.
std::vector<SettingRule> rules_in(const std::vector<SettingRule>& rules, const std::string& mode);

}  // namespace doctor::deployment
