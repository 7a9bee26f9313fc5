#include "bundle/facts.hpp"

#include <algorithm>

#include "doctor/migrations.hpp"
#include "probes/recorder_template.hpp"
#include "support/catch.hpp"

using namespace doctor;
using bundle::Fact;

namespace {

Setting setting(const std::string& name, Value value) {
  Setting setting;
  setting.service = "app";
  setting.name = name;
  setting.running = std::move(value);
  setting.configured = setting.running;
  setting.written_at = Place{".env", 3, 1};
  setting.reach = Reach::passed;
  return setting;
}

Deployment deployment() {
  Deployment deployment;
  deployment.directory = "/srv/app";
  deployment.system = "app";
  deployment.files = {"/srv/app/.env"};
  deployment.disks = {{"docker", "/var/lib/docker"}};
  auto& app = deployment.services.emplace_back();
  app.name = "app";
  app.image = "app:1";
  Container container;
  container.name = "app-1";
  container.status = "running";
  container.image_id = "sha256:aa";
  container.pid = 4711;
  container.restarts = 2;
  container.started = 1700000000;
  container.memory_limit = 512;
  app.container = container;
  DatabaseRule database;
  database.migrations.kind = "sqlx";
  database.migrations.table = "_sqlx_migrations";
  app.rule.database = database;
  deployment.settings = {setting("LEVEL", Value::plain("info")),
                         setting("DB_PASSWORD", Value::secret("hunter2hunter2"))};
  DataSource source;
  source.setting = "setting:app/DATABASE_URL";
  source.endpoint = "endpoint:db:5432";
  source.host = "db";
  source.port = 5432;
  deployment.data_sources = {source};
  return deployment;
}

template <class Question>
void answer(probes::Tape& tape, const Question& question, const Outcome<typename Question::Answer>& outcome) {
  tape.write(probes::canonical_key(question), probes::encoded(outcome));
}

const Fact* find(const std::vector<Fact>& facts, const std::string& subject, const std::string& name) {
  const auto found = std::find_if(facts.begin(), facts.end(),
                                  [&](const Fact& fact) { return fact.subject == subject && fact.name == name; });
  return found == facts.end() ? nullptr : &*found;
}

std::string value(const std::vector<Fact>& facts, const std::string& subject, const std::string& name) {
  const auto* fact = find(facts, subject, name);
  INFO(subject << " " << name);
  REQUIRE(fact != nullptr);
  return fact->value;
}

}  // namespace

TEST_CASE("facts of services, settings and files come from the deployment") {
  const auto facts = bundle::facts(deployment(), {});
  CHECK(value(facts, "service:app", "image") == "app:1");
  CHECK(value(facts, "service:app", "image id") == "sha256:aa");
  CHECK(value(facts, "service:app", "restarts") == "2");
  CHECK(value(facts, "service:app", "memory limit") == "512 bytes");
  CHECK(value(facts, "setting:app/LEVEL", "value") == "info");
  CHECK(value(facts, "setting:app/LEVEL", "set at") == ".env:3");
  CHECK(value(facts, "setting:app/DATABASE_URL", "host") == "db");
  CHECK(find(facts, "file:.env", "read as") != nullptr);
}

TEST_CASE("of a secret only that there is one is a fact") {
  const auto facts = bundle::facts(deployment(), {});
  CHECK(value(facts, "setting:app/DB_PASSWORD", "value") == "set (secret)");
  for (const auto& fact : facts) CHECK(fact.value.find("hunter2") == std::string::npos);
}

TEST_CASE("facts are sorted, and each subject and name is there once") {
  probes::Tape tape;
  FileAnswer file;
  file.kind = "file";
  answer(tape, FileQuestion{"/srv/app/.env"}, file);
  const auto facts = bundle::facts(deployment(), tape);
  REQUIRE(facts.size() > 10);
  for (std::size_t i = 1; i < facts.size(); ++i)
    CHECK(std::tie(facts[i - 1].subject, facts[i - 1].name) < std::tie(facts[i].subject, facts[i].name));
}

