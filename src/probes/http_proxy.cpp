#include "probes/http_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>

#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::chrono::milliseconds answer_limit{5000};
constexpr std::size_t most_head = 64UL * 1024;
constexpr std::string_view end_of_head = "\r\n\r\n";

ProbeFailure failure_of(FailureKind kind, std::string code, std::string detail) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  return failure;
}

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

/// "proxy.lan:3128", "[::1]:3128".
std::optional<Address> address_from(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto digits = text.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  const auto port = std::stoul(digits);
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.empty() || port == 0 || port > 65535) return std::nullopt;
  return Address{host, static_cast<std::uint16_t>(port)};
}

std::string request_for(const Detour& detour) {
  const auto target = shown_address(detour.host, detour.port);
  return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: doctor/0.1\r\n\r\n";
}

std::optional<ProbeFailure> send_all(int fd, std::string_view bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    const auto count = send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return failure_of_errno(errno, "proxy", "", {});
    if (!wait_for(fd, POLLOUT, deadline)) return failure_of_deadline(deadline, "proxy", "", {});
  }
  return std::nullopt;
}

/// The head of the proxy's answer and nothing after it: what follows belongs to the target.
Outcome<std::string> read_head(int fd, const Deadline& deadline) {
  std::string head;
  while (!head.ends_with(end_of_head)) {
    if (head.size() >= most_head)
      return Failed{failure_of(FailureKind::too_large, "headers", "more than 64 KB of headers")};
    char next = 0;
    const auto count = recv(fd, &next, 1, MSG_DONTWAIT);
    if (count == 1) {
      head += next;
      continue;
    }
    if (count == 0)
      return Failed{failure_of(
          FailureKind::protocol_error, "closed",
          head.empty() ? "the proxy closed the connection without an answer" : "the proxy's answer breaks off")};
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return Failed{failure_of_errno(errno, "proxy", "", {})};
    if (!wait_for(fd, POLLIN, deadline)) return Failed{failure_of_deadline(deadline, "proxy", "", {})};
  }
  return head;
}

/// The status of "HTTP/1.1 200 Connection established"; 0: it is none.
int status_of(std::string_view line) {
  constexpr std::size_t digits_at = 9;
  if (!line.starts_with("HTTP/1.") || line.size() < digits_at + 3 || line[digits_at - 1] != ' ') return 0;
  int status = 0;
  for (const char c : line.substr(digits_at, 3)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status;
}

std::optional<ProbeFailure> refusal(const std::string& head) {
  const auto line = head.substr(0, head.find_first_of("\r\n"));
  const int status = status_of(line);
  if (status / 100 == 2) return std::nullopt;
  if (status == 0)
    return failure_of(FailureKind::protocol_error, "not-http", "something answers that is no HTTP proxy");
  constexpr std::size_t words_at = 9;
  const bool is_denied = status == 403 || status == 407;
  return failure_of(is_denied ? FailureKind::auth_rejected : FailureKind::unreachable, std::to_string(status),
                    "it answers " + util::shown(line.substr(words_at), 80));
}

std::optional<ProbeFailure> open_tunnel(const Connection& connection, const Detour& detour, const Deadline& deadline) {
  const auto within = deadline.within(answer_limit);
  const int fd = connection.socket.get();
  if (auto failure = send_all(fd, request_for(detour), within)) return failure;
  const auto head = read_head(fd, within);
  return head ? refusal(*head) : head.error();
}

}  // namespace

Outcome<Connection> dial_through(Resolver& resolver, const Detour& detour, const Deadline& deadline) {
  if (detour.proxy.empty()) return dial(resolver, detour.host, detour.port, deadline);
  const auto started = Deadline::Clock::now();
  const auto failed = [&](ProbeFailure failure, const std::string& address) {
    failure.phase = "proxy";
    if (failure.address.empty()) failure.address = address;
    failure.waited = since(started);
    return Failed{std::move(failure)};
  };
  const auto proxy = address_from(detour.proxy);
  if (!proxy) return failed(failure_of(FailureKind::protocol_error, "invalid-proxy", "its address cannot be read"), {});
  auto connection = dial(resolver, proxy->host, proxy->port, deadline);
  if (!connection) return failed(std::move(connection.error()), {});
  if (!detour.tunnel) return connection;
  if (auto failure = open_tunnel(*connection, detour, deadline))
    return failed(std::move(*failure), connection->address);
  return connection;
}

}  // namespace doctor::probes
