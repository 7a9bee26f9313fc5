#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "doctor/deployment.hpp"

/// Which settings the check looks at, and what process has them. Pure: reads the deployment only.
namespace doctor::checks::env_scope {

/// The service that owns a setting, as far as this check needs it.
struct Owner {
  bool judged = true;        ///< false: the service does not run by choice, or its rule holds elsewhere
  bool bare = false;         ///< a process without a container
  bool runs = false;         ///< its environment is known
  std::string process;       ///< "container app-web-1", "process 4711"; empty when nothing runs
  std::int64_t started = 0;  ///< seconds since 1970
};

/// Judged is false for a service that is switched off, for a rule of another kind of deployment (`when`), and for a
/// variable of .env whose readers are all switched off by their profile.
Owner owner_of(const Setting& setting, const Deployment& deployment);

/// The settings of the deployment, and those that a description asks for and nothing mentions.
std::vector<Setting> all_settings(const Deployment& deployment);

}  // namespace doctor::checks::env_scope
