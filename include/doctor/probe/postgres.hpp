#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/probe/question.hpp"

namespace doctor {

/// A login to PostgreSQL with the URL of a setting, which only the probe reveals. One session per source, dial address
/// and vantage serves the whole run. A server's refusal is a failure whose `code` is the SQLSTATE. Limits: connect 3 s,
/// login 5 s.
struct PostgresSessionAnswer {
  int version = 0;           ///< server_version_num, 150018
  std::string version_text;  ///< "15.18 (Debian 15.18-0+deb12u1)"
  std::string address;       ///< the address that answered
  std::string user;
  std::string database;
  bool tls = false;
  bool superuser = false;
  bool read_only = false;  ///< in recovery, or default_transaction_read_only
  std::chrono::milliseconds took{0};
};
struct PostgresSessionQuestion {
  static constexpr std::string_view probe = "postgres";
  using Answer = PostgresSessionAnswer;
  std::string source;      ///< subject of the setting that holds the URL: "setting:chatalot/DATABASE_URL"
  std::string host;        ///< what to dial instead of the URL's host; empty: the URL's own
  std::uint16_t port = 0;  ///< what to dial instead of the URL's port; 0: the URL's own
  std::string vantage{host_vantage};
};

/// One read-only question in its own transaction (statement timeout 5 s, lock timeout 1 s), 8 MB of answer at most.
/// `sql` is a constant of doctor's or of a system description, never built from what was observed; `parameters` are
/// bound.
struct PostgresRowsAnswer {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;  ///< text format; no value: NULL
};
struct PostgresRowsQuestion {
  static constexpr std::string_view probe = "postgres-rows";
  using Answer = PostgresRowsAnswer;
  PostgresSessionQuestion session;
  std::string sql;
  std::vector<std::string> parameters;
};

template <class Field>
constexpr void each_field(Field&& field, PostgresSessionAnswer& answer) {
  field("version", answer.version);
  field("version_text", answer.version_text);
  field("address", answer.address);
  field("user", answer.user);
  field("database", answer.database);
  field("tls", answer.tls);
  field("superuser", answer.superuser);
  field("read_only", answer.read_only);
  field("took", answer.took);
}
template <class Field>
constexpr void each_field(Field&& field, PostgresSessionQuestion& question) {
  field("source", question.source);
  field("host", question.host);
  field("port", question.port);
  field("vantage", question.vantage);
}
template <class Field>
constexpr void each_field(Field&& field, PostgresRowsAnswer& answer) {
  field("columns", answer.columns);
  field("rows", answer.rows);
}
template <class Field>
constexpr void each_field(Field&& field, PostgresRowsQuestion& question) {
  field("session", question.session);
  field("sql", question.sql);
  field("parameters", question.parameters);
}

}  // namespace doctor
