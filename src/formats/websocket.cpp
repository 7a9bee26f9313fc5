#include "doctor/format/websocket.hpp"

#include <stdexcept>

#include "util/text.hpp"

namespace doctor::formats {
namespace {

using Kind = WebSocketEvent::Kind;

constexpr std::uint8_t continuation = 0x0;
constexpr std::uint8_t text = 0x1;
constexpr std::uint8_t binary = 0x2;
constexpr std::uint8_t closing = 0x8;
constexpr std::uint8_t ping = 0x9;
constexpr std::uint8_t pong = 0xA;
constexpr std::size_t most_control_payload = 125;
constexpr std::uint64_t most_in_two_bytes = 0xFFFF;

std::uint8_t opcode_of(Kind kind) {
  switch (kind) {
    case Kind::text:
      return text;
    case Kind::binary:
      return binary;
    case Kind::ping:
      return ping;
    case Kind::pong:
      return pong;
    default:
      return closing;
  }
}

bool is_control(std::uint8_t opcode) {
  return (opcode & 0x8U) != 0;
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value = value << 8U | byte_at(bytes, i);
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned shift = 8 * bytes; shift > 0; shift -= 8) out += static_cast<char>(value >> (shift - 8) & 0xFFU);
}

/// The bytes of the extended length that this length field announces.
std::size_t extended_bytes(std::uint8_t field) {
  if (field < 126) return 0;
  return field == 126 ? 2 : 8;
}

/// Section 5.2: the minimal number of bytes, and 63 bits at most.
std::string_view wrong_length(std::uint8_t field, std::uint64_t length) {
  if (field == 126 && length < 126) return "a length is not written in its shortest form";
  if (field == 127 && length <= most_in_two_bytes) return "a length is not written in its shortest form";
  if (length >> 63U != 0) return "a length has its highest bit set";
  return {};
}

}  // namespace

