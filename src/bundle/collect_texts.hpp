#pragma once

#include <string>
#include <string_view>

#include "bundle/collect_values.hpp"

/// Configuration files as they stand in a bundle. Every line stays where it is, so that places in findings still fit.
namespace doctor::bundle {

/// A .env file: of each value what Values::shown leaves of it, in comments too. A line that is no statement is
/// replaced as a whole.
std::string shown_env_file(std::string_view text, const Values& values);

/// YAML by its lines: values beside names that are secret, and what a Secret of Kubernetes holds, are replaced;
/// references such as ${DB_PASSWORD} stay.
std::string shown_yaml(std::string_view text, const Values& values);

}  // namespace doctor::bundle
