#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "doctor/check.hpp"

/// What the check `database` observes. Its parts: questions (asks PostgreSQL), login, activity,
/// migrations (of sqlx), named_migrations (of runners that note file names), schema and expectations (judge).
namespace doctor::checks::database_check {

/// A question that PostgreSQL may refuse to answer.
template <class T>
using Asked = std::optional<Outcome<T>>;  ///< nothing: not asked

struct Slots {
  std::int64_t used = 0;   ///< without doctor's own session
  std::int64_t limit = 0;  ///< max_connections less what is reserved for administrators
};

struct BlockedSession {
  std::string pid;
  std::string blocker;
  std::int64_t waited = 0;  ///< seconds
};

struct IdleTransaction {
  std::string pid;
  std::int64_t since = 0;  ///< seconds
};

struct Size {
  std::uint64_t bytes = 0;
  std::string largest;  ///< "messages 1.2 GB, files 300 MB"
};

struct Privileges {
  bool use_schema = true;
  bool create_in_schema = true;
};

struct AppliedMigration {
  std::int64_t version = 0;
  std::string description;
  bool success = true;
  std::string checksum;  ///< hexadecimal
};

struct MigrationFile {
  std::int64_t version = 0;
  std::string name;
  std::string digest;  ///< hexadecimal SHA-384
  bool crlf = false;
};

struct LockHolder {
  std::string pid;
  std::string application;
  std::optional<std::int64_t> held;  ///< seconds; nothing: the session belongs to another role
};

struct MigrationFacts {
  MigrationsRule rule;
  Asked<bool> table_exists;
  Asked<std::vector<AppliedMigration>> applied;
  Asked<std::vector<MigrationFile>> files;  ///< empty when the source tree is not here
  Asked<std::vector<LockHolder>> holders;
  bool server_settled = false;  ///< the service has been up for a minute, so it has accepted its migrations
  bool never_started = false;   ///< its container has not run yet: nobody can have made the tables
};

/// A migration that nobody noted, and what it would have made.
struct UnrecordedFile {
  std::string name;
  std::vector<std::string> present;  ///< objects that exist although it was never noted
  std::vector<std::string> absent;
};

/// Migrations of which the database notes the file names.
struct NamedMigrationFacts {
  MigrationsRule rule;
  Asked<bool> table_exists;
  Asked<std::vector<std::string>> applied;  ///< sorted
  Asked<std::vector<std::string>> files;    ///< sorted; empty when the source tree is not here
  std::vector<UnrecordedFile> unrecorded;   ///< files without a row of which something exists
  bool never_started = false;               ///< the service's container has not run yet
};

/// What the application needs and the database lacks.
struct SchemaFacts {
  std::vector<std::string> tables;
  std::vector<std::string> columns;
};

/// One question of the description about the application's data.
struct ExpectationFacts {
  Expectation expected;
  Outcome<PostgresRowsAnswer> answer;  ///< of a question for a value
  Asked<SecretAnswer> sealed;          ///< of a question whether a setting is the key of what is there
};

struct SourceFacts {
  DataSource source;
  DatabaseRule rule;
  bool described = false;
  std::string where;    ///< the place of the URL
  std::string stopped;  ///< "container x is exited": the database's own, while the service that needs it runs
  Asked<PostgresSessionAnswer> session;
  Asked<bool> in_recovery;
  Asked<Slots> slots;
  Asked<std::vector<BlockedSession>> blocked_sessions;
  Asked<std::vector<IdleTransaction>> idle;
  Asked<Size> size;
  std::optional<std::uint64_t> free_bytes;  ///< of the disk that holds the database, when it is this host's
  Asked<Privileges> privileges;
  std::optional<MigrationFacts> migrations;
  std::optional<NamedMigrationFacts> named_migrations;
  Asked<SchemaFacts> lacking;
  std::vector<ExpectationFacts> expectations;

  std::string address() const;  ///< what was dialled, "127.0.0.1:5432"
};

/// A piece of evidence seen at the server.
Evidence seen(const SourceFacts& facts, std::string name, std::string value, const std::string& source = {});

/// What PostgreSQL would not say becomes "not looked at", once for each reason.
void note_refusal(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out);

/// The value of a question, or nothing after noting why there is none.
template <class T>
const T* value_of(const SourceFacts& facts, const Asked<T>& asked, Judgement& out) {
  if (!asked) return nullptr;
  if (!*asked) {
    note_refusal(facts, asked->error(), out);
    return nullptr;
  }
  return &**asked;
}

/// Everything about one data source that needs a session.
void ask_server(const Context& context, SourceFacts& facts);

/// The migrations of the application and the files of its source tree, if they are here.
MigrationFacts ask_migrations(const Context& context, const SourceFacts& facts);

NamedMigrationFacts ask_named_migrations(const Context& context, const SourceFacts& facts);

/// The tables and columns of the description that do not exist. Needs no right but to use the schema.
Outcome<SchemaFacts> ask_schema(const Context& context, const SourceFacts& facts);

/// Whether the service makes its tables itself, with this login: sqlx does, and so does who has the files at hand.
bool migrates_itself(const MigrationsRule& rule);

/// Nobody can have made the tables yet: the service's container has not run.
bool has_never_started(const Context& context, const std::string& service);

/// What the description expects of the data (`sql`). The first column of the first row is the value; a second one is an
/// example of what is wrong.
void ask_expectations(const Context& context, SourceFacts& facts);

void judge_login(const SourceFacts& facts, const ProbeFailure& failure, Judgement& out);
void judge_activity(const SourceFacts& facts, Judgement& out);
void judge_migrations(const SourceFacts& facts, Judgement& out);
void judge_named_migrations(const SourceFacts& facts, Judgement& out);
void judge_schema(const SourceFacts& facts, Judgement& out);
void judge_expectations(const SourceFacts& facts, Judgement& out);

/// The login that succeeded. Throws std::logic_error when none did: who judges what was asked afterwards has a bug.
inline const PostgresSessionAnswer& session_of(const SourceFacts& facts) {
  if (!facts.session || !*facts.session) throw std::logic_error("a database without a session is judged");
  return facts.session->value();
}

/// One row after the other of a question's answer, turned into something by `read`. A row with another number of
/// columns is a failure.
template <class Read>
auto rows_as(const Context& context, const SourceFacts& facts, std::string_view sql, std::size_t columns, Read read,
             std::vector<std::string> parameters = {}) -> Outcome<std::vector<decltype(read({}))>> {
  const PostgresSessionQuestion session{facts.source.setting, facts.source.dial.host, facts.source.dial.port,
                                        facts.source.dial.vantage};
  const auto answer = context.ask(PostgresRowsQuestion{session, std::string{sql}, std::move(parameters)});
  if (!answer) return Failed{answer.error()};
  std::vector<decltype(read({}))> items;
  for (const auto& row : answer->rows) {
    if (row.size() != columns) {
      ProbeFailure failure;
      failure.kind = FailureKind::protocol_error;
      failure.detail = "an answer of another shape than the question";
      return Failed{failure};
    }
    items.push_back(read(row));
  }
  return items;
}

using Cell = std::optional<std::string>;

inline std::string text(const Cell& cell) {
  return cell.value_or(std::string{});
}
std::int64_t number(const Cell& cell);  ///< 0 for NULL and for anything that is no number
inline bool truth(const Cell& cell) {
  return cell == "t";
}

}  // namespace doctor::checks::database_check
