#pragma once

#include "doctor/check.hpp"
#include "doctor/format/config_files.hpp"

namespace doctor {

/// The files of a proxy's configuration, asked of the probes: through the mounts of its service, or on the host.
formats::ConfigFiles proxy_files(const Context& context, const Proxy& proxy);

}  // namespace doctor
