#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "bundle/collect_values.hpp"

namespace doctor::bundle {

/// An answer of the Docker Engine without the values of environments (see Values::shown), of options on command lines
/// and of keys that are called like secrets.
nlohmann::json shown_inspect(const nlohmann::json& answer, const Values& values);

/// As it is written into a bundle, indented.
std::string document(const nlohmann::json& json);

}  // namespace doctor::bundle
