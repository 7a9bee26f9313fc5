#pragma once

#include <set>
#include <string>

#include "deployment/settings.hpp"

namespace doctor::deployment {

/// The variables of .env, the shell and the compose file whose values are secret: by a description, by name, by value,
/// because a secret is built into them, or because they are the secret part of something else.
std::set<std::string> secret_variables(const SettingSources& sources);

/// Whether one of the variables interpolated into `variable` is secret.
bool built_from_secret(const ServiceVariable& variable, const std::set<std::string>& secrets);

}  // namespace doctor::deployment
