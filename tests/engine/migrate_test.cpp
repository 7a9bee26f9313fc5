// The migration container that older smoltbot stacks have, against a real PostgreSQL.

#include <stdexcept>

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

namespace doctor::lab {
namespace {

constexpr const char* password = "migrate-Me-well-7";

/// The stack as it was until the service went: the program itself is not needed for what is examined here.
class OldStack {
 public:
  OldStack() {
    secrets_.add(password);
    directory_.write(".env", "POSTGRES_PASSWORD=" + std::string{password} + "\n", 0600);
    directory_.write("database/migrations/001_agents.sql", "CREATE TABLE agents (id text PRIMARY KEY);\n");
    write("postgres://smoltbot:${POSTGRES_PASSWORD}@postgres:5432/smoltbot");
  }
  ~OldStack() { stack_.compose({"down", "-v", "-t", "0"}, directory_.path()); }
  OldStack(const OldStack&) = delete;
  OldStack& operator=(const OldStack&) = delete;

  const Directory& directory() const { return directory_; }
  Secrets& secrets() { return secrets_; }

  OldStack& url(const std::string& url) {
    write(url);
    return *this;
  }
  OldStack& migration(const std::string& name, const std::string& sql) {
    directory_.write("database/migrations/" + name, sql);
    return *this;
  }

  std::string sql(const std::string& text) const {
    return compose({"exec", "-T", "postgres", "psql", "-U", "smoltbot", "-d", "smoltbot", "-Atc", text});
  }
  /// Runs the migrations as often as asked; the last exit code.
  int migrate(int times = 1) {
    compose({"up", "-d", "--wait", "postgres"});
    for (int i = 0; i < times; ++i) compose({"up", "--no-log-prefix", "--force-recreate", "--no-deps", "migrate"});
    auto id = compose({"ps", "-aq", "migrate"});
    id.resize(id.find('\n'));
    return std::stoi(stack_.engine().docker({"inspect", id, "--format", "{{.State.ExitCode}}"}));
  }
  std::string log() const { return compose({"logs", "--no-log-prefix", "migrate"}); }

  Result check(const Arguments& arguments = {"--only", "logs"}) const {
    return lab::check(directory_.path(), secrets_, arguments, stack_.options());
  }

 private:
  std::string compose(const Arguments& arguments) const {
    const auto result = stack_.compose(arguments, directory_.path());
    if (result.exit != 0) throw std::runtime_error(result.out + result.err);
    return result.out + result.err;
  }

  void write(const std::string& url) const {
    directory_.write(
        "docker-compose.yml",
        "services:\n"
        "  gateway:\n    image: ghcr.io/mnemom/gateway:1.0.0\n    environment:\n      SMOLTBOT_ROLE: gateway\n"
        "    profiles: [gateway]\n"
        "  postgres:\n    image: doctor-test/servers\n    command: [database]\n    user: '70:70'\n    environment:\n"
        "      POSTGRES_USER: smoltbot\n      POSTGRES_DB: smoltbot\n      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}\n"
        "    healthcheck:\n      test: [CMD, pg_isready, -h, postgres]\n      interval: 1s\n      retries: 60\n"
        "  migrate:\n    image: doctor-test/servers\n    command: [sh, /run.sh]\n    restart: 'no'\n    environment:\n"
        "      LAB_ATTEMPTS: '2'\n      POSTGRES_URL: " +
            url +
            "\n    volumes:\n      - ./database/migrations:/app/database/migrations:ro\n"
            "      - " +
            doctor::test::source_path("tests/engine/migrate/run.sh:/run.sh:ro\n"));
  }

  DockerStack stack_;
  Directory directory_{"docker"};
  Secrets secrets_;
};

Root by_log(const std::string& entry, const std::string& service = "migrate") {
  return {entry, "log-signature", "logs", "service:" + service};
}

}  // namespace

TEST_CASE("migrations that succeed", "[engine][logs]") {
  OldStack stack;
  CHECK(stack.migrate(2) == 0);
  expect_silent(stack.check(), 0);
}

TEST_CASE("a migration that cannot run in a transaction", "[engine][logs]") {
  OldStack stack;
  stack.migration("002_index.sql", "CREATE INDEX CONCURRENTLY agents_by_id ON agents (id);\n");
  CHECK(stack.migrate() == 1);
  const auto result = stack.check();
  expect_roots(result, {by_log("smoltbot-migration-failed")}, 1);
  CHECK(result.evidence("smoltbot-migration-failed", "file") == "002_index.sql");
}

TEST_CASE("a migration meets a column that somebody has made by hand", "[engine][logs]") {
  OldStack stack;
  CHECK(stack.migrate() == 0);
  stack.sql("ALTER TABLE agents ADD COLUMN nudge_strategy text");
  stack.migration("002_nudge.sql", "ALTER TABLE agents ADD COLUMN nudge_strategy text NOT NULL DEFAULT 'always';\n");
  CHECK(stack.migrate() == 1);
  const auto result = stack.check();
  expect_roots(result, {by_log("smoltbot-migration-schema-conflict")}, 1);
  expect_consequence(result, by_log("smoltbot-migration-failed"), "smoltbot-migration-schema-conflict");
}

TEST_CASE("a migration that ends the runner's transaction early", "[engine][logs]") {
  OldStack stack;
  stack.migration("002_rollup.sql",
                  "BEGIN;\nCREATE TABLE usage_daily_rollup (day date);\nCOMMIT;\n"
                  "INSERT INTO usage_daily_rollup VALUES ('no date');\n");
  CHECK(stack.migrate(2) == 1);
  CHECK(stack.sql("SELECT to_regclass('usage_daily_rollup')") == "usage_daily_rollup\n");
  const auto result = stack.check();
  expect_roots(result, {by_log("smoltbot-migration-partially-applied")}, 1);
  expect_consequence(result, by_log("smoltbot-migration-failed"), "smoltbot-migration-partially-applied");
  expect_consequence(result, by_log("smoltbot-migration-schema-conflict"), "smoltbot-migration-partially-applied");
}

TEST_CASE("a role that may not create tables", "[engine][logs]") {
  OldStack stack;
  CHECK(stack.migrate() == 0);
  stack.sql("DROP TABLE _schema_migrations");
  stack.sql("CREATE ROLE narrow LOGIN PASSWORD '" + std::string{password} + "'");
  stack.url("postgres://narrow:${POSTGRES_PASSWORD}@postgres:5432/smoltbot");
  CHECK(stack.migrate() == 1);
  expect_roots(stack.check(), {by_log("smoltbot-database-privilege-missing")}, 1);
}

TEST_CASE("a wrong password, which the runner takes for a database that is away", "[engine][logs]") {
  OldStack stack;
  CHECK(stack.migrate() == 0);
  stack.url("postgres://smoltbot:mistaken-word@postgres:5432/smoltbot");
  stack.secrets().add("mistaken-word");
  CHECK(stack.migrate() == 1);
  CHECK(stack.log().find("password") == std::string::npos);
  expect_finding(stack.check(), by_log("smoltbot-database-unreachable"));
  const auto result = stack.check({"--only", "database,logs"});
  expect_finding(
      result, {"smoltbot-database-password-drift", "database-auth-failed", "database", "setting:migrate/POSTGRES_URL"});
}

}  // namespace doctor::lab
