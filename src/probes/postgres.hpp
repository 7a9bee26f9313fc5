#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "doctor/probe/postgres.hpp"
#include "doctor/value.hpp"
#include "probes/vantage.hpp"

namespace doctor::probes {

/// Removes libpq's variables (PGHOST, PGSERVICE, PGOPTIONS, ...) from doctor's own environment: some have no parameter
/// that could overrule them. To be called before any thread starts.
void clear_postgres_environment();

/// Keeps one session per source, dial address and vantage, and asks one question at a time on each. A login that failed
/// is not tried again. Connects, reconnects and cancels start at the vantage. Thread-safe.
///
/// Failures before the server is reached: the setting has no value (not_found, code "no-url"), or is no URL
/// (protocol_error, code "invalid-url", phase "url").
class PostgresBroker {
 public:
  /// The value of a setting, by subject.
  using Reveal = std::function<std::optional<Value>(const std::string& subject)>;

  /// `passfile`: a file of passwords in the form of ~/.pgpass, for URLs that have none; empty: none is read.
  PostgresBroker(Vantages& vantages, Reveal reveal, std::string passfile = {});
  ~PostgresBroker();
  PostgresBroker(const PostgresBroker&) = delete;
  PostgresBroker& operator=(const PostgresBroker&) = delete;

  Outcome<PostgresSessionAnswer> session(const PostgresSessionQuestion& question, const Deadline& deadline);
  Outcome<PostgresRowsAnswer> rows(const PostgresRowsQuestion& question, const Deadline& deadline);

 private:
  struct Line;
  class Turn;

  Outcome<PostgresSessionAnswer> session_here(Resolver& resolver, const PostgresSessionQuestion& question,
                                              const Deadline& deadline);
  std::shared_ptr<Line> line(const PostgresSessionQuestion& question);
  Outcome<PostgresRowsAnswer> rows_here(Resolver& resolver, const PostgresRowsQuestion& question,
                                        const Deadline& deadline);
  std::optional<ProbeFailure> open(Resolver& resolver, Line& line, const PostgresSessionQuestion& question,
                                   const Deadline& deadline);

  Vantages& vantages_;
  Reveal reveal_;
  std::string passfile_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Line>> lines_;
};

class PostgresSessionProbe final : public Probe<PostgresSessionQuestion> {
 public:
  explicit PostgresSessionProbe(PostgresBroker& broker) : broker_{broker} {}
  Outcome<PostgresSessionAnswer> ask(const PostgresSessionQuestion& question, const Deadline& deadline) override {
    return broker_.session(question, deadline);
  }

 private:
  PostgresBroker& broker_;
};

class PostgresRowsProbe final : public Probe<PostgresRowsQuestion> {
 public:
  explicit PostgresRowsProbe(PostgresBroker& broker) : broker_{broker} {}
  Outcome<PostgresRowsAnswer> ask(const PostgresRowsQuestion& question, const Deadline& deadline) override {
    return broker_.rows(question, deadline);
  }

 private:
  PostgresBroker& broker_;
};

}  // namespace doctor::probes
