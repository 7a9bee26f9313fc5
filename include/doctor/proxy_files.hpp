#pragma once

#include "doctor/check.hpp"
#include "doctor/format/config_files.hpp"

namespace doctor {

/// The files of a proxy's configuration, asked of the probes: through the mounts of its service, or on the host.
formats::ConfigFiles proxy_files(const Context& context, const Proxy& proxy);

/// A replay does not have the configuration of the proxy, so that nothing at all can be said of it.
bool lacks_recording(const Context& context, const Proxy& proxy);

}  // namespace doctor
