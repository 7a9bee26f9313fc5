#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lab/command.hpp"
#include "lab/files.hpp"
#include "support/postgres_server.hpp"

/// A Chatalot installation made of real parts on loopback: PostgreSQL, key files, a server process.
namespace doctor::lab {

/// A PostgreSQL for this whole process, with a role and a migrated template of the database. Throws when none can run.
test::PostgresServer& shared_postgres();

/// A session of its own in a database, to hold locks and slots with.
class Session {
 public:
  explicit Session(const std::string& url);  ///< throws std::runtime_error with the server's words
  void execute(const std::string& sql);      ///< throws likewise
  void send(const std::string& sql);         ///< does not wait for the answer

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Close> connection_;
};

/// Laid out as the manual installation: bin, static, secrets, data/files, migrations, .env. The server runs as a user
/// without rights, with what .env says exported, in the directory. Every lab gets a fresh database.
class ChatalotLab {
 public:
  explicit ChatalotLab(test::PostgresServer& postgres);

  const Directory& directory() const { return directory_; }
  test::PostgresServer& postgres() { return postgres_; }
  std::uint16_t port() const { return port_; }
  std::uint32_t user() const { return user_; }  ///< of the server process
  const std::string& password() const { return password_; }
  std::string endpoint() const;           ///< subject "endpoint:chatalot:PORT"
  std::string database_endpoint() const;  ///< subject "endpoint:database:PORT": no service runs it
  std::string database_url() const;

  /// A variable of .env. The running server does not notice.
  ChatalotLab& set(const std::string& name, const std::string& value);
  ChatalotLab& unset(const std::string& name);
  std::string value(const std::string& name) const;  ///< "" when .env has none

  /// Starts the server with .env exported, and `more` on top; returns when it listens. Throws std::runtime_error with
  /// its log when it ends instead.
  ChatalotLab& start(const Environment& more = {});
  /// Starts it with nothing but these variables.
  ChatalotLab& start_with(const Environment& environment);
  /// Ends the running server and starts another one, a few seconds later, that writes behind the same log.
  ChatalotLab& restart_appending();
  /// Starts it with its output thrown away; returns when it answers.
  ChatalotLab& start_silently();
  /// Starts it and returns when its log holds `text`.
  ChatalotLab& start_until(const std::string& text);
  /// Starts it and waits for its end.
  struct Death {
    int exit = 0;
    std::string log;
  };
  Death start_and_die();
  void stop() { server_.reset(); }
  pid_t pid() const { return server_ ? server_->pid() : 0; }

  /// Runs SQL in the application's database as the superuser.
  std::string sql(const std::string& text) { return postgres_.sql(text, "chatalot"); }
  /// A session of the application's own role.
  Session session() const { return Session{database_url()}; }

  Environment exported() const;  ///< what .env says

 private:
  void lay_out();
  void launch(const Environment& environment);
  void run_server(const Environment& environment, const std::string& output);
  std::string log() const;
  void wait_for(const std::string& text);

  test::PostgresServer& postgres_;
  Directory directory_;
  std::uint16_t port_;
  std::uint32_t user_;
  std::string password_;
  std::unique_ptr<Child> server_;
};

}  // namespace doctor::lab
