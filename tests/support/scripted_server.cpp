#include "support/scripted_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace doctor::test {

using SslContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Ssl = std::unique_ptr<SSL, decltype(&SSL_free)>;

namespace {

constexpr int slice = 20;  // milliseconds between two looks at "stopping"

int listen_on(const Place& place, int backlog) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(place.port);
  inet_pton(AF_INET, place.address.c_str(), &address.sin_addr);
  const int again = place.port == 0 ? 0 : 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(fd, backlog) != 0)
    throw std::runtime_error{"cannot listen on " + place.address + ":" + std::to_string(place.port)};
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) throw std::runtime_error{"getsockname"};
  return ntohs(address.sin_port);
}

SslContext context_of(const Certificate& certificate) {
  SslContext context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  const std::unique_ptr<BIO, decltype(&BIO_free)> text{
      BIO_new_mem_buf(certificate.certificate.data(), static_cast<int>(certificate.certificate.size())), BIO_free};
  const std::unique_ptr<BIO, decltype(&BIO_free)> key_text{
      BIO_new_mem_buf(certificate.key.data(), static_cast<int>(certificate.key.size())), BIO_free};
  const std::unique_ptr<X509, decltype(&X509_free)> x509{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr),
                                                         X509_free};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
  if (SSL_CTX_use_certificate(context.get(), x509.get()) != 1 || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1)
    throw std::runtime_error{"bad certificate"};
  return context;
}

}  // namespace

struct ScriptedServer::State {
  Behaviour behaviour;
  SslContext context{nullptr, SSL_CTX_free};
  int listener = -1;
  std::atomic<bool> stopping{false};
  std::atomic<int> connections{0};
  std::mutex mutex;
  std::string received;
  std::vector<std::thread> threads;
  std::thread acceptor;
};

namespace {

class SocketPeer final : public Peer {
 public:
  SocketPeer(int fd, const std::atomic<bool>& stopping, std::mutex& mutex, std::string& received)
      : fd_{fd}, stopping_{stopping}, mutex_{mutex}, received_{received} {}
  ~SocketPeer() override {
    if (ssl_) SSL_shutdown(ssl_.get());
    if (fd_ >= 0) close(fd_);
  }
  SocketPeer(const SocketPeer&) = delete;
  SocketPeer& operator=(const SocketPeer&) = delete;

  /// The socket has a receive timeout of a slice, so that the handshake notices the end of the server.
  bool start_tls(SSL_CTX* context) {
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), fd_);
    while (!stopping_) {
      const int done = SSL_accept(ssl_.get());
      if (done == 1) return true;
      if (SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ) break;
    }
    ssl_.reset();
    return false;
  }

  bool send(std::string_view bytes) override {
    while (!bytes.empty() && !stopping_) {
      pollfd polled{fd_, POLLOUT, 0};
      if (poll(&polled, 1, slice) <= 0) continue;
      const auto count = write_some(bytes);
      if (count < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return bytes.empty();
  }

  std::string receive(std::size_t most) override {
    std::string buffer(most, '\0');
    while (!stopping_) {
      const auto count = read_some(buffer);
      if (count == 0) return {};
      if (count < 0) continue;
      buffer.resize(static_cast<std::size_t>(count));
      const std::lock_guard guard{mutex_};
      received_ += buffer;
      return buffer;
    }
    return {};
  }

  void reset() override {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ssl_.reset();
    close(std::exchange(fd_, -1));
  }

  bool pause(std::chrono::milliseconds span) override {
    const auto until = std::chrono::steady_clock::now() + span;
    while (!stopping_ && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds{slice});
    return !stopping_;
  }

 private:
  /// Bytes written, 0 for "not now", -1 for the end.
  long write_some(std::string_view bytes) {
    if (!ssl_) {
      const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      return count >= 0 ? count : errno == EAGAIN ? 0 : -1;
    }
    const int count = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 16384)));
    return count > 0 ? count : -1;
  }

  /// Bytes read, -1 for "nothing yet", 0 for the end.
  long read_some(std::string& buffer) {
    if (!ssl_) {
      const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
      return count >= 0 ? count : errno == EAGAIN || errno == EINTR ? -1 : 0;
    }
    const int count = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (count > 0) return count;
    return SSL_get_error(ssl_.get(), count) == SSL_ERROR_WANT_READ ? -1 : 0;
  }

  int fd_;
  Ssl ssl_{nullptr, SSL_free};
  const std::atomic<bool>& stopping_;
  std::mutex& mutex_;
  std::string& received_;
};

