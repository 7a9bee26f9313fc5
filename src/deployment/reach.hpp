#pragma once

#include <string>

#include "deployment/compose.hpp"

/// How far a value written in .env gets.
namespace doctor::deployment {

/// Whether editing `name` in the .env file shown as `env_file` changes what the service gets as `name`. `variable` is
/// what the compose project gives the service under that name; nullptr: nothing.
Reach reach_of(const ServiceVariable* variable, const std::string& name, const std::string& env_file);

/// The same for a variable that only the compose file reads: passed when an enabled part of the project uses it.
/// Unknown when no service could be read, or only a service uses it whose profile is not active.
Reach reach_in_compose(const ComposeProject& project, const std::string& name);

/// The first place of an enabled part of the project that uses the variable, or nullptr.
const VariableUse* first_use(const ComposeProject& project, const std::string& name);

/// Whether the use stands in an enabled service, or outside of all services.
bool in_force(const ComposeProject& project, const VariableUse& use);

}  // namespace doctor::deployment
