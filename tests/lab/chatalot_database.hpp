#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// The database side of the lab's chatalot-server.
namespace chatalot {

/// What main prints as "Error: ...", with the causes below it.
struct Fatal : std::runtime_error {
  explicit Fatal(const std::string& message, std::string because = {})
      : std::runtime_error(message), cause(std::move(because)) {}
  std::string cause;
};

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

/// Connections to one database. Thread-safe. Like the application's own it retries what may pass (refused, starting up,
/// out of slots) for five seconds without a word.
class Pool {
 public:
  /// Opens two connections; throws Fatal with the application's texts.
  explicit Pool(std::string url);

  /// Whether the database answers a question within five seconds.
  bool healthy();

  /// Brings the database to the newest migration; throws Fatal with the application's texts.
  void migrate();

  /// The rows of a statement, NULL as nothing; throws Fatal with the application's texts.
  using Table = std::vector<std::vector<std::optional<std::string>>>;
  Table query(const std::string& sql);

 private:
  Connection open(std::chrono::steady_clock::time_point end) const;
  Connection acquire(std::chrono::steady_clock::time_point end);
  void release(Connection connection);

  std::string url_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
};

}  // namespace chatalot
