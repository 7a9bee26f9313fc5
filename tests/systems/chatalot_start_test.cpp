// Faults that keep Chatalot's server from starting, or from starting as meant. The server's own last words prove that
// the fault is the real one.

#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr const char* private_key = "secrets/jwt_private.pem";

void expect_death(ChatalotLab& lab, const std::string& words) {
  const auto death = lab.start_and_die();
  INFO(death.log);
  CHECK(death.exit == 1);
  CHECK(death.log.find(words) != std::string::npos);
}

/// Something else that listens where the server would.
class Squatter {
 public:
  explicit Squatter(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const void* raw = &address;
    REQUIRE(::bind(socket_, static_cast<const sockaddr*>(raw), sizeof address) == 0);
    REQUIRE(::listen(socket_, 8) == 0);
  }
  Squatter(const Squatter&) = delete;
  Squatter& operator=(const Squatter&) = delete;
  ~Squatter() { ::close(socket_); }

 private:
  int socket_;
};

}  // namespace

TEST_CASE("no DATABASE_URL", "[start]") {
  ChatalotLab lab{shared_postgres()};
  lab.unset("DATABASE_URL");
  expect_death(lab, "Error: DATABASE_URL must be set");
  expect_roots(check(lab, {"--allow-incomplete"}),
               {{"chatalot-database-url-missing", "env-required-missing", "env", "setting:chatalot/DATABASE_URL"}}, 1);
}

TEST_CASE("no TOTP_ENCRYPTION_KEY", "[start]") {
  ChatalotLab lab{shared_postgres()};
  lab.unset("TOTP_ENCRYPTION_KEY");
  expect_death(lab, "Error: TOTP_ENCRYPTION_KEY must be set");
  expect_roots(check(lab),
               {{"chatalot-totp-key-missing", "env-required-missing", "env", "setting:chatalot/TOTP_ENCRYPTION_KEY"}},
               1);
}

TEST_CASE("a server that was started without its .env", "[start]") {
  ChatalotLab lab{shared_postgres()};
  Environment by_hand;
  for (const auto* name : {"DATABASE_URL", "TOTP_ENCRYPTION_KEY", "LISTEN_ADDR"}) {
    by_hand.emplace_back(name, lab.value(name));
    lab.unset(name);
  }
  lab.unset("DB_PASSWORD").start_with(by_hand);
  expect_roots(check(lab), {{"chatalot-env-file-not-loaded", "env-file-not-loaded", "env", "file:.env"}}, 1);
}

TEST_CASE("a database host that does not resolve", "[start]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("DATABASE_URL", "postgres://chatalot:" + lab.password() + "@db.invalid:5432/chatalot");
  expect_death(lab, "failed to lookup address information");
  expect_roots(check(lab),
               {{"chatalot-dns-failed", "database-name-not-resolved", "database", "endpoint:database:5432"}}, 1);
}

TEST_CASE("a password that the role does not have", "[start]") {
  ChatalotLab lab{shared_postgres()};
  lab.postgres().sql("ALTER ROLE chatalot PASSWORD 'of-another-day'");
  expect_death(lab, "password authentication failed for user \"chatalot\"");
  const auto result = check(lab);
  expect_roots(result,
               {{"chatalot-database-auth-failed", "database-auth-failed", "database", "setting:chatalot/DATABASE_URL"}},
               1);
  CHECK(result.evidence("chatalot-database-auth-failed", "sqlstate") == "28P01");
}

TEST_CASE("a key file that is not there", "[start]") {
  ChatalotLab lab{shared_postgres()};
  lab.directory().remove(private_key);
  expect_death(lab, "Error: No such file or directory (os error 2)");
  expect_roots(check(lab), {{"chatalot-jwt-key-missing", "jwt-key-missing", "jwt", "file:secrets/jwt_private.pem"}}, 1);
}

TEST_CASE("a key file of the wrong kind", "[start]") {
  ChatalotLab lab{shared_postgres()};
  run_or_throw({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                lab.directory().path(private_key)});
  lab.directory().owner(private_key, lab.user());
  expect_death(lab, "Error: InvalidKeyFormat");
  expect_roots(check(lab),
               {{"chatalot-jwt-key-invalid", "jwt-key-algorithm-unexpected", "jwt", "file:secrets/jwt_private.pem"}},
               1);
}

TEST_CASE("another program on the port", "[start]") {
  ChatalotLab lab{shared_postgres()};
  const Squatter squatter{lab.port()};
  expect_death(lab, "Error: Address already in use (os error 98)");
  const auto result = check(lab);
  expect_roots(result, {{"chatalot-port-in-use", "port-in-use", "ports", lab.endpoint()}}, 1);
  CHECK(result.evidence("chatalot-port-in-use", "pid") == std::to_string(::getpid()));
}

TEST_CASE("a migration that did not succeed", "[database]") {
  ChatalotLab lab{shared_postgres()};
  lab.sql("UPDATE _sqlx_migrations SET success = false WHERE version = 50");
  expect_death(lab, "migration 50 is partially applied");
  const auto result = check(lab);
  expect_roots(result,
               {{"chatalot-migration-failed", "database-migration-failed", "database", lab.database_endpoint()}}, 1);
  CHECK(result.evidence("chatalot-migration-failed", "version") == "50");
}

TEST_CASE("a database that is newer than the server", "[database]") {
  ChatalotLab lab{shared_postgres()};
  lab.sql("INSERT INTO _sqlx_migrations VALUES (52, 'polls', now(), true, '\\x00', 1)");
  expect_death(lab, "migration 52 was previously applied but is missing in the resolved migrations");
  expect_roots(
      check(lab),
      {{"chatalot-database-newer-than-server", "database-migration-unknown", "database", lab.database_endpoint()}}, 1);
}

TEST_CASE("an altered migration", "[database]") {
  ChatalotLab lab{shared_postgres()};
  lab.sql("UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 7");
  expect_death(lab, "migration 7 was previously applied but has been modified");
  const auto result = check(lab);
  expect_roots(
      result,
      {{"chatalot-migration-checksum-mismatch", "database-migration-changed", "database", lab.database_endpoint()}}, 1);
  CHECK(result.evidence("chatalot-migration-checksum-mismatch", "file") == "007_messages.sql");
}

TEST_CASE("a role without rights on the schema", "[database]") {
  ChatalotLab lab{shared_postgres()};
  lab.sql("ALTER SCHEMA public OWNER TO postgres; REVOKE CREATE ON SCHEMA public FROM PUBLIC, chatalot");
  expect_death(lab, "permission denied for schema public");
  const auto result = check(lab);
  expect_roots(
      result,
      {{"chatalot-database-privilege-missing", "database-privilege-missing", "database", lab.database_endpoint()}}, 1);
  CHECK(result.evidence("chatalot-database-privilege-missing", "privilege") == "CREATE");
}

TEST_CASE("a database that does not exist", "[database]") {
  ChatalotLab lab{shared_postgres()};
  lab.postgres().sql("DROP DATABASE chatalot");
  expect_death(lab, "database \"chatalot\" does not exist");
  const auto result = check(lab);
  expect_finding(result, {"database-missing", "database-missing", "database", ""});
  CHECK(result.finding("database-missing").at("root") == true);
  CHECK(result.evidence("database-missing", "sqlstate") == "3D000");
}

}  // namespace doctor::lab
