#include "doctor/format/websocket.hpp"

#include <vector>

#include "property.hpp"

using doctor::formats::WebSocketEvent;
using doctor::formats::WebSocketReader;
using doctor::fuzz::require;
using Kind = WebSocketEvent::Kind;

namespace {

struct Reading {
  std::vector<WebSocketEvent> events;
  std::string problem;
  bool closed = false;
  bool cut = false;
};

Reading read(std::string_view text, std::size_t piece) {
  WebSocketReader reader;
  Reading reading;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    reader.feed(text.substr(at, piece));
    while (auto event = reader.next()) reading.events.push_back(std::move(*event));
    require(reader.frame_at() <= text.size(), "the place lies within what was read");
  }
  reading.problem = reader.problem();
  reading.closed = reader.closed();
  reading.cut = reader.cut();
  return reading;
}

void check(const WebSocketEvent& event) {
  require(event.payload.size() <= doctor::formats::most_websocket_message, "a message keeps its bound");
  if (event.kind == Kind::text || event.kind == Kind::close)
    require(doctor::util::valid_utf8(event.payload), "text and reasons are UTF-8");
  if (event.kind != Kind::text && event.kind != Kind::binary)
    require(event.payload.size() <= 125, "a control frame keeps its bound");
  if (event.close_code != 0)
    require(doctor::formats::websocket_close_code_allowed(event.close_code), "a close code is allowed");
}

}  // namespace

/// Bytes as a server may send them after the handshake.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto whole = read(text, text.size() + 1);
  const auto drip = read(text, 1);
  require(whole.problem == drip.problem && whole.closed == drip.closed && whole.cut == drip.cut,
          "pieces make no difference");
  require(whole.events.size() == drip.events.size(), "pieces make no difference to messages");
  require(whole.problem.empty() || doctor::fuzz::is_printable(whole.problem), "a problem can be shown");
  int control = 0;
  for (std::size_t i = 0; i < whole.events.size(); ++i) {
    check(whole.events[i]);
    require(whole.events[i].payload == drip.events[i].payload, "pieces make no difference to payloads");
    if (whole.events[i].kind != Kind::text && whole.events[i].kind != Kind::binary) ++control;
  }
  require(control <= doctor::formats::most_websocket_control_frames, "control frames are counted");
  return 0;
}
