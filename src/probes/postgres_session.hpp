#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/deadline.hpp"
#include "doctor/probe/postgres.hpp"
#include "probes/postgres_url.hpp"
#include "probes/transport.hpp"

struct pg_conn;

namespace doctor::probes {

struct PostgresConnectionDeleter {
  void operator()(pg_conn* connection) const;
};
using PostgresConnection = std::unique_ptr<pg_conn, PostgresConnectionDeleter>;

/// An SQLSTATE (PostgreSQL manual, appendix A) as a closed kind: class 28 and 42501 are auth_rejected; what does not
/// exist (database, relation, column, function, role) not_found; timeouts of statement and lock timed_out; no free
/// connection, starting and stopping refused; everything else protocol_error. The code says the rest.
FailureKind kind_of_sqlstate(std::string_view state);

/// One login. Not thread-safe: the broker serialises.
class PostgresSession {
 public:
  struct Target {
    PostgresUrl url;
    std::string passfile;  ///< as PGPASSFILE; empty: none is read
    std::string numeric;   ///< the address that accepted; empty for a socket file
    std::string address;   ///< as shown
    std::uint16_t port = 0;
  };

  /// Logs in within 5 s. At most 64 KB are read before the login is done, and 100,000 SCRAM rounds are done.
  static Outcome<std::unique_ptr<PostgresSession>> login(const Target& target, const Deadline& deadline);

  ~PostgresSession();
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  const PostgresSessionAnswer& facts() const { return facts_; }

  /// One statement in a read-only transaction of its own, which is rolled back. At most 8 MB, 100,000 rows and
  /// 1,000 notices.
  Outcome<PostgresRowsAnswer> ask(const std::string& sql, const std::vector<std::string>& parameters,
                                  const Deadline& deadline);

  /// False after a question was given up or the connection broke: the session has ended.
  bool is_open() const { return connection_ != nullptr; }

 private:
  PostgresSession(PostgresConnection connection, std::unique_ptr<int> notices, std::string address);

  PostgresConnection connection_;
  std::unique_ptr<int> notices_;  ///< counted by libpq's receiver, which keeps its address
  PostgresSessionAnswer facts_;
};

}  // namespace doctor::probes
