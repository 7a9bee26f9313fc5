#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "doctor/deployment.hpp"
#include "doctor/finding.hpp"

namespace doctor::diagnosis {

/// Placeholder -> value, for one finding on this deployment.
using Names = std::map<std::string, std::string>;

/// The fixed names ({project}, {service}, {container}, {env_file}, ...) and the evidence of the finding; of a key that
/// occurs more than once, the first.
Names names_for(const Deployment& deployment, const std::string& subject, const std::vector<Evidence>& evidence);

enum class Quoting { none, shell };

/// `text` with its {placeholders} replaced; `{{` and `}}` are braces. Nothing when one has no value.
std::optional<std::string> fill(std::string_view text, const Names& names, Quoting quoting);

/// The same for prose: a placeholder without a value stays visible as <name>.
std::string fill_prose(std::string_view text, const Names& names);

}  // namespace doctor::diagnosis
