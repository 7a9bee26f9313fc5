#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "doctor/format/config_files.hpp"
#include "doctor/format/nginx.hpp"

/// What a reverse proxy does with the requests that the services of a deployment need, whatever program it is.
namespace doctor::formats {

/// A path of a service that must get through, from its description.
struct ProxyWant {
  std::string service;
  std::string path;
  bool websocket = false;
  std::chrono::milliseconds idle{0};        ///< that a quiet websocket must be let live; 0: not known
  bool needed = true;                       ///< users are lost without it; false: it may stay with the proxy
  bool stream = false;                      ///< its answers come in pieces
  bool hidden = false;                      ///< it is not for the public
  std::chrono::milliseconds longest{0};     ///< that an answer of a stream may be silent; 0: not known
  std::chrono::milliseconds keep_alive{0};  ///< the service closes a connection that is idle for so long; 0: not known
};
/// The paths of all services. Of one that says what proxies must know (ServiceRule::proxy) only the streams and the
/// uploads are needed.
std::vector<ProxyWant> proxy_wants(const Deployment& deployment);

/// Whom a request is passed to.
enum class ProxyTarget {
  service,                 ///< the service that needs it
  wrong_port,              ///< an address of the service where it does not listen or is not published
  localhost_in_container,  ///< the proxy's own container
  elsewhere,               ///< somebody else
  nobody,                  ///< answered by the proxy itself
  unknown
};

struct ProxyRoute {
  ProxyWant want;
  Place place;  ///< of the location, site or router
  ProxyTarget target = ProxyTarget::unknown;
  std::string upstream;  ///< "127.0.0.1:8080"
  Place upstream_place;
  std::string arrives;  ///< the path that the service sees; empty: as it was asked, or not known
  int status = 0;       ///< when the proxy answers itself

  bool upgrade = true;                                 ///< a WebSocket request stays one
  std::string missing;                                 ///< what it lacks: "Upgrade and Connection headers", "HTTP/1.1"
  NginxValue<std::chrono::milliseconds> idle_timeout;  ///< 0: none
  NginxValue<std::uint64_t> body_limit;                ///< bytes; 0: none
  std::string body_limit_text;                         ///< as written: "110MB"
  bool body_limit_decimal = false;                     ///< written in powers of 1000
  NginxValue<std::string> auth_basic;                  ///< empty: none
  std::vector<std::string> headers_missing;            ///< X-Forwarded-For, X-Forwarded-Proto, Host

  NginxValue<bool> buffered;                             ///< an answer is collected before it is sent on
  NginxValue<std::chrono::milliseconds> answer_timeout;  ///< that an answer may be silent; 0: for ever
  NginxValue<std::chrono::milliseconds> reuse;  ///< how long a used connection to the service waits for the next
                                                ///< request; 0: none does, or the proxy copes with one that is closed
  bool guarded = false;                         ///< not everybody gets there: an access rule, or a local address only
};

/// Something about a proxy that is not about one path.
struct ProxyFault {
  std::string code;  ///< "network", "certresolver", "timeout"
  Place place;
  std::string detail;
  std::string service;
};

struct ProxyReading {
  Proxy proxy;
  bool ours = false;                     ///< it leads to a service of the deployment, or was named by the user
  std::optional<ConfigProblem> refused;  ///< the proxy would not start with its configuration
  std::vector<ConfigProblem> unseen;
  std::vector<ProxyRoute> routes;
  std::vector<ProxyFault> faults;
};

/// Reads the configuration of a proxy and follows every path that is wanted. Places are as shown to the user.
ProxyReading read_proxy(const Deployment& deployment, const Proxy& proxy, const ConfigFiles& files);

/// Where an address in the configuration of `proxy` leads, seen from `service`.
ProxyTarget leads_to(const Deployment& deployment, const Proxy& proxy, const Service& service,
                     const std::string& upstream);

/// The host of "host:port", "[::1]:80".
std::string host_of(const std::string& upstream);

}  // namespace doctor::formats
