#include "support/proxy_server.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace doctor::test {
namespace {

class Socket {
 public:
  explicit Socket(int fd) : fd_{fd} {}
  Socket(Socket&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

Socket connect_to(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return Socket{-1};
  Socket target{socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const bool connected = connect(target.get(), found->ai_addr, found->ai_addrlen) == 0;
  freeaddrinfo(found);
  return connected ? std::move(target) : Socket{-1};
}

}  // namespace

struct ProxyServer::State {
  explicit State(const Options& chosen) : options{chosen} {}

  Options options;
  Socket listener{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;
  std::atomic<bool> stop{false};
  mutable std::mutex mutex;
  std::vector<std::string> requested;
  std::vector<std::thread> threads;
  std::thread acceptor;

  bool wait_for_bytes(int fd) const {
    while (!stop) {
      pollfd polled{fd, POLLIN, 0};
      if (poll(&polled, 1, 50) > 0) return true;
    }
    return false;
  }

  void accept_all() {
    while (wait_for_bytes(listener.get())) {
      const int client = accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (client >= 0) threads.emplace_back([this, client] { serve(Socket{client}); });
    }
  }

  void serve(const Socket& client) {
    std::string head;
    char next = 0;
    while (!head.ends_with("\r\n\r\n")) {
      if (!wait_for_bytes(client.get()) || recv(client.get(), &next, 1, 0) != 1) return;
      head += next;
    }
    const auto line = head.substr(0, head.find('\r'));
    {
      const std::lock_guard guard{mutex};
      requested.push_back(line);
    }
    if (options.refusal != 0) {
      send_all(client.get(), "HTTP/1.1 " + std::to_string(options.refusal) + " Refused\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const bool is_tunnel = line.starts_with("CONNECT ");
    const auto begin = line.find(' ') + (is_tunnel ? 1 : sizeof(" http://") - 1);
    const auto authority = line.substr(begin, line.find_first_of(is_tunnel ? " " : "/ ", begin) - begin);
    const auto colon = authority.rfind(':');
    const auto host = options.target != 0 ? "127.0.0.1" : authority.substr(0, colon);
    const auto target_port = options.target != 0          ? std::to_string(options.target)
                             : colon == std::string::npos ? std::string{"80"}
                                                          : authority.substr(colon + 1);
    const auto target = connect_to(host, target_port);
    if (target.get() < 0) {
      send_all(client.get(), "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const bool begun = is_tunnel ? send_all(client.get(), "HTTP/1.1 200 Connection established\r\n\r\n")
                                 : send_all(target.get(), head);
    if (begun) relay(client.get(), target.get());
  }

  void relay(int one, int other) const {
    while (!stop) {
      std::array<pollfd, 2> polled{pollfd{one, POLLIN, 0}, pollfd{other, POLLIN, 0}};
      if (poll(polled.data(), polled.size(), 50) <= 0) continue;
      for (const auto& [from, to] : {std::pair{one, other}, std::pair{other, one}}) {
        const auto& events = from == one ? polled[0].revents : polled[1].revents;
        if (events == 0) continue;
        std::array<char, 4096> buffer{};
        const auto count = recv(from, buffer.data(), buffer.size(), 0);
        if (count <= 0 || !send_all(to, {buffer.data(), static_cast<std::size_t>(count)})) return;
      }
    }
  }
};

ProxyServer::ProxyServer() : ProxyServer{Options{}} {}

ProxyServer::ProxyServer(const Options& options) : state_{std::make_shared<State>(options)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const int fd = state_->listener.get();
  if (bind(fd, generic, length) != 0 || listen(fd, 16) != 0 || getsockname(fd, generic, &length) != 0)
    throw std::runtime_error{"the proxy cannot listen"};
  state_->port = ntohs(address.sin_port);
  state_->acceptor = std::thread{[state = state_.get()] { state->accept_all(); }};
}

ProxyServer::~ProxyServer() {
  state_->stop = true;
  state_->acceptor.join();
  for (auto& thread : state_->threads) thread.join();
}

std::uint16_t ProxyServer::port() const {
  return state_->port;
}

std::string ProxyServer::address() const {
  return "127.0.0.1:" + std::to_string(state_->port);
}

std::vector<std::string> ProxyServer::requested() const {
  const std::lock_guard guard{state_->mutex};
  return state_->requested;
}

}  // namespace doctor::test
