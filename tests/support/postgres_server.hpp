#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace doctor::test {

/// A real PostgreSQL server in a throwaway directory, on a free port of 127.0.0.1 and on a socket file. Run by the
/// system user postgres when the test runs as root. It ends with the test process, whatever happens to that.
/// Depends on std and POSIX only. Failures throw std::runtime_error with the server's log.
///
///   PostgresServer server;
///   server.sql("CREATE ROLE app LOGIN PASSWORD 'secret'; ");
///   server.sql("CREATE DATABASE app OWNER app");
///   ... server.url("app", "secret", "app") ...
class PostgresServer {
 public:
  struct Options {
    int max_connections = 20;
    std::vector<std::string> hba;                 ///< lines of pg_hba.conf, before the usual ones (scram over TCP)
    std::map<std::string, std::string> settings;  ///< of postgresql.conf, unquoted
    std::string certificate;                      ///< PEM; with `key` it turns TLS on
    std::string key;                              ///< PEM
  };

  struct Availability {
    bool ok = false;
    std::string reason;  ///< why not
  };
  /// Whether such a server can run here. A test that needs it and finds it missing says the reason, and fails in CI.
  static Availability available();

  PostgresServer();
  explicit PostgresServer(Options options);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  void start();  ///< returns when the server accepts connections; the constructors start it already
  void stop();   ///< fast shutdown

  /// Runs SQL as the superuser postgres over the socket and returns what psql prints (unaligned, tuples only).
  std::string sql(const std::string& text, const std::string& database = "postgres") const;

  std::uint16_t port() const { return port_; }
  const std::string& directory() const { return directory_; }  ///< holds the socket and the data directory "data"
  std::string log() const;

  /// "postgres://USER:PASSWORD@127.0.0.1:PORT/DATABASE"; the parts are taken as they are.
  std::string url(const std::string& user, const std::string& password, const std::string& database) const;

 private:
  void initialise();
  void configure() const;
  void wait_until_ready();

  Options options_;
  std::string binaries_;
  std::string directory_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace doctor::test
