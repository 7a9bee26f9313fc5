#include "lab/smoltbot_sites.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

#include "lab/smoltbot_world.hpp"

namespace doctor::lab {
namespace {

constexpr std::uint16_t https = 443;
constexpr std::chrono::seconds slow_answer{4};

void append_number(std::string& bytes, std::uint32_t value, int count) {
  for (int byte = 0; byte < count; ++byte)
    bytes += static_cast<char>(value >> (8U * static_cast<unsigned>(byte)) & 255U);
}

std::uint32_t crc32(const std::string& text) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

/// gzip (RFC 1952) of one stored block (RFC 1951, 3.2.4).
std::string compressed(const std::string& text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string bytes{"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01", 11};
  append_number(bytes, size, 2);
  append_number(bytes, ~size, 2);
  bytes += text;
  append_number(bytes, crc32(text), 4);
  append_number(bytes, size, 4);
  return bytes;
}

std::string response(int status, const std::string& body, const std::string& more = {},
                     const std::string& type = "application/json") {
  return "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" + more + "\r\n";
}

bool has(const std::string& head, const std::string& text) {
  auto lower = head;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower.find(text) != std::string::npos;
}

/// Reads a whole request; its head.
std::string read_request(test::Peer& peer) {
  auto text = peer.receive_until("\r\n\r\n");
  const auto end = text.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  auto lower = text.substr(0, end);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto at = lower.find("content-length:");
  const std::size_t wanted = at == std::string::npos ? 0 : std::strtoul(lower.c_str() + at + 15, nullptr, 10);
  for (auto have = text.size() - end - 4; have < wanted;) {
    const auto next = peer.receive(65536);
    if (next.empty()) break;
    have += next.size();
  }
  return text.substr(0, end + 2);
}

/// RFC 9110, 5.6.7, so many seconds from now.
std::string http_date(long seconds) {
  const std::time_t time = std::time(nullptr) + seconds;
  tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text.data();
}

std::string error_body(int status) {
  const std::string type = status == 401   ? "authentication_error"
                           : status == 403 ? "permission_error"
                           : status == 429 ? "rate_limit_error"
                                           : "api_error";
  return R"({"type":"error","error":{"type":")" + type + R"(","message":"the lab says )" + std::to_string(status) +
         "\"}}";
}

/// "403 /v1/license" is a mode for some paths only, "ok" for the rest.
std::string mode_for(const std::string& mode, const std::string& head) {
  const auto blank = mode.find(' ');
  if (blank == std::string::npos) return mode;
  return head.find(mode.substr(blank)) == std::string::npos ? "ok" : mode.substr(0, blank);
}

/// The answer of a mode; "" when the connection just ends.
std::string answer_in(const std::string& mode, const Site::Service& service, const std::string& head) {
  const bool headless = head.starts_with("HEAD ");
  const auto whole = [&](const std::string& text, const std::string& body) { return headless ? text : text + body; };
  if (const int status = std::atoi(mode.c_str()); status != 0) {
    const auto body = error_body(status);
    return whole(response(status, body, status == 429 ? "retry-after: 30\r\n" : ""), body);
  }
  if (mode == "html") {
    const std::string page = "<!doctype html>\n<title>Sign in to the network</title>\n";
    return whole(response(200, page, {}, "text/html"), page);
  }
  const auto answer = service(head);
  if (mode.starts_with("date"))  // "date-7200": the clock of the site is two hours behind
    return whole(response(answer.status, answer.body, "Date: " + http_date(std::atol(mode.c_str() + 4)) + "\r\n"),
                 answer.body);
  if (mode != "gzip") return whole(response(answer.status, answer.body), answer.body);
  const auto packed = compressed(answer.body + std::string(2000, ' '));
  return whole(response(answer.status, packed, "Content-Encoding: gzip\r\n"), packed);
}

Site::Answer keyed(const std::string& head, const std::string& header, const std::string& body) {
  if (has(head, "\r\n" + header)) return {200, body};
  return {401, R"({"type":"error","error":{"type":"authentication_error","message":"invalid )" + header + "\"}}"};
}

}  // namespace

Site::Site(std::string name, std::string address, const test::Certificate& authority, Service service)
    : name_(std::move(name)),
      place_{std::move(address), https},
      authority_(authority),
      certificate_(test::make_certificate({name_}, -1, 300, &authority)),
      service_(std::move(service)) {
  mode("ok");
}

Site& Site::mode(const std::string& mode) {
  server_.reset();
  deaf_.reset();
  if (mode == "refuse") return *this;
  if (mode == "drop") {
    deaf_ = std::make_unique<test::DeafListener>(place_);
    return *this;
  }
  const auto behaviour = [mode, service = service_, requests = requests_](test::Peer& peer) {
    const auto head = read_request(peer);
    const auto how = mode_for(mode, head);
    if (how == "stall") return peer.stay_silent();
    if (head.empty() || how == "close") return;
    if (how == "reset") return peer.reset();
    ++*requests;
    if (how == "slow" && !peer.pause(slow_answer)) return;
    peer.send(answer_in(how, service, head));
  };
  const auto stranger = [&] { return test::make_certificate({"Corporate Proxy Authority"}, -10, 300); };
  if (mode == "plain") {
    serve(nullptr, behaviour);
  } else if (mode == "untrusted") {
    const auto other = stranger();
    const auto forged = test::make_certificate({name_}, -1, 300, &other);
    serve(&forged, behaviour);
  } else if (mode == "expired") {
    const auto old = test::make_certificate({name_}, -30, -1, &authority_);
    serve(&old, behaviour);
  } else if (mode == "other-name") {
    const auto other = test::make_certificate({"portal.example.net"}, -1, 300, &authority_);
    serve(&other, behaviour);
  } else {
    serve(&certificate_, behaviour);
  }
  return *this;
}

void Site::serve(const test::Certificate* certificate, const test::Behaviour& behaviour) {
  server_ = certificate == nullptr ? std::make_unique<test::ScriptedServer>(behaviour, place_)
                                   : std::make_unique<test::ScriptedServer>(behaviour, *certificate, place_);
}

std::string Site::received() const {
  return server_ ? server_->received() : "";
}

const test::Certificate& site_authority() {
  static const auto authority = test::make_certificate({"Doctor Lab Authority"}, -10, 3000);
  return authority;
}

Site::Service anthropic_service() {
  return [](const std::string& head) {
    return keyed(head, "x-api-key", R"({"data":[{"id":"claude-haiku-4-5-20251001"}]})");
  };
}

Site::Service openai_service() {
  return [](const std::string& head) { return keyed(head, "authorization", R"({"object":"list","data":[]})"); };
}

Site::Service gemini_service() {
  return [](const std::string& head) { return keyed(head, "x-goog-api-key", R"({"models":[]})"); };
}

Site::Service mnemom_service() {
  return [](const std::string& head) -> Site::Answer {
    const bool post = head.starts_with("POST ");
    if (head.find(" /v1/license/validate ") == std::string::npos &&
        head.find(" /v1/deployments/heartbeat ") == std::string::npos)
      return {404, R"({"error":"Not found"})"};
    return post ? Site::Answer{} : Site::Answer{405, R"({"error":"Method not allowed"})"};
  };
}

Site::Service cloudflare_service() {
  return [](const std::string& head) -> Site::Answer {
    const bool account = head.find("/accounts//") == std::string::npos;
    if (account && has(head, "\r\nauthorization: bearer ")) return {200, R"({"success":true,"result":[]})"};
    return {401, R"({"success":false,"errors":[{"code":10000,"message":"Authentication error"}]})"};
  };
}

}  // namespace doctor::lab
