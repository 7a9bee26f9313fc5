#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace doctor::formats {

inline constexpr std::size_t most_websocket_message = 1024UL * 1024;
inline constexpr int most_websocket_control_frames = 100;

/// A whole message, or a control frame (RFC 6455, sections 5.5 and 5.6).
struct WebSocketEvent {
  enum class Kind { text, binary, ping, pong, close };
  Kind kind = Kind::text;
  std::string payload;  ///< of a close: the reason
  int close_code = 0;   ///< of a close; 0: it carries none
};

/// Reads what a server sends after the opening handshake without extensions. Fed with bytes as they come, in pieces of
/// any size; linear in them, and never holds more than one message.
///
/// The first broken rule ends the reading: problem() is then a fixed phrase, and next() gives nothing more.
class WebSocketReader {
 public:
  void feed(std::string_view bytes);

  /// The next message or control frame; nothing: more bytes are needed, or the reading has ended.
  std::optional<WebSocketEvent> next();

  const std::string& problem() const { return problem_; }
  bool closed() const { return closed_; }               ///< a close frame has been read
  bool cut() const;                                     ///< the bytes so far end within a frame or a message
  std::uint64_t frame_at() const { return consumed_; }  ///< byte offset of the frame that is read, or broke a rule

 private:
  struct Header {
    bool final = false;
    std::uint8_t opcode = 0;
    std::uint64_t length = 0;
    std::size_t bytes = 0;  ///< of the header itself
  };

  std::optional<WebSocketEvent> fail(std::string_view rule);
  std::optional<Header> header();
  std::optional<WebSocketEvent> data(const Header& header);
  std::optional<WebSocketEvent> control(const Header& header);
  std::optional<WebSocketEvent> close(std::string_view payload);
  std::string_view rule_broken_by(const Header& header) const;
  std::string_view take(const Header& header);

  std::string buffer_;
  std::size_t begin_ = 0;  ///< of what is not read yet in buffer_
  std::uint64_t consumed_ = 0;
  std::string message_;
  std::uint8_t message_opcode_ = 0;  ///< 0: no message has begun
  int control_frames_ = 0;
  bool closed_ = false;
  std::string problem_;
};

/// One whole frame as a client sends it: final and masked with `mask`, which must be unpredictable (RFC 6455, 5.3).
/// Throws std::invalid_argument for a control frame of more than 125 bytes.
std::string websocket_frame(WebSocketEvent::Kind kind, std::string_view payload,
                            const std::array<std::uint8_t, 4>& mask);

/// The payload of a close frame.
std::string websocket_close_payload(int code, std::string_view reason);

/// Whether a close frame may carry this code (RFC 6455, 7.4, and IANA's registry).
bool websocket_close_code_allowed(int code);

}  // namespace doctor::formats