bool websocket_close_code_allowed(int code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

void WebSocketReader::feed(std::string_view bytes) {
  if (bytes.empty() || !problem_.empty()) return;
  if (closed_) {
    fail("data comes after the close frame");
    return;
  }
  if (begin_ > buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

bool WebSocketReader::cut() const {
  return problem_.empty() && !closed_ && (message_opcode_ != 0 || begin_ < buffer_.size());
}

std::optional<WebSocketEvent> WebSocketReader::fail(std::string_view rule) {
  problem_ = rule;
  buffer_.clear();
  begin_ = 0;
  message_.clear();
  return std::nullopt;
}

std::string_view WebSocketReader::rule_broken_by(const Header& header) const {
  if (is_control(header.opcode)) {
    if (header.opcode > pong) return "a frame has an opcode that is not defined";
    if (!header.final) return "a control frame is fragmented";
    if (header.length > most_control_payload) return "a control frame is longer than 125 bytes";
    if (control_frames_ >= most_websocket_control_frames) return "there are more than 100 control frames";
    return {};
  }
  if (header.opcode > binary) return "a frame has an opcode that is not defined";
  if (header.opcode == continuation && message_opcode_ == 0) return "a message is continued that never began";
  if (header.opcode != continuation && message_opcode_ != 0) return "a message begins within another one";
  if (header.length > most_websocket_message - message_.size()) return "a message is longer than 1 MB";
  return {};
}

/// The header at the front, once it is there as a whole. Its rules are checked before its payload has come.
std::optional<WebSocketReader::Header> WebSocketReader::header() {
  const auto bytes = std::string_view{buffer_}.substr(begin_);
  if (bytes.size() < 2) return std::nullopt;
  Header header;
  header.final = (byte_at(bytes, 0) & 0x80U) != 0;
  header.opcode = byte_at(bytes, 0) & 0x0FU;
  const auto field = static_cast<std::uint8_t>(byte_at(bytes, 1) & 0x7FU);
  const auto broken = [&](std::string_view rule) -> std::optional<Header> {
    fail(rule);
    return std::nullopt;
  };
  if ((byte_at(bytes, 0) & 0x70U) != 0) return broken("a frame has a reserved bit set");
  if ((byte_at(bytes, 1) & 0x80U) != 0) return broken("a frame is masked, which only a client may do");
  header.bytes = 2 + extended_bytes(field);
  if (bytes.size() < header.bytes) return std::nullopt;
  header.length = header.bytes == 2 ? field : big_endian(bytes.substr(2, header.bytes - 2));
  if (const auto rule = wrong_length(field, header.length); !rule.empty()) return broken(rule);
  if (const auto rule = rule_broken_by(header); !rule.empty()) return broken(rule);
  return header;
}

std::string_view WebSocketReader::take(const Header& header) {
  const auto payload = std::string_view{buffer_}.substr(begin_ + header.bytes, static_cast<std::size_t>(header.length));
  begin_ += header.bytes + payload.size();
  consumed_ += header.bytes + payload.size();
  return payload;
}

std::optional<WebSocketEvent> WebSocketReader::next() {
  while (problem_.empty() && !closed_) {
    const auto frame = header();
    if (!frame || buffer_.size() - begin_ - frame->bytes < frame->length) return std::nullopt;
    if (is_control(frame->opcode)) return control(*frame);
    if (auto event = data(*frame)) return event;
  }
  return std::nullopt;
}

std::optional<WebSocketEvent> WebSocketReader::data(const Header& header) {
  const auto opcode = header.opcode == continuation ? message_opcode_ : header.opcode;
  message_ += take(header);
  message_opcode_ = header.final ? 0 : opcode;
  if (!header.final) return std::nullopt;
  if (opcode == text && !util::valid_utf8(message_)) return fail("a text message is not UTF-8");
  WebSocketEvent event;
  event.kind = opcode == text ? Kind::text : Kind::binary;
  event.payload.swap(message_);
  return event;
}

std::optional<WebSocketEvent> WebSocketReader::control(const Header& header) {
  ++control_frames_;
  const auto payload = take(header);
  if (header.opcode == closing) return close(payload);
  return WebSocketEvent{header.opcode == ping ? Kind::ping : Kind::pong, std::string{payload}, 0};
}

std::optional<WebSocketEvent> WebSocketReader::close(std::string_view payload) {
  if (payload.size() == 1) return fail("a close frame has half a code");
  WebSocketEvent event{Kind::close, {}, 0};
  if (payload.size() >= 2) {
    event.close_code = static_cast<int>(big_endian(payload.substr(0, 2)));
    if (!websocket_close_code_allowed(event.close_code)) return fail("a close frame has a code that is not allowed");
    if (!util::valid_utf8(payload.substr(2))) return fail("the reason of a close frame is not UTF-8");
    event.payload = payload.substr(2);
  }
  closed_ = true;
  if (begin_ < buffer_.size()) fail("data comes after the close frame");
  return event;
}

std::string websocket_frame(Kind kind, std::string_view payload, const std::array<std::uint8_t, 4>& mask) {
  const auto opcode = opcode_of(kind);
  if (is_control(opcode) && payload.size() > most_control_payload)
    throw std::invalid_argument{"a control frame of more than 125 bytes"};
  constexpr unsigned masked = 0x80;
  std::string frame;
  frame.reserve(payload.size() + 14);
  frame += static_cast<char>(0x80U | opcode);
  if (payload.size() < 126) {
    frame += static_cast<char>(masked | payload.size());
  } else if (payload.size() <= most_in_two_bytes) {
    frame += static_cast<char>(masked | 126U);
    append_big_endian(frame, payload.size(), 2);
  } else {
    frame += static_cast<char>(masked | 127U);
    append_big_endian(frame, payload.size(), 8);
  }
  for (const auto byte : mask) frame += static_cast<char>(byte);
  for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(byte_at(payload, i) ^ mask[i % 4]);
  return frame;
}

std::string websocket_close_payload(int code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, static_cast<std::uint64_t>(code), 2);
  return payload.append(reason);
}

}  // namespace doctor::formats
