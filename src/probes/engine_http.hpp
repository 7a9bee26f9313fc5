#pragma once

#include <string>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"

namespace doctor::probes {

/// Where an Engine listens, taken from DOCKER_HOST.
struct EngineAddress {
  std::string socket;   ///< path of a Unix socket; empty: TCP
  std::string base;     ///< "http://localhost", "http://10.0.0.5:2375"
  std::string shown;    ///< "unix:///var/run/docker.sock"
  std::string problem;  ///< why it cannot be asked; empty: it can
};
EngineAddress engine_address(const std::string& docker_host);

struct EngineReply {
  long status = 0;
  std::string body;
  std::string api_version;  ///< header Api-Version
};

/// One GET, 16 MB of answer at most. An HTTP status is an answer; `path` begins with "/".
Outcome<EngineReply> engine_get(const EngineAddress& address, const std::string& path, const Deadline& deadline);

}  // namespace doctor::probes
