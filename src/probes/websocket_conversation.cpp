#include "probes/websocket_conversation.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "doctor/format/text.hpp"
#include "doctor/format/websocket.hpp"
#include "probes/websocket_handshake.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

using formats::WebSocketEvent;
using std::chrono::milliseconds;
using Kind = WebSocketEvent::Kind;

constexpr milliseconds handshake_limit{5000};
constexpr milliseconds body_limit{1000};     // the beginning of a refusal's body is worth no more
constexpr milliseconds farewell_limit{300};  // for the server's half of the closing handshake
constexpr std::size_t most_body = 64UL * 1024;
constexpr std::size_t most_bytes = 8UL * 1024 * 1024;
constexpr std::size_t most_kept_messages = 100;
constexpr int normal_closure = 1000;
constexpr int protocol_error_closure = 1002;

template <std::size_t size>
std::array<std::uint8_t, size> random_bytes() {
  std::array<std::uint8_t, size> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(size)) != 1) throw std::runtime_error{"no random numbers"};
  return bytes;
}

std::string random_key() {
  const auto bytes = random_bytes<16>();
  std::array<unsigned char, 32> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {encoded.begin(), encoded.begin() + size};
}

ProbeFailure broken(FailureKind kind, std::string code, std::string detail) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  return failure;
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "text";
    case Kind::binary:
      return "binary";
    case Kind::ping:
      return "ping";
    default:
      return "pong";
  }
}

class Conversation {
 public:
  Conversation(const WebSocketQuestion& question, const HttpUrl& url, TlsStream& stream, const Deadline& deadline)
      : question_{question}, url_{url}, stream_{stream}, deadline_{deadline} {}

  Outcome<WebSocketAnswer> run() {
    const auto key = random_key();
    const auto in_time = deadline_.within(handshake_limit);
    if (const auto sent = stream_.write(handshake_request(question_, url_, key), in_time);
        !sent && !is_gone(sent.error()))
      return Failed{sent.error()};
    const auto head = read_head(in_time);
    if (!head) return Failed{head.error()};
    answer_.status = head->status;
    answer_.headers = head->headers;
    opened_ = Deadline::Clock::now();
    if (head->status != 101) {
      read_body(*head);
      return std::move(answer_);
    }
    answer_.subprotocol = head->header("sec-websocket-protocol");
    answer_.problem = handshake_problem(*head, key, question_.subprotocol);
    if (answer_.problem.empty()) listen();
    if (deadline_.stopped()) return Failed{failure_of_deadline(deadline_, "handshake", "", {})};
    return std::move(answer_);
  }

 private:
  /// The server may have answered and left before the whole request was written.
  static bool is_gone(const ProbeFailure& failure) { return failure.code == "EPIPE" || failure.code == "ECONNRESET"; }

  Outcome<ResponseHead> read_head(const Deadline& in_time);
  Outcome<std::string> next_head(const Deadline& in_time);
  void read_body(const ResponseHead& head);
  void listen();
  void handle(WebSocketEvent event);
  void end(std::string how) { answer_.ended = std::move(how); }
  void say(Kind kind, std::string_view payload);
  void leave(int code);
  Outcome<std::size_t> receive(const Deadline& in_time);

  const WebSocketQuestion& question_;
  const HttpUrl& url_;
  TlsStream& stream_;
  const Deadline& deadline_;
  WebSocketAnswer answer_;
  std::string buffer_;  ///< bytes that no reader has taken yet
  std::size_t received_ = 0;
  formats::WebSocketReader reader_;
  Deadline::Clock::time_point opened_;
  int wanted_ = 0;
};

Outcome<std::size_t> Conversation::receive(const Deadline& in_time) {
  std::array<char, 16384> piece{};
  const auto count = stream_.read(piece.data(), piece.size(), in_time);
  if (count) {
    buffer_.append(piece.data(), *count);
    received_ += *count;
  }
  return count;
}

/// The next head as it came; `buffer_` keeps what follows it.
Outcome<std::string> Conversation::next_head(const Deadline& in_time) {
  std::size_t searched = 0;
  for (;;) {
    if (const auto end = end_of_head(buffer_, searched); end && *end <= most_response_head) {
      auto head = buffer_.substr(0, *end);
      buffer_.erase(0, *end);
      return head;
    }
    if (buffer_.size() > most_response_head)
      return Failed{broken(FailureKind::too_large, "headers", "more than 64 KB of headers")};
    if (!buffer_.empty() && !std::string_view{"HTTP/"}.starts_with(std::string_view{buffer_}.substr(0, 5)) &&
        !buffer_.starts_with("HTTP/"))
      return Failed{broken(FailureKind::protocol_error, "not-http", "something answers that is not HTTP")};
    searched = buffer_.size() < 2 ? 0 : buffer_.size() - 2;
    const auto count = receive(in_time);
    if (!count) return Failed{count.error()};
    if (*count == 0)
      return Failed{broken(FailureKind::protocol_error, "closed",
                           buffer_.empty() ? "the connection was closed without an answer"
                                           : "the connection was closed within the answer")};
  }
}

