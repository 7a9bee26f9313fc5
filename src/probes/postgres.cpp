#include "probes/postgres.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <utility>

#include <libpq-fe.h>

#include "probes/memo.hpp"
#include "probes/postgres_session.hpp"
#include "probes/postgres_url.hpp"
#include "probes/transport.hpp"
#include "redact/secret_reader.hpp"

namespace doctor::probes {
namespace {

constexpr std::chrono::milliseconds answer_limit{8000};

Failed failed(FailureKind kind, std::string code, std::string detail, std::string phase) {
  ProbeFailure failure;
  failure.kind = kind;
  failure.code = std::move(code);
  failure.detail = std::move(detail);
  failure.phase = std::move(phase);
  return Failed{std::move(failure)};
}

Outcome<PostgresUrl> url_of(const PostgresBroker::Reveal& reveal, const PostgresSessionQuestion& question) {
  const auto value = reveal(question.source);
  if (!value) return failed(FailureKind::not_found, "no-url", "the setting has no value", "url");
  auto url = parse_postgres_url(SecretReader::reveal(*value));
  if (!url) return failed(FailureKind::protocol_error, "invalid-url", url.error(), "url");
  return *url;
}

bool is_path(const std::string& host) {
  return host.starts_with('/');
}

Outcome<Connection> reach(Resolver& resolver, const std::string& host, std::uint16_t port, const Deadline& deadline) {
  if (is_path(host)) return connect_to_path(host + "/.s.PGSQL." + std::to_string(port), deadline.within(connect_limit));
  return dial(resolver, host, port, deadline);
}

}  // namespace

void clear_postgres_environment() {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> known{PQconndefaults(), PQconninfoFree};
  for (const auto* option = known.get(); option != nullptr && option->keyword != nullptr; ++option)
    if (option->envvar != nullptr) unsetenv(option->envvar);
  constexpr std::array others{"PGSERVICE",   "PGSERVICEFILE", "PGREQUIRESSL", "PGSYSCONFDIR",
                              "PGDATESTYLE", "PGTZ",          "PGGEQO",       "PGLOCALEDIR"};
  for (const char* name : others) unsetenv(name);
}

struct PostgresBroker::Line {
  std::mutex mutex;
  std::condition_variable_any changed;
  bool taken = false;  ///< what follows belongs to whoever has the turn
  std::unique_ptr<PostgresSession> session;
  std::optional<ProbeFailure> refusal;
};

/// The right to use a line; waits for it no longer than the deadline.
class PostgresBroker::Turn {
 public:
  Turn(Line& line, const Deadline& deadline) : line_{line} {
    std::unique_lock lock{line_.mutex};
    mine_ = line_.changed.wait_until(lock, deadline.stop(), deadline.at(), [&] { return !line_.taken; });
    if (mine_) line_.taken = true;
  }
  ~Turn() {
    if (!mine_) return;
    const std::lock_guard guard{line_.mutex};
    line_.taken = false;
    line_.changed.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  explicit operator bool() const { return mine_; }

 private:
  Line& line_;
  bool mine_ = false;
};

PostgresBroker::PostgresBroker(Vantages& vantages, Reveal reveal, std::string passfile)
    : vantages_{vantages}, reveal_{std::move(reveal)}, passfile_{std::move(passfile)} {}
PostgresBroker::~PostgresBroker() = default;

std::shared_ptr<PostgresBroker::Line> PostgresBroker::line(const PostgresSessionQuestion& question) {
  const auto key =
      question.source + '\n' + question.host + '\n' + std::to_string(question.port) + '\n' + question.vantage;
  const std::lock_guard guard{mutex_};
  auto& line = lines_[key];
  if (!line) line = std::make_shared<Line>();
  return line;
}

std::optional<ProbeFailure> PostgresBroker::open(Resolver& resolver, Line& line,
                                                 const PostgresSessionQuestion& question, const Deadline& deadline) {
  if (line.session && line.session->is_open()) return std::nullopt;
  if (line.refusal) return line.refusal;
  auto url = url_of(reveal_, question);
  if (!url) return url.error();
  const auto host = question.host.empty() ? url->host : question.host;
  const auto port = question.port == 0 ? url->port : question.port;
  // libpq names no errno, so the way in is ours; PostgreSQL ignores a connection without a byte.
  const auto connection = reach(resolver, host, port, deadline);
  Outcome<std::unique_ptr<PostgresSession>> session = Failed{ProbeFailure{}};
  if (!connection) {
    session = Failed{connection.error()};
  } else {
    if (is_path(host) || is_path(url->host)) url->host = host;
    session = PostgresSession::login({*url, passfile_, connection->numeric, connection->address, port}, deadline);
  }
  if (session) {
    line.session = std::move(*session);
    return std::nullopt;
  }
  if (is_final(session, deadline)) line.refusal = session.error();
  return session.error();
}

Outcome<PostgresSessionAnswer> PostgresBroker::session_here(Resolver& resolver, const PostgresSessionQuestion& question,
                                                            const Deadline& deadline) {
  const auto used = line(question);
  const Turn turn{*used, deadline};
  if (!turn) return Failed{failure_of_deadline(deadline, "", "", {})};
  if (used->session) return used->session->facts();
  if (auto failure = open(resolver, *used, question, deadline)) return Failed{std::move(*failure)};
  return used->session->facts();
}

Outcome<PostgresRowsAnswer> PostgresBroker::rows_here(Resolver& resolver, const PostgresRowsQuestion& question,
                                                      const Deadline& deadline) {
  const auto limit = deadline.within(answer_limit);
  const auto used = line(question.session);
  const Turn turn{*used, limit};
  if (!turn) return Failed{failure_of_deadline(limit, "", "", {})};
  if (auto failure = open(resolver, *used, question.session, limit)) return Failed{std::move(*failure)};
  return used->session->ask(question.sql, question.parameters, limit);
}

Outcome<PostgresSessionAnswer> PostgresBroker::session(const PostgresSessionQuestion& question,
                                                       const Deadline& deadline) {
  return vantages_.at<PostgresSessionAnswer>(
      question.vantage, [&](Resolver& resolver) { return session_here(resolver, question, deadline); });
}

Outcome<PostgresRowsAnswer> PostgresBroker::rows(const PostgresRowsQuestion& question, const Deadline& deadline) {
  return vantages_.at<PostgresRowsAnswer>(question.session.vantage,
                                          [&](Resolver& resolver) { return rows_here(resolver, question, deadline); });
}

}  // namespace doctor::probes
