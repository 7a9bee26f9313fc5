#include "probes/transport.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::chrono::milliseconds attempt_delay{250};  // RFC 8305, section 8: Connection Attempt Delay

using Time = Deadline::Clock::time_point;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::optional<SocketAddress> socket_address(const std::string& numeric, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(numeric.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return std::nullopt;
  SocketAddress address;
  address.length = found->ai_addrlen;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return address;
}

/// A connect to a free port of the local port range can meet itself; nothing listens there.
bool is_connected_to_itself(int fd) {
  SocketAddress here;
  SocketAddress there;
  here.length = there.length = sizeof here.storage;
  if (getsockname(fd, here.get(), &here.length) != 0 || getpeername(fd, there.get(), &there.length) != 0) return false;
  return here.length == there.length && std::memcmp(&here.storage, &there.storage, here.length) == 0;
}

int pending_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  if (error == 0 && is_connected_to_itself(fd)) return ECONNREFUSED;
  return error;
}

int milliseconds_until(Time time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Deadline::Clock::now());
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds{0}, stop_interval).count());
}

int rank(FailureKind kind) {
  switch (kind) {
    case FailureKind::refused:
      return 4;
    case FailureKind::timed_out:
      return 3;
    case FailureKind::unreachable:
      return 1;
    default:
      return 2;
  }
}

/// Attempts to several addresses, started one after the other, all open at once.
class Race {
 public:
  Race(const std::vector<std::string>& addresses, std::uint16_t port, const Deadline& deadline)
      : addresses_{addresses}, port_{port}, deadline_{deadline} {}

  Outcome<Connection> run() {
    while (!deadline_.expired()) {
      start_next();
      if (winner_) return std::move(*winner_);
      if (open_.empty() && next_ == addresses_.size()) return Failed{result()};
      if (!open_.empty()) wait();
      if (winner_) return std::move(*winner_);
    }
    for (const auto& attempt : open_) note(failure_of_deadline(deadline_, "connect", attempt.address, since(started_)));
    if (deadline_.stopped() || !worst_) return Failed{failure_of_deadline(deadline_, "connect", "", since(started_))};
    return Failed{result()};
  }

 private:
  struct Attempt {
    Descriptor socket;
    std::string numeric;
    std::string address;
  };

  void start_next() {
    if (next_ == addresses_.size() || (!open_.empty() && Deadline::Clock::now() < next_start_)) return;
    const auto& numeric = addresses_[next_++];
    next_start_ = Deadline::Clock::now() + attempt_delay;
    Attempt attempt{Descriptor{}, numeric, shown_address(numeric, port_)};
    const auto target = socket_address(numeric, port_);
    if (!target) return fail(attempt, EINVAL);
    attempt.socket =
        Descriptor{socket(target->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP)};
    if (!attempt.socket) return fail(attempt, errno);
    if (connect(attempt.socket.get(), target->get(), target->length) == 0) return finish(attempt);
    if (errno != EINPROGRESS) return fail(attempt, errno);
    open_.push_back(std::move(attempt));
  }

  void wait() {
    std::vector<pollfd> polled;
    for (const auto& attempt : open_) polled.push_back({attempt.socket.get(), POLLOUT, 0});
    const auto until = next_ < addresses_.size() ? std::min(next_start_, deadline_.at()) : deadline_.at();
    if (poll(polled.data(), polled.size(), milliseconds_until(until)) <= 0) return;
    for (std::size_t i = polled.size(); i-- > 0 && !winner_;) {
      if (polled[i].revents == 0) continue;
      Attempt attempt = std::move(open_[i]);
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
      finish(attempt);
    }
  }

  void finish(Attempt& attempt) {
    if (const int error = pending_error(attempt.socket.get()); error != 0) return fail(attempt, error);
    winner_ = Connection{std::move(attempt.socket), attempt.numeric, attempt.address, since(started_)};
  }

  void fail(const Attempt& attempt, int error) {
    note(failure_of_errno(error, "connect", attempt.address, since(started_)));
    next_start_ = Deadline::Clock::now();
  }

  void note(ProbeFailure failure) {
    if (!worst_ || rank(failure.kind) > rank(worst_->kind)) worst_ = std::move(failure);
  }