/// The final head: interim ones (RFC 9110, section 15.2) are passed over.
Outcome<ResponseHead> Conversation::read_head(const Deadline& in_time) {
  for (;;) {
    const auto text = next_head(in_time);
    if (!text) return Failed{text.error()};
    auto head = parse_response_head(*text);
    if (!head) return Failed{broken(FailureKind::protocol_error, "not-http", std::move(head).error())};
    if (head->status == 101 || head->status >= 200) return std::move(*head);
    if (received_ > most_response_head)
      return Failed{broken(FailureKind::too_large, "headers", "more than 64 KB of headers")};
  }
}

void Conversation::read_body(const ResponseHead& head) {
  const auto in_time = deadline_.within(body_limit);
  const auto coding = head.tokens("transfer-encoding");
  const bool chunked = std::find(coding.begin(), coding.end(), "chunked") != coding.end();
  const auto length = formats::integer(head.header("content-length"));
  const auto wanted = !chunked && length && *length >= 0 ? static_cast<std::size_t>(*length) : most_body;
  const bool has_none = head.status == 204 || head.status == 304;
  while (!has_none && buffer_.size() < std::min(wanted, most_body)) {
    if (chunked && read_chunks(buffer_).complete) break;
    const auto count = receive(in_time);
    if (!count || *count == 0) break;
  }
  answer_.body = (chunked ? read_chunks(buffer_).body : buffer_).substr(0, std::min(wanted, most_body));
}

void Conversation::say(Kind kind, std::string_view payload) {
  // A failure is not told here: the next read sees it too, after what the server said last.
  static_cast<void>(stream_.write(formats::websocket_frame(kind, payload, random_bytes<4>()), deadline_));
}

/// Doctor's half of the closing handshake. The server's half is waited for, so that its log does not speak of an error.
void Conversation::leave(int code) {
  end("listened");
  const auto in_time = deadline_.within(farewell_limit);
  say(Kind::close, formats::websocket_close_payload(code, ""));
  while (received_ < most_bytes) {
    const auto count = receive(in_time);
    if (!count || *count == 0) return;
  }
}

void Conversation::handle(WebSocketEvent event) {
  const auto at = since(opened_);
  if (event.kind == Kind::close) {
    answer_.close_code = event.close_code;
    answer_.close_reason = std::move(event.payload);
    end("server closed");
    say(Kind::close, answer_.close_code == 0 ? "" : formats::websocket_close_payload(answer_.close_code, ""));
    return;
  }
  if (event.kind == Kind::ping) say(Kind::pong, event.payload);
  if (event.kind == Kind::text || event.kind == Kind::binary) ++wanted_;
  if (answer_.messages.size() >= most_kept_messages) return;
  const bool is_binary = event.kind == Kind::binary;
  answer_.messages.push_back({name_of(event.kind), is_binary ? std::string{} : std::move(event.payload), at});
  if (event.kind == Kind::ping || event.kind == Kind::pong) answer_.messages.back().text.clear();
}

void Conversation::listen() {
  const auto in_time = deadline_.within(question_.listen);
  const auto stop_here = [&] { answer_.open_for = since(opened_); };
  if (!question_.send.empty()) say(Kind::text, question_.send);
  while (answer_.ended.empty()) {
    reader_.feed(std::exchange(buffer_, {}));
    while (auto event = reader_.next()) {
      handle(std::move(*event));
      if (!answer_.ended.empty() || (question_.messages > 0 && wanted_ >= question_.messages)) break;
    }
    stop_here();
    if (!reader_.problem().empty()) {
      answer_.problem = reader_.problem();
      if (answer_.ended.empty()) leave(protocol_error_closure);
      return;
    }
    if (!answer_.ended.empty()) return;
    if (question_.messages > 0 && wanted_ >= question_.messages) return leave(normal_closure);
    if (received_ > most_bytes) {
      answer_.problem = "there are more than 8 MB of messages";
      return leave(normal_closure);
    }
    const auto count = receive(in_time);
    stop_here();
    if (count && *count > 0) continue;
    if (!count && (count.error().kind == FailureKind::timed_out || count.error().kind == FailureKind::cancelled))
      return leave(normal_closure);
    if (reader_.cut()) answer_.problem = "the connection ends within a message";
    end("connection lost");
  }
}

}  // namespace

Outcome<WebSocketAnswer> converse(const WebSocketQuestion& question, const HttpUrl& url, TlsStream& stream,
                                  const Deadline& deadline) {
  return Conversation{question, url, stream, deadline}.run();
}

}  // namespace doctor::probes
