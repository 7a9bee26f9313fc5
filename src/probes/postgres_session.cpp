#include "probes/postgres_session.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include <libpq-fe.h>

#include "probes/postgres_login.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::uint64_t most_bytes = 8UL * 1024 * 1024;
constexpr std::size_t most_rows = 100'000;
constexpr int most_notices = 1000;
constexpr std::chrono::milliseconds cancel_patience{200};

constexpr const char* begin =
    "BEGIN READ ONLY; SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '1s'; "
    "SET LOCAL idle_in_transaction_session_timeout = '10s'";
constexpr const char* facts_query =
    "SELECT current_setting('server_version_num'), current_setting('server_version'), current_user, "
    "current_database(), current_setting('is_superuser') = 'on', "
    "pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'";

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

std::string text_or_empty(const char* text) {
  return text != nullptr ? text : "";
}

/// PQcancel blocks without a deadline, so it gets a thread that may be abandoned.
void cancel_statement(PGconn* connection) {
  struct Done {
    std::mutex mutex;
    std::condition_variable changed;
    bool is = false;
  };
  PGcancel* const cancel = PQgetCancel(connection);
  if (cancel == nullptr) return;
  const auto done = std::make_shared<Done>();
  std::thread{[owned = std::shared_ptr<PGcancel>{cancel, PQfreeCancel}, done] {
    std::array<char, 256> error{};
    PQcancel(owned.get(), error.data(), static_cast<int>(error.size()));
    const std::lock_guard guard{done->mutex};
    done->is = true;
    done->changed.notify_all();
  }}.detach();
  std::unique_lock lock{done->mutex};
  done->changed.wait_for(lock, cancel_patience, [&] { return done->is; });
}

/// One exchange with the server: what was sent, and all results of it.
class Exchange {
 public:
  Exchange(PGconn* connection, const int& notices, const Deadline& deadline, std::string address)
      : connection_{connection}, notices_{notices}, deadline_{deadline}, address_{std::move(address)} {}

  /// Afterwards the connection is of use only if !is_broken().
  Outcome<PostgresRowsAnswer> run(const char* simple_statement) {
    if (PQsendQuery(connection_, simple_statement) == 0) return Failed{broken("the connection is lost")};
    return finish();
  }

  Outcome<PostgresRowsAnswer> run(const std::string& sql, const std::vector<std::string>& parameters) {
    std::vector<const char*> values;
    for (const auto& parameter : parameters) values.push_back(parameter.c_str());
    if (PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                          nullptr, 0) == 0)
      return Failed{broken("the connection is lost")};
    PQsetSingleRowMode(connection_);
    return finish();
  }

  bool is_broken() const { return broken_; }

 private:
  Outcome<PostgresRowsAnswer> finish() {
    if (auto failure = send()) return Failed{std::move(*failure)};
    PostgresRowsAnswer answer;
    std::optional<ProbeFailure> refused;
    for (;;) {
      if (auto failure = receive()) return Failed{std::move(*failure)};
      const Result result{PQgetResult(connection_), PQclear};
      if (!result) break;
      auto failure = take(result.get(), answer);
      if (broken_) return Failed{std::move(*failure)};
      if (failure && !refused) refused = std::move(failure);
    }
    if (refused) return Failed{std::move(*refused)};
    return answer;
  }

  std::optional<ProbeFailure> send() {
    for (int left = PQflush(connection_); left != 0; left = PQflush(connection_)) {
      if (left < 0) return broken("the connection is lost");
      if (auto failure = wait(POLLIN | POLLOUT)) return failure;
    }
    return std::nullopt;
  }

  std::optional<ProbeFailure> receive() {
    while (PQisBusy(connection_) != 0)
      if (auto failure = wait(POLLIN)) return failure;
    return std::nullopt;
  }

  /// Waits, reads, and holds the bounds.
  std::optional<ProbeFailure> wait(short events) {
    if (!wait_for(PQsocket(connection_), events, deadline_)) return gave_up();
    if (PQconsumeInput(connection_) == 0) return broken("the connection is lost");
    if (bytes_received(PQsocket(connection_)) - bytes_before_ > most_bytes) return too_large("more than 8 MB");
    if (notices_ - notices_before_ > most_notices) return too_large("more than 1,000 notices");
    return std::nullopt;
  }

  std::optional<ProbeFailure> take(const PGresult* result, PostgresRowsAnswer& answer) {
    switch (PQresultStatus(result)) {
      case PGRES_TUPLES_OK:
      case PGRES_SINGLE_TUPLE:
        return take_rows(result, answer);
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        return std::nullopt;
      case PGRES_FATAL_ERROR:
      case PGRES_BAD_RESPONSE:
        return refusal(result);
      default:
        return broken("the server answered with something that was not asked for");
    }
  }

  std::optional<ProbeFailure> take_rows(const PGresult* result, PostgresRowsAnswer& answer) {
    const int columns = PQnfields(result);
    if (answer.columns.empty())
      for (int column = 0; column < columns; ++column) answer.columns.push_back(text_or_empty(PQfname(result, column)));
    for (int row = 0; row < PQntuples(result); ++row) {
      if (answer.rows.size() == most_rows) return too_large("more than 100,000 rows");
      auto& cells = answer.rows.emplace_back();
      for (int column = 0; column < columns; ++column) cells.push_back(cell(result, row, column));
    }
    return bytes_ > most_bytes ? std::optional{too_large("more than 8 MB")} : std::nullopt;
  }

  std::optional<std::string> cell(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) return std::nullopt;
    const auto length = static_cast<std::size_t>(PQgetlength(result, row, column));
    bytes_ += length;
    return std::string{PQgetvalue(result, row, column), length};
  }

  ProbeFailure refusal(const PGresult* result) {
    const auto state = text_or_empty(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    if (state.empty()) return broken("the connection is lost");
    auto failure = failed(kind_of_sqlstate(state), text_or_empty(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)));
    failure.code = util::shown(state, 5);
    if (PQstatus(connection_) == CONNECTION_BAD) broken_ = true;
    return failure;
  }

  ProbeFailure gave_up() {
    cancel_statement(connection_);
    broken_ = true;
    return failure_of_deadline(deadline_, "answer", address_, since(started_));
  }

  ProbeFailure too_large(const char* detail) {
    cancel_statement(connection_);
    broken_ = true;
    return failed(FailureKind::too_large, detail);
  }

  ProbeFailure broken(const char* detail) {
    broken_ = true;
    return failed(FailureKind::protocol_error, detail);
  }

  ProbeFailure failed(FailureKind kind, const std::string& detail) const {
    ProbeFailure failure;
    failure.kind = kind;
    failure.detail = util::shown(detail, 200);
    failure.address = address_;
    failure.phase = "answer";
    failure.waited = since(started_);
    return failure;
  }

  PGconn* connection_;
  const int& notices_;
  const Deadline& deadline_;
  std::string address_;
  Deadline::Clock::time_point started_ = Deadline::Clock::now();
  std::uint64_t bytes_before_ = bytes_received(PQsocket(connection_));
  std::uint64_t bytes_ = 0;
  int notices_before_ = notices_;
  bool broken_ = false;
};

