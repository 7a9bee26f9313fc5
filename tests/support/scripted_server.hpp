#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "support/certificate.hpp"

namespace doctor::test {

/// One accepted connection of a ScriptedServer. Every call ends when the other side leaves or the server stops.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual bool send(std::string_view bytes) = 0;      ///< false: the other side or the server has ended
  virtual std::string receive(std::size_t most) = 0;  ///< what comes next; empty: the end
  virtual void reset() = 0;                           ///< closes with RST
  virtual bool pause(std::chrono::milliseconds) = 0;  ///< false: ended meanwhile

  std::string receive_until(std::string_view mark, std::size_t most = 65536);
  void stay_silent();  ///< reads and says nothing until the other side leaves

 protected:
  Peer() = default;
  Peer(const Peer&) = default;
  Peer& operator=(const Peer&) = default;
};

/// What a server does with each connection; when it returns the connection is closed.
using Behaviour = std::function<void(Peer&)>;

Behaviour silent();
Behaviour closing();
Behaviour resetting();
Behaviour sending(std::string bytes);                         ///< at once, then silent
Behaviour answering(std::string bytes);                       ///< after the first bytes of the other side, then closes
Behaviour dripping(std::string bytes);                        ///< answers a byte every 100 ms
Behaviour endless(std::string prefix, std::string repeated);  ///< answers the prefix, then the rest without end

/// Where a server listens.
struct Place {
  std::string address = "127.0.0.1";  ///< IPv4
  std::uint16_t port = 0;             ///< 0: a free one
};

/// A TCP server on 127.0.0.1, or where it is told, a thread per connection.
class ScriptedServer {
 public:
  explicit ScriptedServer(Behaviour behaviour, const Place& place = {});
  /// Speaks TLS before the behaviour begins.
  ScriptedServer(Behaviour behaviour, const Certificate& certificate, const Place& place = {});
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const;
  int connections() const;       ///< accepted so far
  std::string received() const;  ///< all bytes that behaviours have received
  std::string url(const std::string& path = "/", const std::string& scheme = "http") const;

 private:
  struct State;
  void start(Behaviour behaviour, const Place& place);
  std::shared_ptr<State> state_;
};

/// A port of 127.0.0.1 on which nothing listens.
std::uint16_t closed_port();

/// A listener that never answers a SYN: its queue is full.
class DeafListener {
 public:
  explicit DeafListener(const Place& place = {});
  ~DeafListener();
  DeafListener(const DeafListener&) = delete;
  DeafListener& operator=(const DeafListener&) = delete;
  std::uint16_t port() const;

 private:
  struct Sockets;
  std::unique_ptr<Sockets> sockets_;
};

}  // namespace doctor::test
