#pragma once

#include "doctor/format/nginx.hpp"

namespace doctor::formats::nginx {

/// Whether something in force in a location (or server) may keep a client away from it: `deny`, a login, `internal`,
/// client certificates, an `if` that refuses. What cannot be judged counts as a rule.
bool guarded(const NginxConfig& config, int scope);

}  // namespace doctor::formats::nginx
