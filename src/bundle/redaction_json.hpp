#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bundle/manifest.hpp"

namespace doctor::bundle {

inline constexpr std::string_view redaction_name = "redaction.json";

/// What was redacted where: {"schema": "doctor-redaction/v1", "total": N, "replaced": {NAME: N}, "members": {PATH:
/// {NAME: N}}}.
std::string redaction_json(const std::vector<MemberInfo>& members);

}  // namespace doctor::bundle
