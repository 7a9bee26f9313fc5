#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

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

/// Where the body of an answer goes that may be too long to keep.
struct EngineSink {
  std::uint64_t most = 0;                            ///< bytes; what is behind them is not read
  std::function<bool(std::string_view bytes)> take;  ///< false: no more
};
struct EngineStreamed {
  long status = 0;
  bool complete = true;  ///< false: it was longer than `most`
};
/// One GET whose body is handed over as it comes when the status is 200, and left out otherwise.
Outcome<EngineStreamed> engine_stream(const EngineAddress& address, const std::string& path, const EngineSink& sink,
                                      const Deadline& deadline);

}  // namespace doctor::probes
