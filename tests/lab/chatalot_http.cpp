#include "lab/chatalot_http.hpp"

#include "lab/chatalot_websocket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

#include "lab/chatalot_chores.hpp"

namespace chatalot {
namespace {

struct Request {
  std::string method;
  std::string path;
  std::string head;  ///< as it came
  std::string rest;  ///< what came with it
};

struct Response {
  int status = 200;
  std::string type;
  std::string body;
  std::string cache;
};

std::string os_error(int error) {
  return std::string{std::strerror(error)} + " (os error " + std::to_string(error) + ")";
}

std::string reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 426:
      return "Upgrade Required";
    case 500:
      return "Internal Server Error";
    default:
      return "Unknown";
  }
}

/// On every answer of the application, plain HTTP or not.
constexpr const char* security_headers =
    "x-content-type-options: nosniff\r\n"
    "x-xss-protection: 1; mode=block\r\n"
    "strict-transport-security: max-age=31536000; includeSubDomains; preload\r\n"
    "referrer-policy: strict-origin-when-cross-origin\r\n"
    "permissions-policy: camera=(self), microphone=(self), geolocation=()\r\n"
    "content-security-policy: default-src 'self'; connect-src 'self' wss: https://cdn.jsdelivr.net; "
    "frame-ancestors 'self' tauri://localhost\r\n";

/// As every answer of the application has it. LAB_CLOCK_AHEAD gives this server another clock, in seconds.
std::string date() {
  const char* ahead = std::getenv("LAB_CLOCK_AHEAD");
  const std::time_t now = std::time(nullptr) + (ahead == nullptr ? 0 : std::atol(ahead));
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text.data();
}

std::optional<std::string> file_text(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  std::ifstream file{path, std::ios::binary};
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

Response json(int status, std::string body) {
  return {status, "application/json", std::move(body), {}};
}

Response health(const Site& site, Pool& pool) {
  const bool healthy = pool.healthy();
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - site.started);
  return json(200, std::string{"{\"status\":\""} + (healthy ? "ok" : "degraded") +
                       "\",\"version\":\"0.17.0\",\"uptime_secs\":" + std::to_string(up.count()) +
                       ",\"db_healthy\":" + (healthy ? "true" : "false") + "}");
}

Response auth_config(const Site& site) {
  const auto url = site.has_public_url ? ",\"public_url\":\"" + site.public_url + "\"" : std::string{};
  return json(200, "{\"registration_mode\":\"" + site.registration_mode + "\"" + url +
                       ",\"max_messages_cache\":500,\"max_pins_per_channel\":50,\"e2e_enabled\":true}");
}

/// Whatever has no route is the web client's: an unknown path is answered with its page.
Response page(const Site& site) {
  const auto text = file_text(site.static_path + "/index.html");
  if (!text) return {404, "text/plain; charset=utf-8", "404 Not Found", {}};
  return {200, "text/html; charset=utf-8", *text, "no-cache"};
}

Response answer(const Request& request, const Site& site, Pool& pool) {
  if (const auto status = chore(request.method, request.path, pool)) return json(*status, "{}");
  if (request.path == "/api/health") return health(site, pool);
  if (request.path == "/api/auth/config") return auth_config(site);
  if (request.path == "/api/account/me" || request.path == "/api/auth/refresh")
    return json(401, R"({"error":{"code":"unauthorized","message":"unauthorized"}})");
  if (request.path == "/api/push/vapid-key") return {404, {}, {}, {}};
  if (request.path == "/ws")
    if (const auto refusal = websocket_refusal(request.head))
      return {refusal->status, "text/plain; charset=utf-8", refusal->text, {}};
  if (request.path == "/version.json")
    if (auto text = file_text(site.static_path + request.path)) return {200, "application/json", *text, "no-cache"};
  return page(site);
}

bool send_all(int socket, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const auto count = ::send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

std::optional<Request> read_request(int socket) {
  constexpr std::size_t most = 65536;
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.find("\r\n\r\n") == std::string::npos && text.size() < most) {
    const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (count <= 0) return std::nullopt;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  const auto first = text.find(' ');
  const auto second = text.find(' ', first + 1);
  if (first == std::string::npos || second == std::string::npos) return std::nullopt;
  auto path = text.substr(first + 1, second - first - 1);
  const auto end = std::min(text.find("\r\n\r\n"), text.size() - 4) + 4;
  return Request{text.substr(0, first), path.substr(0, path.find('?')), text.substr(0, end), text.substr(end)};
}

void converse(int socket, const Site& site, Pool& pool) {
  const timeval limit{10, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const auto request = read_request(socket);
  if (request && request->path == "/ws" && !websocket_refusal(request->head)) {
    serve_websocket(socket, request->head, request->rest);
  } else if (request) {
    const auto response = answer(*request, site, pool);
    auto text = "HTTP/1.1 " + std::to_string(response.status) + " " + reason_of(response.status) + "\r\n";
    if (!response.type.empty()) text += "content-type: " + response.type + "\r\n";
    if (!response.cache.empty()) text += "cache-control: " + response.cache + "\r\n";
    text += security_headers;
    text += "date: " + date() + "\r\n";
    text += "content-length: " + std::to_string(response.body.size()) + "\r\nconnection: close\r\n\r\n";
    if (request->method != "HEAD") text += response.body;
    send_all(socket, text);
  }
  ::close(socket);
}

sockaddr_in parse(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) throw Fatal("invalid socket address");
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  if (std::from_chars(text.data() + colon + 1, end, port).ptr != end || colon + 1 == text.size())
    throw Fatal("invalid port value");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1)
    throw Fatal("failed to lookup address information: Name or service not known");
  return address;
}

}  // namespace

int listen_on(const std::string& text) {
  const auto address = parse(text);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const void* raw = &address;
  if (::bind(listener, static_cast<const sockaddr*>(raw), sizeof address) != 0 || ::listen(listener, 1024) != 0)
    throw Fatal(os_error(errno));
  return listener;
}

void serve(int listener, const Site& site, Pool& pool, const volatile int& stop) {
  while (stop == 0) {
    pollfd wanted{listener, POLLIN, 0};
    if (::poll(&wanted, 1, 100) <= 0) continue;
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0) std::thread{converse, socket, std::cref(site), std::ref(pool)}.detach();
  }
}

}  // namespace chatalot
