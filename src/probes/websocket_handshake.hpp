#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "doctor/probe/websocket.hpp"
#include "probes/http_url.hpp"

/// The opening handshake of RFC 6455, section 4, without I/O.
namespace doctor::probes {

inline constexpr std::size_t most_response_head = 64UL * 1024;

/// A ws:// or wss:// URL as http:// or https://; the error is a reason without any part of the URL.
tl::expected<HttpUrl, std::string> parse_websocket_url(const std::string& text);

/// The request with this Sec-WebSocket-Key.
std::string handshake_request(const WebSocketQuestion& question, const HttpUrl& url, const std::string& key);

/// What Sec-WebSocket-Accept must say to a key.
std::string accept_of(std::string_view key);

/// Whether a question may send this header: one line, and none that the handshake itself is made of.
bool is_allowed_header(const std::pair<std::string, std::string>& header);

struct ResponseHead {
  std::string version;  ///< "1.1"
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case

  std::string header(std::string_view name) const;               ///< the first of that name, or ""
  std::size_t count(std::string_view name) const;                ///< how many there are
  std::vector<std::string> tokens(std::string_view name) const;  ///< of all of that name, in lower case
};

/// Where the head ends (just behind its empty line); nothing: it is not all there. Search from `from`.
std::optional<std::size_t> end_of_head(std::string_view bytes, std::size_t from = 0);

/// Reads a whole head (RFC 9112): status line and fields, a lone LF ends a line too. The error is a fixed phrase with
/// the number of the line.
tl::expected<ResponseHead, std::string> parse_response_head(std::string_view head);

/// Why a 101 is no WebSocket handshake (section 4.1); empty: it is one.
std::string handshake_problem(const ResponseHead& head, std::string_view key, std::string_view subprotocol);

/// The part that is there of a body in chunks (RFC 9112, section 7.1), and whether it is all.
struct ChunkedBody {
  std::string body;
  bool complete = false;
};
ChunkedBody read_chunks(std::string_view bytes);

}  // namespace doctor::probes