void serve(const Behaviour& behaviour, SSL_CTX* context, SocketPeer& peer) {
  // A write to a connection that is gone must not end the test, and must not hide a missing guard in what is tested.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  if (context == nullptr || peer.start_tls(context)) behaviour(peer);
}

}  // namespace

std::string Peer::receive_until(std::string_view mark, std::size_t most) {
  std::string text;
  while (text.size() < most && text.find(mark) == std::string::npos) {
    const auto next = receive(4096);
    if (next.empty()) break;
    text += next;
  }
  return text;
}

void Peer::stay_silent() {
  while (!receive(4096).empty()) continue;
}

Behaviour silent() {
  return [](Peer& peer) { peer.stay_silent(); };
}
Behaviour closing() {
  return [](Peer&) {};
}
Behaviour resetting() {
  return [](Peer& peer) {
    peer.receive(4096);
    peer.reset();
  };
}
Behaviour sending(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    if (peer.send(bytes)) peer.stay_silent();
  };
}
Behaviour answering(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    peer.receive(4096);
    peer.send(bytes);
  };
}
Behaviour dripping(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    peer.receive(4096);
    for (const char byte : bytes)
      if (!peer.send({&byte, 1}) || !peer.pause(std::chrono::milliseconds{100})) return;
  };
}
Behaviour endless(std::string prefix, std::string repeated) {
  return [prefix = std::move(prefix), repeated = std::move(repeated)](Peer& peer) {
    peer.receive(4096);
    bool open = peer.send(prefix);
    while (open) open = peer.send(repeated);
  };
}

ScriptedServer::ScriptedServer(Behaviour behaviour, const Place& place) : state_{std::make_shared<State>()} {
  start(std::move(behaviour), place);
}

ScriptedServer::ScriptedServer(Behaviour behaviour, const Certificate& certificate, const Place& place)
    : state_{std::make_shared<State>()} {
  state_->context = context_of(certificate);
  start(std::move(behaviour), place);
}

void ScriptedServer::start(Behaviour behaviour, const Place& place) {
  state_->behaviour = std::move(behaviour);
  state_->listener = listen_on(place, 64);
  State* const state = state_.get();
  state->acceptor = std::thread{[state] {
    while (!state->stopping) {
      pollfd polled{state->listener, POLLIN, 0};
      if (poll(&polled, 1, slice) <= 0) continue;
      const int fd = accept4(state->listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      const timeval timeout{0, slice * 1000};
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
      ++state->connections;
      state->threads.emplace_back([state, fd] {
        SocketPeer peer{fd, state->stopping, state->mutex, state->received};
        serve(state->behaviour, state->context.get(), peer);
      });
    }
  }};
}

ScriptedServer::~ScriptedServer() {
  state_->stopping = true;
  state_->acceptor.join();
  for (auto& thread : state_->threads) thread.join();
  close(state_->listener);
}

std::uint16_t ScriptedServer::port() const {
  return port_of(state_->listener);
}
int ScriptedServer::connections() const {
  return state_->connections;
}
std::string ScriptedServer::received() const {
  const std::lock_guard guard{state_->mutex};
  return state_->received;
}
std::string ScriptedServer::url(const std::string& path, const std::string& scheme) const {
  return scheme + "://127.0.0.1:" + std::to_string(port()) + path;
}

std::uint16_t closed_port() {
  const int fd = listen_on({}, 1);
  const auto port = port_of(fd);
  close(fd);
  return port;
}

struct DeafListener::Sockets {
  std::vector<int> all;
};

DeafListener::DeafListener(const Place& place) : sockets_{std::make_unique<Sockets>()} {
  const int listener = listen_on(place, 0);
  sockets_->all.push_back(listener);
  sockaddr_in address{};
  socklen_t length = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  for (int i = 0; i < 4; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    connect(fd, reinterpret_cast<const sockaddr*>(&address), length);
    sockets_->all.push_back(fd);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds{50});
}

DeafListener::~DeafListener() {
  for (const int fd : sockets_->all) close(fd);
}

std::uint16_t DeafListener::port() const {
  return port_of(sockets_->all.front());
}

}  // namespace doctor::test