int number(const std::string& text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Whether the answer to the facts query has its form; a stand-in may answer anything.
bool has_facts(const PostgresRowsAnswer& answer) {
  if (answer.rows.size() != 1 || answer.rows.front().size() != 6) return false;
  const auto& row = answer.rows.front();
  return std::all_of(row.begin(), row.end(), [](const auto& cell) { return cell.has_value(); });
}

}  // namespace

void PostgresConnectionDeleter::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

FailureKind kind_of_sqlstate(std::string_view state) {
  using enum FailureKind;
  constexpr std::array<std::pair<std::string_view, FailureKind>, 17> kinds{{{"42501", auth_rejected},
                                                                            {"3D000", not_found},
                                                                            {"3F000", not_found},
                                                                            {"42P01", not_found},
                                                                            {"42703", not_found},
                                                                            {"42883", not_found},
                                                                            {"42704", not_found},
                                                                            {"57014", timed_out},
                                                                            {"55P03", timed_out},
                                                                            {"25P03", timed_out},
                                                                            {"57P01", refused},
                                                                            {"57P02", refused},
                                                                            {"57P03", refused},
                                                                            {"57P05", timed_out},
                                                                            {"53300", refused},
                                                                            {"53200", refused},
                                                                            {"53100", refused}}};
  if (state.starts_with("28")) return auth_rejected;
  for (const auto& [code, kind] : kinds)
    if (code == state) return kind;
  return protocol_error;
}

PostgresSession::PostgresSession(PostgresConnection connection, std::unique_ptr<int> notices, std::string address)
    : connection_{std::move(connection)}, notices_{std::move(notices)} {
  facts_.address = std::move(address);
  facts_.tls = PQsslInUse(connection_.get()) != 0;
  PQsetnonblocking(connection_.get(), 1);
}

PostgresSession::~PostgresSession() = default;

Outcome<std::unique_ptr<PostgresSession>> PostgresSession::login(const Target& target, const Deadline& deadline) {
  const auto started = Deadline::Clock::now();
  auto login = log_in(target, deadline);
  if (!login) return Failed{std::move(login.error())};
  const auto took = since(started);
  // The constructor is private, so make_unique cannot be used.
  std::unique_ptr<PostgresSession> session{
      new PostgresSession{std::move(login->connection), std::move(login->notices), target.address}};
  const auto answer = session->ask(facts_query, {}, deadline);
  if (!answer) return Failed{answer.error()};
  if (!has_facts(*answer)) {
    ProbeFailure failure;
    failure.code = "not-postgresql";
    failure.detail = "something answers that is not PostgreSQL";
    failure.address = target.address;
    failure.phase = "answer";
    return Failed{std::move(failure)};
  }
  const auto& row = answer->rows.front();
  auto& facts = session->facts_;
  facts.version = number(*row[0]);
  facts.version_text = *row[1];
  facts.user = *row[2];
  facts.database = *row[3];
  facts.superuser = *row[4] == "t";
  facts.read_only = *row[5] == "t";
  facts.took = took;
  return session;
}

Outcome<PostgresRowsAnswer> PostgresSession::ask(const std::string& sql, const std::vector<std::string>& parameters,
                                                 const Deadline& deadline) {
  PGconn* const connection = connection_.get();
  bool usable = true;
  const auto exchange = [&](auto&&... what) {
    Exchange one{connection, *notices_, deadline, facts_.address};
    auto outcome = one.run(what...);
    usable = !one.is_broken();
    return outcome;
  };
  auto outcome = exchange(begin);
  if (outcome) outcome = exchange(sql, parameters);
  if (usable) {
    const auto rolled_back = exchange("ROLLBACK");
    if (!rolled_back) usable = false;
  }
  if (!usable) connection_.reset();
  return outcome;
}

}  // namespace doctor::probes
