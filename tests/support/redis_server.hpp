#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace doctor::test {

/// A real Redis in a throwaway directory, on a free port of 127.0.0.1, without persistence unless asked for. It ends
/// with the test process, whatever happens to that. Depends on std and POSIX only. Failures throw std::runtime_error
/// with the server's log.
///
///   RedisServer server{{.password = "secret"}};
///   server.command({"SET", "key", "value"});
///   ... server.url() ...
class RedisServer {
 public:
  struct Options {
    std::string password;                                       ///< of the default user; "": none
    std::vector<std::pair<std::string, std::string>> settings;  ///< of redis.conf, in order, as written
    std::string certificate;                                    ///< PEM; with `key` the port speaks TLS only
    std::string key;                                            ///< PEM
    bool unprivileged = false;  ///< run by the user nobody when the test runs as root, so that file modes count
    bool wait = true;           ///< return when it answers; false: when it accepts connections
  };

  struct Availability {
    bool ok = false;
    std::string reason;  ///< why not
  };
  /// Whether such a server can run here. A test that needs it and finds it missing says the reason, and fails in CI.
  static Availability available();

  RedisServer();
  explicit RedisServer(Options options);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  void start();  ///< the constructors start it already
  void stop();
  void pause() const;   ///< SIGSTOP
  void resume() const;  ///< SIGCONT

  /// Sends one command as the default user and returns the answer as it comes over the wire. Not for TLS.
  std::string command(const std::vector<std::string>& words) const;

  std::uint16_t port() const { return port_; }
  const std::string& directory() const { return directory_; }
  std::string log() const;

  /// "redis://[:PASSWORD@]127.0.0.1:PORT/0", or rediss:// with TLS.
  std::string url() const;

 private:
  void configure() const;
  void wait_until_ready();

  Options options_;
  std::string directory_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

/// Clients that stay connected and say nothing. Not for TLS.
class IdleClients {
 public:
  IdleClients(const RedisServer& server, int count);
  ~IdleClients();
  IdleClients(const IdleClients&) = delete;
  IdleClients& operator=(const IdleClients&) = delete;

 private:
  std::vector<int> sockets_;
};

}  // namespace doctor::test
