#pragma once

#include <cstdint>
#include <string>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"
#include "logs/docker.hpp"
#include "probes/engine_http.hpp"

namespace doctor::probes {

struct EngineLogRequest {
  std::string id;          ///< of the container
  bool tty = false;        ///< it has a terminal: its log is one stream without frames
  std::int64_t since = 0;  ///< seconds since 1970
  std::uint64_t lines = 20'000;
};

/// Hands the newest lines to `sink`, oldest first; `api` is "/v1.43". True: that was all of them; false: there were
/// more than 64 MB, or as many lines as were asked for. Within 5 s.
Outcome<bool> engine_logs(const EngineAddress& address, const std::string& api, const EngineLogRequest& request,
                          const logs::LogRecordSink& sink, const Deadline& deadline);

}  // namespace doctor::probes
