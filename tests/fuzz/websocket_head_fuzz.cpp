#include "probes/websocket_handshake.hpp"

#include "property.hpp"

using doctor::fuzz::require;
namespace probes = doctor::probes;

/// Bytes as a server may send them in answer to a handshake.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto end = probes::end_of_head(text);
  require(!end || *end <= text.size(), "a head ends within what was sent");
  const auto head = probes::parse_response_head(text.substr(0, end.value_or(text.size())));
  if (!head) {
    require(doctor::fuzz::is_printable(head.error()), "a reason can be shown");
  } else {
    require(head->status >= 100 && head->status <= 999, "a status has three digits");
    require(head->headers.size() <= 200, "headers keep their bound");
    const auto problem = probes::handshake_problem(*head, "dGhlIHNhbXBsZSBub25jZQ==", "");
    require(doctor::fuzz::is_printable(problem), "a problem can be shown");
    const bool accepted = head->header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    require(!problem.empty() || accepted, "only the answer to the key opens a WebSocket");
  }
  require(probes::read_chunks(text).body.size() <= text.size(), "a body is no longer than its bytes");
  return 0;
}
