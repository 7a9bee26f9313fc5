#include "probes/engine_logs.hpp"

#include "probes/files_failure.hpp"

namespace doctor::probes {
namespace {

constexpr std::uint64_t most_bytes = 64U * 1024 * 1024;

}  // namespace

Outcome<bool> engine_logs(const EngineAddress& address, const std::string& api, const EngineLogRequest& request,
                          const logs::LogRecordSink& sink, const Deadline& deadline) {
  std::uint64_t lines = 0;
  logs::LogStreamReader reader{request.tty, [&](const logs::LogRecord& record) {
                                 ++lines;
                                 sink(record);
                               }};
  const auto path = api + "/containers/" + request.id +
                    "/logs?stdout=1&stderr=1&timestamps=1&since=" + std::to_string(request.since) +
                    "&tail=" + std::to_string(request.lines);
  const auto status =
      engine_stream(address, path, {most_bytes, [&](std::string_view bytes) { return reader.feed(bytes); }}, deadline);
  if (reader.broken())
    return failed(FailureKind::protocol_error, "", "the log is not framed as the Docker Engine does");
  if (!status) return Failed{status.error()};
  if (status->status == 404) return failed(FailureKind::not_found, "HTTP 404", "the Docker Engine has no such log");
  if (status->status != 200)
    return failed(FailureKind::protocol_error, "HTTP " + std::to_string(status->status),
                  "the Docker Engine does not hand out the log");
  reader.finish();
  return status->complete && lines < request.lines;
}

}  // namespace doctor::probes
