#include "probes/websocket_handshake.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::string_view accept_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t most_fields = 200;

bool is_token(std::string_view name) {  // RFC 9110, section 5.6.2
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

bool is_field_text(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

/// Cuts the next line off, with its LF and a CR before it.
std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find('\n'), rest.size());
  auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// "HTTP/1.1 101 Switching Protocols"; the reason may be missing.
bool read_status_line(std::string_view line, ResponseHead& head) {
  constexpr std::string_view begin = "HTTP/";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (line.size() < 12 || !line.starts_with(begin) || !is_field_text(line)) return false;
  if (!is_digit(line[5]) || line[6] != '.' || !is_digit(line[7]) || line[8] != ' ') return false;
  const auto status = line.substr(9, 3);
  if (!std::all_of(status.begin(), status.end(), is_digit) || status[0] == '0') return false;
  if (line.size() > 12 && line[12] != ' ') return false;
  head.version = line.substr(5, 3);
  head.status = (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0');
  return true;
}

/// Only "1.1": an HTTP/1.0 server knows no upgrade (RFC 9110, section 7.8).
std::string upgrade_problem(const ResponseHead& head) {
  if (head.version != "1.1") return "the answer is HTTP/" + head.version;
  const auto upgrade = head.tokens("upgrade");
  if (upgrade.empty()) return "the Upgrade header is missing";
  if (upgrade != std::vector<std::string>{"websocket"}) return "the Upgrade header does not say websocket";
  const auto connection = head.tokens("connection");
  if (connection.empty()) return "the Connection header is missing";
  if (std::find(connection.begin(), connection.end(), "upgrade") == connection.end())
    return "the Connection header does not say upgrade";
  return {};
}

std::string subprotocol_problem(const ResponseHead& head, std::string_view asked) {
  const auto count = head.count("sec-websocket-protocol");
  if (count > 1) return "there is more than one Sec-WebSocket-Protocol header";
  if (count == 0) return {};
  if (asked.empty()) return "a subprotocol was chosen that nobody asked for";
  if (head.header("sec-websocket-protocol") != asked) return "another subprotocol was chosen than was asked for";
  return {};
}

}  // namespace

tl::expected<HttpUrl, std::string> parse_websocket_url(const std::string& text) {
  const auto scheme = util::lower(std::string_view{text}.substr(0, std::min(text.find("://"), text.size())));
  if (scheme == "ws") return parse_http_url("http" + text.substr(2));
  if (scheme == "wss") return parse_http_url("https" + text.substr(3));
  return tl::unexpected{std::string{"it does not begin with ws:// or wss://"}};
}

std::string handshake_request(const WebSocketQuestion& question, const HttpUrl& url, const std::string& key) {
  const auto after_scheme = std::string_view{url.text}.substr(url.text.find("://") + 3);
  const auto slash = std::min(after_scheme.find_first_of("/?"), after_scheme.size());
  const std::string authority{after_scheme.substr(0, slash)};
  std::string target{after_scheme.substr(slash)};
  if (!target.starts_with('/')) target.insert(0, "/");
  auto text = "GET " + target + " HTTP/1.1\r\nHost: " + authority +
              "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key +
              "\r\nSec-WebSocket-Version: 13\r\nUser-Agent: doctor/0.1\r\n";
  if (!question.subprotocol.empty()) text += "Sec-WebSocket-Protocol: " + question.subprotocol + "\r\n";
  for (const auto& [name, value] : question.headers) text += name + ": " + value + "\r\n";
  return text + "\r\n";
}

std::string accept_of(std::string_view key) {
  const auto text = std::string{key}.append(accept_guid);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::array<unsigned char, 32> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
  return {encoded.begin(), encoded.begin() + size};
}

bool is_allowed_header(const std::pair<std::string, std::string>& header) {
  constexpr std::array own{"host", "upgrade", "connection", "content-length", "transfer-encoding", "user-agent"};
  const auto name = util::lower(header.first);
  const bool is_own = std::find(own.begin(), own.end(), name) != own.end() || name.starts_with("sec-websocket-");
  return is_token(name) && !is_own && is_field_text(header.second);
}

std::string ResponseHead::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& one) { return one.first == name; });
  return found == headers.end() ? std::string{} : found->second;
}

std::size_t ResponseHead::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(), [&](const auto& one) { return one.first == name; }));
}

std::vector<std::string> ResponseHead::tokens(std::string_view name) const {
  std::vector<std::string> tokens;
  for (const auto& [field, value] : headers) {
    if (field != name) continue;
    for (const auto& part : util::split(value, ','))
      if (auto token = util::lower(util::trim(part)); !token.empty()) tokens.push_back(std::move(token));
  }
  return tokens;
}

std::optional<std::size_t> end_of_head(std::string_view bytes, std::size_t from) {
  for (auto at = bytes.find('\n', from); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (at + 1 < bytes.size() && bytes[at + 1] == '\n') return at + 2;
    if (at + 2 < bytes.size() && bytes[at + 1] == '\r' && bytes[at + 2] == '\n') return at + 3;
  }
  return std::nullopt;
}

tl::expected<ResponseHead, std::string> parse_response_head(std::string_view head) {
  ResponseHead result;
  int line_number = 1;
  const auto refused = [&](std::string_view why) {
    return tl::unexpected{"line " + std::to_string(line_number) + " of its head " + std::string{why}};
  };
  if (!read_status_line(take_line(head), result)) return refused("is no HTTP status line");
  while (!head.empty()) {
    ++line_number;
    const auto line = take_line(head);
    if (line.empty()) return result;
    const auto colon = line.find(':');
    if (line.front() == ' ' || line.front() == '\t') return refused("is folded");
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return refused("is no header");
    if (!is_field_text(line.substr(colon + 1))) return refused("holds a control character");
    if (result.headers.size() == most_fields) return refused("is past the bound of 200 headers");
    result.headers.emplace_back(util::lower(line.substr(0, colon)), util::trim(line.substr(colon + 1)));
  }
  return result;
}

std::string handshake_problem(const ResponseHead& head, std::string_view key, std::string_view subprotocol) {
  if (auto problem = upgrade_problem(head); !problem.empty()) return problem;
  const auto accepts = head.count("sec-websocket-accept");
  if (accepts == 0) return "the Sec-WebSocket-Accept header is missing";
  if (accepts > 1) return "there is more than one Sec-WebSocket-Accept header";
  if (head.header("sec-websocket-accept") != accept_of(key))
    return "the Sec-WebSocket-Accept header does not answer the key that was sent";
  if (!head.tokens("sec-websocket-extensions").empty()) return "an extension was chosen that nobody asked for";
  return subprotocol_problem(head, subprotocol);
}

ChunkedBody read_chunks(std::string_view bytes) {
  ChunkedBody result;
  while (!bytes.empty() && bytes.find('\n') != std::string_view::npos) {
    const auto line = take_line(bytes);
    std::size_t size = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    if (parsed.ec != std::errc{} || size == 0) {
      result.complete = true;  // the last chunk, or none at all: nothing more can be read
      return result;
    }
    result.body += bytes.substr(0, size);
    if (bytes.size() <= size) return result;
    bytes.remove_prefix(size);
    take_line(bytes);
  }
  return result;
}

}  // namespace doctor::probes
