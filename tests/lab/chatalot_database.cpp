#include "lab/chatalot_database.hpp"

#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <thread>

#include "lab/migrations.hpp"

namespace chatalot {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds patience{5000};

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Rows = std::unique_ptr<PGresult, ClearResult>;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

/// The server's words without its severity and without line breaks: `FATAL:  no` and `ERROR:  no` become `no`.
std::string server_text(const std::string& message) {
  for (const std::string_view mark : {"FATAL:  ", "ERROR:  "}) {
    const auto at = message.rfind(mark);
    if (at == std::string::npos) continue;
    const auto begin = at + mark.size();
    return message.substr(begin, message.find('\n', begin) - begin);
  }
  return message.substr(0, message.find('\n'));
}

std::string host_of(const std::string& url) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options{PQconninfoParse(url.c_str(), &error)};
  PQfreemem(error);
  if (!options) throw Fatal("error with configuration: invalid port number");
  std::string host = "localhost";
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string keyword = option->keyword;
    const std::string value = option->val == nullptr ? "" : option->val;
    if (keyword == "host" && !value.empty()) host = value;
    if (keyword == "port" && value.find_first_not_of("0123456789") != std::string::npos)
      throw Fatal("error with configuration: invalid port number");
  }
  return host;
}

void resolve(const std::string& host) {
  if (host.starts_with('/')) return;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, nullptr, &found);
  if (error != 0)
    throw Fatal(std::string{"error communicating with database: failed to lookup address information: "} +
                ::gai_strerror(error));
  ::freeaddrinfo(found);
}

/// What no waiting will change.
bool permanent(const std::string& message) {
  for (const std::string_view sign : {"password authentication failed", "does not exist", "no pg_hba.conf entry"})
    if (message.find(sign) != std::string::npos) return true;
  return false;
}

Rows execute(PGconn* connection, const std::string& sql, const std::string& during) {
  Rows rows{PQexec(connection, sql.c_str())};
  const auto status = PQresultStatus(rows.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return rows;
  throw Fatal((during.empty() ? "" : during + ": ") +
              "error returned from database: " + server_text(PQerrorMessage(connection)));
}

struct Applied {
  std::string checksum;
  bool success = false;
};

std::map<int, Applied> applied(PGconn* connection) {
  const auto rows = execute(connection, "SELECT version, encode(checksum, 'hex'), success FROM _sqlx_migrations",
                            "while executing migrations");
  std::map<int, Applied> found;
  for (int row = 0; row < PQntuples(rows.get()); ++row)
    found[std::stoi(PQgetvalue(rows.get(), row, 0))] = {PQgetvalue(rows.get(), row, 1),
                                                        std::string{PQgetvalue(rows.get(), row, 2)} == "t"};
  return found;
}

void refuse_foreign_state(const std::map<int, Applied>& found) {
  const auto& known = doctor::lab::migrations();
  for (const auto& [version, row] : found) {
    const auto text = "migration " + std::to_string(version) + " ";
    if (!row.success) throw Fatal(text + "is partially applied; fix and remove row from `_sqlx_migrations` table");
    const auto same =
        std::find_if(known.begin(), known.end(), [v = version](const auto& one) { return one.version == v; });
    if (same == known.end()) throw Fatal(text + "was previously applied but is missing in the resolved migrations");
    if (row.checksum != doctor::lab::sha384(same->sql))
      throw Fatal(text + "was previously applied but has been modified");
  }
}

/// One question, given up when `end` passes.
bool answers(PGconn* connection, Clock::time_point end) {
  if (PQsendQuery(connection, "SELECT 1") != 1) return false;
  while (PQisBusy(connection) == 1) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count();
    pollfd wanted{PQsocket(connection), POLLIN, 0};
    if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(left)) <= 0 || PQconsumeInput(connection) != 1) return false;
  }
  bool good = false;
  while (const Rows rows{PQgetResult(connection)}) good = PQresultStatus(rows.get()) == PGRES_TUPLES_OK;
  return good;
}

}  // namespace

Pool::Pool(std::string url) : url_(std::move(url)) {
  if (url_.find("://") == std::string::npos) throw Fatal("error with configuration: relative URL without a base");
  resolve(host_of(url_));
  const auto end = Clock::now() + patience;
  for (int count = 0; count < 2; ++count) {
    auto connection = open(end);
    if (!connection) throw Fatal("pool timed out while waiting for an open connection");
    release(std::move(connection));
  }
}

Connection Pool::open(Clock::time_point end) const {
  while (true) {
    const auto url = url_ + (url_.find('?') == std::string::npos ? "?" : "&") + "connect_timeout=2";
    Connection connection{PQconnectdb(url.c_str())};
    PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
    if (PQstatus(connection.get()) == CONNECTION_OK) return connection;
    const std::string message = PQerrorMessage(connection.get());
    if (permanent(message)) throw Fatal("error returned from database: " + server_text(message));
    if (Clock::now() + milliseconds{100} > end) return nullptr;
    std::this_thread::sleep_for(milliseconds{100});
  }
}

Connection Pool::acquire(Clock::time_point end) {
  {
    const std::lock_guard lock{mutex_};
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return open(end);
}

void Pool::release(Connection connection) {
  const std::lock_guard lock{mutex_};
  idle_.push_back(std::move(connection));
}

bool Pool::healthy() {
  const auto end = Clock::now() + patience;
  try {
    while (auto connection = acquire(end)) {
      if (answers(connection.get(), end)) {
        release(std::move(connection));
        return true;
      }
      if (Clock::now() >= end) return false;
    }
  } catch (const Fatal&) {
    return false;
  }
  return false;
}

void Pool::migrate() {
  const auto connection = acquire(Clock::now() + patience);
  if (!connection) throw Fatal("pool timed out while waiting for an open connection");
  const auto during = std::string{"while executing migrations"};
  const auto key = std::to_string(doctor::lab::migration_lock(PQdb(connection.get())));
  execute(connection.get(), "SELECT pg_advisory_lock(" + key + ")", during);
  execute(connection.get(), doctor::lab::migrations_table_sql(), during);
  const auto found = applied(connection.get());
  refuse_foreign_state(found);
  for (const auto& migration : doctor::lab::migrations())
    if (found.count(migration.version) == 0)
      execute(connection.get(), doctor::lab::apply_sql(migration),
              "while executing migration " + std::to_string(migration.version));
  execute(connection.get(), "SELECT pg_advisory_unlock(" + key + ")", during);
}

Pool::Table Pool::query(const std::string& sql) {
  auto connection = acquire(Clock::now() + patience);
  if (!connection) throw Fatal("pool timed out while waiting for an open connection");
  const auto rows = execute(connection.get(), sql, {});
  Table table;
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    table.emplace_back();
    for (int column = 0; column < PQnfields(rows.get()); ++column)
      table.back().push_back(PQgetisnull(rows.get(), row, column) == 1
                                 ? std::nullopt
                                 : std::optional<std::string>{PQgetvalue(rows.get(), row, column)});
  }
  release(std::move(connection));
  return table;
}

}  // namespace chatalot