TEST_CASE("answers on the tape become facts of the subjects that they are about") {
  probes::Tape tape;
  FileAnswer file;
  file.kind = "file";
  file.mode = 0640;
  file.size = 12;
  file.modified = 1700000000;
  answer(tape, FileQuestion{"/srv/app/secrets/jwt.pem"}, file);
  KeyAnswer key;
  key.kind = "private";
  key.algorithm = "Ed25519";
  key.fingerprint = "ab12";
  answer(tape, KeyQuestion{"/srv/app/secrets/jwt.pem"}, key);
  PostgresSessionAnswer session;
  session.version_text = "15.18";
  PostgresSessionQuestion login;
  login.source = "setting:app/DATABASE_URL";
  answer(tape, login, session);
  SecretAnswer applied;
  applied.holds = false;
  answer(tape, SecretQuestion{"setting:app/DB_PASSWORD", "applied", ""}, applied);
  FileSystemAnswer disk;
  disk.total = 100;
  disk.available = 7;
  answer(tape, FileSystemQuestion{"/var/lib/docker"}, disk);

  const auto facts = bundle::facts(deployment(), tape);
  CHECK(value(facts, "file:secrets/jwt.pem", "mode") == "0640");
  CHECK(value(facts, "file:secrets/jwt.pem", "modified") == "2023-11-14 22:13:20 UTC");
  CHECK(value(facts, "file:secrets/jwt.pem", "key fingerprint") == "ab12");
  CHECK(value(facts, "endpoint:db:5432", "server version") == "15.18");
  CHECK(value(facts, "setting:app/DB_PASSWORD", "applied") == "no");
  CHECK(value(facts, "disk:docker", "size") == "100 bytes");
}

TEST_CASE("the last migration and their number are facts") {
  probes::Tape tape;
  PostgresRowsQuestion question;
  question.session.source = "setting:app/DATABASE_URL";
  question.sql = migration_queries(deployment().services[0].rule.database->migrations).applied;
  REQUIRE_FALSE(question.sql.empty());
  PostgresRowsAnswer rows;
  rows.columns = {"version", "description", "success", "checksum", "time"};
  rows.rows = {{"1", "init", "t", "aa", std::nullopt}, {"2", "rooms", "t", "bb", std::nullopt}};
  answer(tape, question, rows);
  const auto facts = bundle::facts(deployment(), tape);
  CHECK(value(facts, "endpoint:db:5432", "migrations applied") == "2");
  CHECK(value(facts, "endpoint:db:5432", "last migration") == "2 rooms");
}

TEST_CASE("what changes by itself is volatile, what somebody changes is not") {
  probes::Tape tape;
  MemoryAnswer memory;
  memory.total = 1000;
  memory.available = 10;
  answer(tape, MemoryQuestion{}, memory);
  ClockAnswer clock;
  clock.now = 1700000000;
  answer(tape, ClockQuestion{}, clock);
  FileSystemAnswer disk;
  disk.total = 100;
  disk.available = 7;
  answer(tape, FileSystemQuestion{"/var/lib/docker"}, disk);
  const auto facts = bundle::facts(deployment(), tape);
  const auto is_volatile = [&](const char* subject, const char* name) {
    const auto* fact = find(facts, subject, name);
    INFO(subject << " " << name);
    REQUIRE(fact != nullptr);
    return fact->is_volatile;
  };
  CHECK(is_volatile("host:memory", "available"));
  CHECK(is_volatile("host:clock", "time"));
  CHECK(is_volatile("disk:docker", "free"));
  CHECK(is_volatile("service:app", "pid"));
  CHECK_FALSE(is_volatile("host:memory", "memory"));
  CHECK_FALSE(is_volatile("disk:docker", "size"));
  CHECK_FALSE(is_volatile("service:app", "restarts"));
  CHECK_FALSE(is_volatile("setting:app/LEVEL", "value"));
}

TEST_CASE("a failed question is a fact, a question that was stopped is none") {
  probes::Tape tape;
  ProbeFailure refused;
  refused.kind = FailureKind::refused;
  refused.code = "ECONNREFUSED";
  answer(tape, TcpQuestion{"db", 5432}, Failed{refused});
  ProbeFailure stopped;
  stopped.kind = FailureKind::cancelled;
  answer(tape, TcpQuestion{"db", 1}, Failed{stopped});
  const auto facts = bundle::facts(deployment(), tape);
  CHECK(value(facts, "endpoint:db:5432", "connection") == "failed: refused (ECONNREFUSED)");
  CHECK(find(facts, "endpoint:db:1", "connection") == nullptr);
}

TEST_CASE("a tape that somebody has written gives no fact and does no harm") {
  probes::Tape tape;
  tape.write("file {\"path\": 7}", "{\"answer\": {}}");
  tape.write("file", "{}");
  tape.write("file [[[[", "{}");
  tape.write("http {\"url\": \"http://[\"}", "{\"answer\": {\"status\": 200}}");
  tape.write("http {\"url\": \"http://a:99999999999/\"}", "{\"answer\": {\"status\": 200}}");
  tape.write("secret {\"setting\": \"x\"}", "{\"failure\": {\"kind\": \"made-up\"}}");
  tape.write("nothing {}", "x");
  const auto with = bundle::facts(deployment(), tape);
  const auto without = bundle::facts(deployment(), {});
  CHECK(with.size() <= without.size() + 4);  // what the two requests got, and how long that took
}