  ProbeFailure result() const {
    if (worst_) return *worst_;
    ProbeFailure failure;
    failure.kind = FailureKind::name_not_resolved;
    failure.detail = "the name has no address";
    failure.phase = "resolve";
    return failure;
  }

  const std::vector<std::string>& addresses_;
  std::uint16_t port_;
  const Deadline& deadline_;
  Time started_ = Deadline::Clock::now();
  Time next_start_ = started_;
  std::size_t next_ = 0;
  std::vector<Attempt> open_;
  std::optional<Connection> winner_;
  std::optional<ProbeFailure> worst_;
};

}  // namespace

FailureKind kind_of_errno(int error) {
  switch (error) {
    case ECONNREFUSED:
      return FailureKind::refused;
    case ETIMEDOUT:
      return FailureKind::timed_out;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EINVAL:
      return FailureKind::unreachable;
    case ENOENT:
    case ENOTDIR:
      return FailureKind::not_found;
    case EACCES:
    case EPERM:
    case EMFILE:  // doctor's own shortage: it cannot look
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return FailureKind::permission_denied;
    default:
      return FailureKind::protocol_error;
  }
}

ProbeFailure failure_of_errno(int error, std::string_view phase, std::string address,
                              std::chrono::milliseconds waited) {
  const char* name = strerrorname_np(error);
  const char* description = strerrordesc_np(error);
  ProbeFailure failure;
  failure.kind = kind_of_errno(error);
  failure.code = name != nullptr ? name : "errno " + std::to_string(error);
  failure.detail = description != nullptr ? description : "unknown error";
  failure.address = std::move(address);
  failure.phase = phase;
  failure.waited = waited;
  return failure;
}

ProbeFailure failure_of_deadline(const Deadline& deadline, std::string_view phase, std::string address,
                                 std::chrono::milliseconds waited) {
  ProbeFailure failure;
  failure.kind = deadline.stopped() ? FailureKind::cancelled : FailureKind::timed_out;
  failure.detail = deadline.stopped() ? "stopped" : "no answer";
  failure.address = std::move(address);
  failure.phase = phase;
  failure.waited = waited;
  return failure;
}

std::chrono::milliseconds since(Deadline::Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Deadline::Clock::now() - start);
}

bool wait_for(int fd, short events, const Deadline& deadline) {
  while (!deadline.expired()) {
    pollfd polled{fd, events, 0};
    if (poll(&polled, 1, milliseconds_until(deadline.at())) > 0) return true;
  }
  return false;
}

std::string shown_address(std::string_view numeric, std::uint16_t port) {
  const bool is_v6 = numeric.find(':') != std::string_view::npos;
  const std::string host{numeric};
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Outcome<Connection> connect_to(const std::vector<std::string>& addresses, std::uint16_t port,
                               const Deadline& deadline) {
  return Race{addresses, port, deadline}.run();
}

Outcome<Connection> connect_to_path(const std::string& path, const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  const auto shown_path = util::shown(path, 200);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Failed{failure_of_errno(EINVAL, "connect", shown_path, {})};
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor fd{socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd) return Failed{failure_of_errno(errno, "connect", shown_path, {})};
  // EAGAIN: the queue of the listener is full; a socket file knows no EINPROGRESS.
  while (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EAGAIN) return Failed{failure_of_errno(errno, "connect", shown_path, since(started))};
    if (deadline.expired()) return Failed{failure_of_deadline(deadline, "connect", shown_path, since(started))};
    poll(nullptr, 0, 20);
  }
  return Connection{std::move(fd), "", shown_path, since(started)};
}

Outcome<Connection> dial(Resolver& resolver, const std::string& host, std::uint16_t port, const Deadline& deadline) {
  const auto resolved = resolver.resolve(host, deadline.within(connect_limit));
  if (!resolved) return Failed{resolved.error()};
  return connect_to(resolved->addresses, port, deadline.within(connect_limit));
}

ProbeFailure no_such_vantage(std::string_view vantage) {
  ProbeFailure failure;
  failure.kind = FailureKind::permission_denied;
  failure.code = "vantage";
  failure.detail = "doctor cannot look from " + util::shown(vantage, 80);
  return failure;
}

}  // namespace doctor::probes
