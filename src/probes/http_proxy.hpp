#pragma once

#include <cstdint>
#include <string>

#include "probes/transport.hpp"

/// The way through an HTTP proxy (RFC 9110, sections 7.6 and 9.3.6). Every failure on this way has the phase "proxy",
/// so that it is not taken for one of the target.
namespace doctor::probes {

/// Where something is to be found behind a proxy.
struct Detour {
  std::string proxy;  ///< "host:port"; empty: there is none, and the way is direct
  std::string host;
  std::uint16_t port = 0;
  bool tunnel = true;  ///< CONNECT; false: connect to the proxy and leave the rest to the caller
};

/// Connects to `host`:`port`, through the proxy if there is one. A proxy that answers CONNECT with anything but 2xx
/// fails as auth_rejected (403, 407) or unreachable, with the status as code; one that says something else than HTTP as
/// protocol_error. `address` of a connection through a proxy is the proxy's. The proxy gets 5 s for its answer.
Outcome<Connection> dial_through(Resolver& resolver, const Detour& detour, const Deadline& deadline);

}  // namespace doctor::probes
