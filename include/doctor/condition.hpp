#pragma once

#include <optional>
#include <string>

#include "doctor/deployment.hpp"

namespace doctor {

/// Whether a condition on a setting of `service` holds. The value that counts is what the process has, else what the
/// files would give it. The setting's fallback counts when there is none, and when the setting lists its allowed values
/// (compared without case) and this is not among them. Nothing: the value is secret, so nobody can tell here.
std::optional<bool> holds(const SettingCondition& condition, const Deployment& deployment, const std::string& service);

/// The value by which that is decided; nothing when it is secret.
std::optional<std::string> deciding_value(const SettingCondition& condition, const Deployment& deployment,
                                          const std::string& service);

}  // namespace doctor
