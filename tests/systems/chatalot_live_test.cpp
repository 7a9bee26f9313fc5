// A Chatalot that runs, and what goes wrong while it does.

#include <algorithm>
#include <thread>

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "lab/quiet.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"

namespace doctor::lab {
namespace {

/// PostgreSQL is down for the length of a test.
class Outage {
 public:
  explicit Outage(test::PostgresServer& server) : server_(server) { server_.stop(); }
  Outage(const Outage&) = delete;
  Outage& operator=(const Outage&) = delete;
  ~Outage() { server_.start(); }

 private:
  test::PostgresServer& server_;
};

Root degraded(const ChatalotLab& lab) {
  return {"chatalot-health-degraded", "health-body-unexpected", "health", lab.endpoint()};
}

}  // namespace

TEST_CASE("a healthy installation", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto result = check(lab, {"--fail-on", "info"});
  expect_silent(result, 0);
  CHECK(result.report.at("deployment").at("system") == "chatalot");
  CHECK(result.report.at("run").at("complete") == true);
  for (const auto& one : result.report.at("checks")) {
    INFO(one.dump());
    CHECK((one.at("status") == "passed" || one.at("status") == "skipped"));
  }
}

TEST_CASE("a healthy installation as a plain user sees it", "[live]") {
  if (!is_root()) return;
  ChatalotLab lab{shared_postgres()};
  lab.start();
  CommandOptions options;
  options.uid = 12346;
  const auto result = check(lab.directory().path(), {}, {}, options);
  INFO(result.report.dump(2));
  CHECK(result.roots().empty());
  CHECK(result.run.exit == 3);
  const auto unexamined = result.unexamined();
  for (const std::string subject : {"file:.env", "service:chatalot"})
    CHECK(std::find(unexamined.begin(), unexamined.end(), subject) != unexamined.end());
}

TEST_CASE("a healthy installation stays silent, in the same words", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto doctor = [](Arguments arguments) {
    arguments.insert(arguments.begin(), doctor_binary());
    return run(arguments);
  };
  expect_quiet(doctor, lab.directory().path(), healthy_runs(20));
}

TEST_CASE("no PostgreSQL at the address", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const Outage outage{lab.postgres()};
  const auto result = check(lab);
  expect_roots(result, {{"chatalot-database-unreachable", "database-refused", "database", lab.database_endpoint()}}, 1);
  expect_consequence(result, degraded(lab), "chatalot-database-unreachable");
}

TEST_CASE("no connection slot left", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  std::vector<Session> sessions;
  try {
    for (int count = 0; count < 200; ++count) sessions.push_back(lab.session());
  } catch (const std::runtime_error&) {  // that is the fault
  }
  REQUIRE(sessions.size() < 200);
  const auto result = check(lab);
  expect_roots(result,
               {{"chatalot-database-connections-exhausted", "database-connections-exhausted", "database",
                 lab.database_endpoint()}},
               1);
  CHECK(result.evidence("chatalot-database-connections-exhausted", "sqlstate") == "53300");
}

TEST_CASE("a start that waits for the migration lock", "[live]") {
  ChatalotLab lab{shared_postgres()};
  auto holder = lab.session();
  holder.execute("SELECT pg_advisory_lock(1029201667983595304)");
  lab.start_until("Database connected");
  std::this_thread::sleep_for(std::chrono::milliseconds{11200});  // shorter waits are what a migration takes
  const auto result = check(lab);
  expect_finding(result,
                 {"chatalot-migration-lock-held", "database-migration-lock-held", "database", lab.database_endpoint()});
}

TEST_CASE("a session that blocks the others", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  auto blocker = lab.session();
  blocker.execute("BEGIN");
  blocker.execute("LOCK TABLE users");
  auto blocked = lab.session();
  blocked.send("SELECT count(*) FROM users");
  std::this_thread::sleep_for(std::chrono::milliseconds{6200});  // shorter waits are ordinary
  expect_roots(check(lab),
               {{"chatalot-database-pool-exhausted", "database-session-blocked", "database", lab.database_endpoint()}},
               1);
}

TEST_CASE("migration files that the binary does not have", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.directory().write("migrations/052_polls.sql", "CREATE TABLE polls (id BIGINT);\n");
  expect_roots(check(lab),
               {{"chatalot-migration-not-embedded", "database-migration-pending", "database", lab.database_endpoint()}},
               0);
}

TEST_CASE("keys that are newer than the process", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  make_keys(lab.directory(), lab.user());
  for (const auto* file : {"secrets/jwt_private.pem", "secrets/jwt_public.pem"}) lab.directory().touch(file, 30);
  const auto result = check(lab);
  expect_roots(result,
               {{"chatalot-jwt-key-not-reloaded", "jwt-key-not-reloaded", "jwt", "file:secrets/jwt_private.pem"},
                {"chatalot-jwt-key-not-reloaded", "jwt-key-not-reloaded", "jwt", "file:secrets/jwt_public.pem"}},
               0);
}

TEST_CASE("a setting that was changed after the start", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.set("RUST_LOG", "chatalot_server=warn,tower_http=warn");
  expect_roots(check(lab), {{"chatalot-env-not-applied", "env-edit-not-applied", "env", "setting:chatalot/RUST_LOG"}},
               0);
}

TEST_CASE("a password that was changed and not applied", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto fresh = random_alphanumeric(32);
  lab.postgres().sql("ALTER ROLE chatalot PASSWORD '" + fresh + "'");
  lab.set("DB_PASSWORD", fresh).set("DATABASE_URL", lab.postgres().url("chatalot", fresh, "chatalot"));
  const auto result = check(lab);
  expect_finding(result, {"chatalot-env-not-applied", "env-edit-not-applied", "env", "setting:chatalot/DATABASE_URL"});
  CHECK(result.finding("chatalot-env-not-applied").at("root") == true);
  expect_consequence(
      result, {"chatalot-database-auth-failed", "database-auth-failed", "database", "setting:chatalot/DATABASE_URL"},
      "chatalot-env-not-applied");
  CHECK(result.run.exit == 1);
}

TEST_CASE("a web page where the server should answer", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const std::string page = "<html>welcome</html>";
  test::ScriptedServer other{test::answering("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " +
                                             std::to_string(page.size()) + "\r\nConnection: close\r\n\r\n" + page)};
  const auto result = check(lab, {"--url", "http://127.0.0.1:" + std::to_string(other.port())});
  expect_finding(result, {"chatalot-health-check-failed", "health-type-unexpected", "health", ""});
  CHECK(result.run.exit == 1);
}

TEST_CASE("no web client", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  lab.directory().remove("static");
  const auto result = check(lab);
  CHECK(result.run.exit == 0);
  expect_finding(result, {"chatalot-static-files-missing", "health-status-unexpected", "health", ""});
}

TEST_CASE("more checks than one process", "[live]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto only = check(lab, {"--only", "database,jwt"});
  CHECK(only.report.at("checks").size() == 2);
  expect_silent(only, 0);
}

}  // namespace doctor::lab
