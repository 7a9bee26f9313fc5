#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/probe/question.hpp"

namespace doctor {

/// One message or control frame from the server.
struct WebSocketMessage {
  std::string kind;                 ///< "text", "binary", "ping", "pong"
  std::string text;                 ///< of a binary message: nothing
  std::chrono::milliseconds at{0};  ///< since the handshake was answered
};

/// An opening handshake (RFC 6455), and what came after it. Any HTTP answer is a value: 101 with `problem` empty is an
/// open WebSocket. Limits: connect 3 s, TLS 5 s, handshake 5 s, then `listen`. 64 KB of headers and of a refusal's
/// body, 1 MB a message, 100 control frames. At most 3 handshakes with one URL from one vantage in a run.
struct WebSocketAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;                                          ///< the beginning of a refusal's body
  std::string problem;      ///< why a 101 is no handshake, or which rule a frame broke; empty: none
  std::string subprotocol;  ///< that the server chose
  std::vector<WebSocketMessage> messages;
  std::string ended;   ///< "server closed", "connection lost", "listened" (nobody closed: doctor left)
  int close_code = 0;  ///< of the server's close frame; 0: there was none
  std::string close_reason;
  std::chrono::milliseconds open_for{0};  ///< from the handshake to the end
  std::string address;
  std::chrono::milliseconds took{0};  ///< until the handshake was answered

  /// The first header of that (lower-case) name, or "".
  std::string header(std::string_view name) const;
};
struct WebSocketQuestion {
  static constexpr std::string_view probe = "websocket";
  using Answer = WebSocketAnswer;
  std::string url;      ///< ws:// or wss://
  std::string connect;  ///< "host:port" to dial instead of the URL's; empty: the URL's own
  std::vector<std::pair<std::string, std::string>> headers;
  std::string subprotocol;
  std::string send;                        ///< the one text frame that is sent; empty: none
  int messages = 1;                        ///< leave after so many text or binary messages; 0: listen to the end
  std::chrono::milliseconds listen{2000};  ///< how long to wait for them
  std::string vantage{host_vantage};
};

template <class Field>
constexpr void each_field(Field&& field, WebSocketMessage& message) {
  field("kind", message.kind);
  field("text", message.text);
  field("at", message.at);
}
template <class Field>
constexpr void each_field(Field&& field, WebSocketAnswer& answer) {
  field("status", answer.status);
  field("headers", answer.headers);
  field("body", answer.body);
  field("problem", answer.problem);
  field("subprotocol", answer.subprotocol);
  field("messages", answer.messages);
  field("ended", answer.ended);
  field("close_code", answer.close_code);
  field("close_reason", answer.close_reason);
  field("open_for", answer.open_for);
  field("address", answer.address);
  field("took", answer.took);
}
template <class Field>
constexpr void each_field(Field&& field, WebSocketQuestion& question) {
  field("url", question.url);
  field("connect", question.connect);
  field("headers", question.headers);
  field("subprotocol", question.subprotocol);
  field("send", question.send);
  field("messages", question.messages);
  field("listen", question.listen);
  field("vantage", question.vantage);
}

}  // namespace doctor
