#include "lab/smoltbot_http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <sstream>

namespace smoltbot {
namespace {

constexpr int keep_alive_ms = 5000;
constexpr std::size_t most = 32UL * 1024 * 1024;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// One connection: what was read beyond a request is kept for the next one.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ::close(socket_); }

  bool read(Request& request, const std::atomic<bool>& stop) {
    while (buffer_.find("\r\n\r\n") == std::string::npos)
      if (!more(stop)) return false;
    parse_head(request);
    const auto length = request.header("content-length");
    const std::size_t wanted = length.empty() ? 0 : std::strtoul(length.c_str(), nullptr, 10);
    while (buffer_.size() < wanted)
      if (!more(stop)) return false;
    request.body = buffer_.substr(0, wanted);
    buffer_.erase(0, wanted);
    return true;
  }

  bool write(const std::string& text) const {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const auto count = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return false;
      sent += static_cast<std::size_t>(count);
    }
    return true;
  }

 private:
  bool more(const std::atomic<bool>& stop) {
    constexpr int slice = 50;
    pollfd wanted{socket_, POLLIN, 0};
    for (int waited = 0; waited < keep_alive_ms && !stop; waited += slice) {
      if (::poll(&wanted, 1, slice) <= 0) continue;
      std::array<char, 65536> bytes{};
      const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
      if (count <= 0 || buffer_.size() > most) return false;
      buffer_.append(bytes.data(), static_cast<std::size_t>(count));
      return true;
    }
    return false;
  }

  void parse_head(Request& request) {
    const auto end = buffer_.find("\r\n\r\n");
    std::istringstream lines{buffer_.substr(0, end + 2)};
    buffer_.erase(0, end + 4);
    std::string line;
    std::getline(lines, line);
    std::istringstream first{line};
    std::string target;
    first >> request.method >> target;
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string::npos) request.query = target.substr(question + 1);
    while (std::getline(lines, line)) {
      const auto colon = line.find(':');
      if (colon == std::string::npos) continue;
      auto value = line.substr(colon + 1);
      value.erase(0, value.find_first_not_of(' '));
      while (!value.empty() && (value.back() == '\r' || value.back() == ' ')) value.pop_back();
      request.headers[lower(line.substr(0, colon))] = value;
    }
  }

  int socket_;
  std::string buffer_;
};

std::string head_of(const Response& response) {
  const auto length = response.length == std::string::npos ? response.body.size() : response.length;
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " Status\r\n";
  if (!response.type.empty()) head += "content-type: " + response.type + "\r\n";
  for (const auto& [name, value] : response.headers) head.append(name).append(": ").append(value).append("\r\n");
  return head + "content-length: " + std::to_string(length) +
         "\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n";
}

void serve(int socket, const Handler& handler, const std::atomic<bool>& stop) {
  Connection connection{socket};
  for (Request request; !stop && connection.read(request, stop); request = {}) {
    const auto response = handler(request);
    if (response.status == 0) return;  // hangs up without an answer
    if (!connection.write(head_of(response) + (request.method == "HEAD" ? "" : response.body))) return;
    if (lower(request.header("connection")) == "close") return;
  }
}

}  // namespace

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

bool Server::listen(const std::string& address, std::uint16_t port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  return ::bind(listener_, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0 &&
         ::listen(listener_, 511) == 0;
}

std::uint16_t Server::port() const {
  sockaddr_in place{};
  socklen_t length = sizeof place;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&place), &length);
  return ntohs(place.sin_port);
}

void Server::start(Handler handler) {
  acceptor_ = std::thread{[this, handler = std::move(handler)] {
    constexpr int slice = 20;
    while (!stop_) {
      pollfd wanted{listener_, POLLIN, 0};
      if (::poll(&wanted, 1, slice) <= 0) continue;
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) std::thread{[this, socket, handler] { serve(socket, handler, stop_); }}.detach();
    }
  }};
}

void Server::stop() {
  stop_ = true;
  if (acceptor_.joinable()) acceptor_.join();
  if (listener_ >= 0) ::close(listener_);
  listener_ = -1;
}

Server::~Server() {
  stop();
}

}  // namespace smoltbot
