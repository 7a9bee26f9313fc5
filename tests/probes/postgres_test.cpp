#include "probes/postgres.hpp"

#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "probes/postgres_session.hpp"
#include "probes/postgres_url.hpp"
#include "probes/recorder_template.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/postgres_server.hpp"
#include "support/scripted_server.hpp"

using namespace std::chrono_literals;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::PostgresRowsQuestion;
using doctor::PostgresSessionQuestion;
using doctor::Value;
namespace probes = doctor::probes;
namespace test = doctor::test;

namespace {

constexpr const char* password = "pl4nted-S3cret";

/// Whether the tests with a real server can run; says why not, and fails where they must run.
bool server_available() {
  const auto here = test::PostgresServer::available();
  if (here.ok) return true;
  if (std::getenv("CI") != nullptr) FAIL("a PostgreSQL server is needed: " << here.reason);
  WARN("skipped: " << here.reason);
  return false;
}

const test::Certificate& certificate() {
  static const auto made = test::make_certificate({"localhost", "127.0.0.1"});
  return made;
}

/// One server for all tests: role and database app, TLS on.
test::PostgresServer& server() {
  static const auto shared = [] {
    test::PostgresServer::Options options;
    options.certificate = certificate().certificate;
    options.key = certificate().key;
    options.hba = {"host denied app 127.0.0.1/32 scram-sha-256", "host all denied 127.0.0.1/32 reject"};
    auto made = std::make_unique<test::PostgresServer>(options);
    made->sql(std::string{"CREATE ROLE app LOGIN PASSWORD '"} + password + "'");
    made->sql(std::string{"CREATE ROLE denied LOGIN PASSWORD '"} + password + "'");
    made->sql("CREATE DATABASE app OWNER app");
    made->sql(
        "CREATE TABLE notes(id int, body text); INSERT INTO notes VALUES (1,'one'),(2,NULL); "
        "GRANT SELECT ON notes TO app; CREATE TABLE hidden(id int)",
        "app");
    return made;
  }();
  return *shared;
}

PostgresSessionQuestion session_question() {
  PostgresSessionQuestion question;
  question.source = "setting:app/DATABASE_URL";
  return question;
}

PostgresRowsQuestion rows_question(std::string sql, std::vector<std::string> parameters = {}) {
  PostgresRowsQuestion question;
  question.session = session_question();
  question.sql = std::move(sql);
  question.parameters = std::move(parameters);
  return question;
}

/// A broker with one setting.
struct Patient {
  explicit Patient(std::string url, const std::string& passfile = {})
      : broker{vantages,
               [url = std::move(url)](const std::string& subject) -> std::optional<Value> {
                 if (subject != "setting:app/DATABASE_URL") return std::nullopt;
                 return Value::secret(url);
               },
               passfile} {}
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::PostgresBroker broker;

  doctor::Outcome<doctor::PostgresSessionAnswer> login(std::chrono::milliseconds span = 10s) {
    return broker.session(session_question(), Deadline::after(span));
  }
  doctor::Outcome<doctor::PostgresRowsAnswer> rows(std::string sql, std::vector<std::string> parameters = {}) {
    return broker.rows(rows_question(std::move(sql), std::move(parameters)), Deadline::after(10s));
  }
};

/// The failure of a login with this URL; it must end in time and never show the password.
doctor::ProbeFailure failure_of(const std::string& url, std::chrono::milliseconds span = 10s) {
  Patient patient{url};
  const auto started = Deadline::Clock::now();
  const auto answer = patient.login(span);
  CHECK(Deadline::Clock::now() - started < span + 500ms);
  REQUIRE(!answer);
  INFO(answer.error().detail);
  CHECK(answer.error().detail.find(password) == std::string::npos);
  CHECK(answer.error().detail.find('\n') == std::string::npos);
  CHECK(answer.error().detail.find('\x1b') == std::string::npos);
  return answer.error();
}

std::string app_url() {
  return server().url("app", password, "app");
}

/// A URL for a scripted server.
std::string url_of(const test::ScriptedServer& scripted, const std::string& query = "") {
  return std::string{"postgres://app:"} + password + "@127.0.0.1:" + std::to_string(scripted.port()) + "/app" + query;
}

std::string message(char type, const std::string& body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 4);
  std::string out{type};
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>((length >> shift) & 0xFFU);
  return out + body;
}

/// Refuses TLS as a server without it does, reads the startup packet, then plays on.
test::Behaviour after_startup(std::function<void(test::Peer&)> then) {
  return [then = std::move(then)](test::Peer& peer) {
    peer.receive(8);
    peer.send("N");
    peer.receive(4096);
    then(peer);
  };
}

}  // namespace

TEST_CASE("URLs are read as applications read them", "[postgres][url]") {
  const auto url = probes::parse_postgres_url(
      "postgres://ap%70:p%40ss:w@rd@db.example:6432/"
      "shop%20db?sslmode=require&statement-cache-capacity=100&options[a]=b");
  REQUIRE(url);
  CHECK(url->user == "app");
  CHECK(url->password == "p@ss:w@rd");
  CHECK(url->host == "db.example");
  CHECK(url->port == 6432);
  CHECK(url->database == "shop db");
  CHECK(url->mode == "require");
  CHECK(url->options == "-c a=b");

  CHECK(probes::parse_postgres_url("postgresql+asyncpg://u@[::1]/d")->host == "::1");
  CHECK(probes::parse_postgres_url("postgres://%2Frun%2Fpostgresql/d")->host == "/run/postgresql");
  CHECK(probes::parse_postgres_url("postgres:///d?host=/tmp&port=5433")->port == 5433);
  CHECK(probes::parse_postgres_url("postgres://u:100%@h/d")->password == "100%");
  CHECK(probes::parse_postgres_url("postgres://")->host == "localhost");
}

TEST_CASE("a URL that is none is refused without showing it", "[postgres][url]") {
  for (const auto& text : {std::string{}, std::string{"mysql://hidden@h/d"}, std::string{"hidden"},
                           std::string{"postgres://u:hid/den@h/d"}, std::string{"postgres://u@h:hidden/d"},
                           std::string{"postgres://u@h:70000/d"}, std::string{"postgres://u@[::1/d"},
                           std::string{"postgres://u@h/d?sslmode=hidden"}, std::string{"postgres://u:a%00b@h/d"},
                           "postgres://" + std::string(70'000, 'a')}) {
    const auto url = probes::parse_postgres_url(text);
    REQUIRE(!url);
    CHECK(url.error().find("hidden") == std::string::npos);
    CHECK(!url.error().empty());
  }
}

TEST_CASE("a login tells what it met", "[postgres]") {
  if (!server_available()) return;
  Patient patient{app_url()};
  const auto answer = patient.login();
  REQUIRE(answer);
  CHECK(answer->version >= 130000);
  CHECK(answer->version_text.find('.') != std::string::npos);
  CHECK(answer->address == "127.0.0.1:" + std::to_string(server().port()));
  CHECK(answer->user == "app");
  CHECK(answer->database == "app");
  CHECK(answer->tls);
  CHECK(!answer->superuser);
  CHECK(!answer->read_only);
}

TEST_CASE("a login goes where the question says, whatever the URL's host", "[postgres]") {
  if (!server_available()) return;
  Patient patient{std::string{"postgres://app:"} + password + "@only-in-compose.invalid:1/app?sslmode=disable"};
  auto question = session_question();
  question.host = "localhost";
  question.port = server().port();
  const auto answer = patient.broker.session(question, Deadline::after(10s));
  REQUIRE(answer);
  CHECK(answer->address == "127.0.0.1:" + std::to_string(server().port()));
  CHECK(!answer->tls);
}

TEST_CASE("a login over the socket file", "[postgres]") {
  if (!server_available()) return;
  Patient patient{"postgres://app:" + std::string{password} + "@localhost:" + std::to_string(server().port()) +
                  "/app?host=" + server().directory()};
  const auto answer = patient.login();
  REQUIRE(answer);
  CHECK(answer->address == server().directory() + "/.s.PGSQL." + std::to_string(server().port()));
}

TEST_CASE("rows come as text, parameters are bound, NULL is none", "[postgres]") {
  if (!server_available()) return;
  Patient patient{app_url()};
  const auto answer = patient.rows("SELECT id, body FROM notes WHERE id >= $1::int ORDER BY id", {"1"});
  REQUIRE(answer);
  CHECK(answer->columns == std::vector<std::string>{"id", "body"});
  REQUIRE(answer->rows.size() == 2);
  CHECK(answer->rows[0][1] == "one");
  CHECK(!answer->rows[1][1]);
  const auto bound = patient.rows("SELECT $1::text", {"'; DROP TABLE notes; --"});
  REQUIRE(bound);
  CHECK(bound->rows[0][0] == "'; DROP TABLE notes; --");
  const auto none = patient.rows("SELECT id, body FROM notes WHERE false");
  REQUIRE(none);
  CHECK(none->rows.empty());
  CHECK(none->columns.size() == 2);
}

TEST_CASE("one session serves all questions of a source", "[postgres]") {
  if (!server_available()) return;
  Patient patient{app_url()};
  std::vector<std::string> pids(6);
  std::vector<std::thread> threads;
  for (auto& pid : pids)
    threads.emplace_back([&] {
      const auto answer = patient.rows("SELECT pg_backend_pid(), current_setting('application_name')");
      if (answer && answer->rows[0][1] == "doctor") pid = answer->rows[0][0].value_or("");
    });
  for (auto& thread : threads) thread.join();
  CHECK(!pids.front().empty());
  for (const auto& pid : pids) CHECK(pid == pids.front());
}

TEST_CASE("questions cannot write and leave nothing behind", "[postgres]") {
  if (!server_available()) return;
  Patient patient{app_url()};
  for (const auto* sql : {"CREATE TABLE t(a int)", "CREATE TEMP TABLE t AS SELECT 1 UNION SELECT nextval('x')",
                          "DELETE FROM notes", "SELECT 1; SELECT 2", "SELECT nothing", "SELECT * FROM hidden"}) {
    INFO(sql);
    const auto answer = patient.rows(sql);
    REQUIRE(!answer);
    CHECK(answer.error().code.size() == 5);
    CHECK(answer.error().phase == "answer");
  }
  CHECK(patient.rows("CREATE TABLE t(a int)").error().code == "25006");
  CHECK(patient.rows("SELECT * FROM hidden").error().kind == FailureKind::auth_rejected);
  CHECK(patient.rows("SELECT * FROM nowhere").error().kind == FailureKind::not_found);
  CHECK(patient.rows("SELECT count(*) FROM notes")->rows[0][0] == "2");
  CHECK(patient
            .rows("SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), "
                  "current_setting('transaction_read_only')")
            ->rows[0] == std::vector<std::optional<std::string>>{"5s", "1s", "on"});
  CHECK(server().sql("SELECT count(*) FROM notes", "app") == "2");
}

TEST_CASE("an answer past the bounds is too large, and the next question works", "[postgres]") {
  if (!server_available()) return;
  Patient patient{app_url()};
  CHECK(patient.rows("SELECT repeat('x', 9000000)").error().kind == FailureKind::too_large);
  CHECK(patient.rows("SELECT repeat('x', 1000) FROM generate_series(1, 9000)").error().kind == FailureKind::too_large);
  CHECK(patient.rows("SELECT 1 FROM generate_series(1, 100001)").error().kind == FailureKind::too_large);
  CHECK(patient.rows("SELECT 1 FROM generate_series(1, 100000)")->rows.size() == 100'000);
  CHECK(patient.rows("SELECT 1")->rows[0][0] == "1");
}

TEST_CASE("giving up cancels the statement on the server", "[postgres]") {
  if (!server_available()) return;
  Patient patient{app_url()};
  REQUIRE(patient.login());
  const auto started = Deadline::Clock::now();
  const auto answer = patient.broker.rows(rows_question("SELECT pg_sleep(4), 'given-up'"), Deadline::after(300ms));
  CHECK(answer.error().kind == FailureKind::timed_out);
  CHECK(Deadline::Clock::now() - started < 800ms);
  std::this_thread::sleep_for(200ms);
  CHECK(server().sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%given-up%' AND pid <> "
                     "pg_backend_pid()") == "0");
  CHECK(patient.rows("SELECT 1").has_value());
}

TEST_CASE("a stop ends a question", "[postgres]") {
  if (!server_available()) return;
  Patient patient{app_url()};
  REQUIRE(patient.login());
  std::stop_source source;
  std::thread stopper{[&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  }};
  const auto started = Deadline::Clock::now();
  const auto answer = patient.broker.rows(rows_question("SELECT pg_sleep(4)"), Deadline::after(8s, source.get_token()));
  stopper.join();
  CHECK(answer.error().kind == FailureKind::cancelled);
  CHECK(Deadline::Clock::now() - started < 700ms);
}

TEST_CASE("a locked table is a timeout of the lock", "[postgres]") {
  if (!server_available()) return;
  std::thread locker{[] { server().sql("BEGIN; LOCK TABLE notes; SELECT pg_sleep(3); COMMIT", "app"); }};
  while (server().sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted") == "0")
    std::this_thread::sleep_for(20ms);
  Patient patient{app_url()};
  const auto answer = patient.rows("SELECT * FROM notes");
  CHECK(answer.error().kind == FailureKind::timed_out);
  CHECK(answer.error().code == "55P03");
  locker.join();
}

TEST_CASE("refusals of a real server keep their SQLSTATE", "[postgres]") {
  if (!server_available()) return;
  const auto wrong = failure_of(server().url("app", "wrong", "app"));
  CHECK(wrong.kind == FailureKind::auth_rejected);
  CHECK(wrong.code == "28P01");
  CHECK(wrong.phase == "login");
  CHECK(wrong.address == "127.0.0.1:" + std::to_string(server().port()));
  CHECK(wrong.detail.find("wrong") == std::string::npos);

  const auto database = failure_of(server().url("app", password, "nowhere"));
  CHECK(database.kind == FailureKind::not_found);
  CHECK(database.code == "3D000");

  const auto denied = failure_of(server().url("denied", password, "app"));
  CHECK(denied.kind == FailureKind::auth_rejected);
  CHECK(denied.code == "28000");

  const auto nameless = failure_of("postgres://app@127.0.0.1:" + std::to_string(server().port()) + "/app");
  CHECK(nameless.kind == FailureKind::auth_rejected);
  CHECK(nameless.code == "no-password");
}

TEST_CASE("a server without a free connection says so", "[postgres]") {
  if (!server_available()) return;
  test::PostgresServer::Options options;
  options.max_connections = 4;
  options.settings = {{"superuser_reserved_connections", "3"}, {"max_wal_senders", "0"}};
  test::PostgresServer small{options};
  small.sql(std::string{"CREATE ROLE app LOGIN PASSWORD '"} + password + "'");
  Patient first{small.url("app", password, "postgres")};
  REQUIRE(first.login());
  const auto second = failure_of(small.url("app", password, "postgres"));
  CHECK(second.kind == FailureKind::refused);
  CHECK(second.code == "53300");
}

TEST_CASE("a server that goes away and comes back", "[postgres]") {
  if (!server_available()) return;
  test::PostgresServer own;
  own.sql(std::string{"CREATE ROLE app LOGIN PASSWORD '"} + password + "'");
  Patient patient{own.url("app", password, "postgres")};
  REQUIRE(patient.rows("SELECT 1"));
  own.stop();
  CHECK(!patient.rows("SELECT 1"));
  own.start();
  Patient again{own.url("app", password, "postgres")};
  CHECK(again.rows("SELECT 1"));
}

TEST_CASE("TLS: refused, untrusted and for another name are told apart", "[postgres][tls]") {
  if (!server_available()) return;
  test::PostgresServer plain;
  plain.sql(std::string{"CREATE ROLE app LOGIN PASSWORD '"} + password + "'");
  const auto not_offered = failure_of(plain.url("app", password, "postgres") + "?sslmode=require");
  CHECK(not_offered.kind == FailureKind::tls_rejected);
  CHECK(not_offered.code == "tls-not-offered");

  const auto untrusted = failure_of(app_url() + "?sslmode=verify-full");
  CHECK(untrusted.kind == FailureKind::tls_rejected);
  CHECK(untrusted.code == "certificate-untrusted");
  CHECK(untrusted.phase == "tls");

  const auto root = server().directory() + "/root.pem";
  std::ofstream{root} << certificate().certificate;
  Patient trusted{app_url() + "?sslmode=verify-full&sslrootcert=" + root};
  CHECK(trusted.login());

  Patient other_name{std::string{"postgres://app:"} + password +
                     "@db.example/app?sslmode=verify-full&sslrootcert=" + root};
  auto question = session_question();
  question.host = "127.0.0.1";
  question.port = server().port();
  const auto named = other_name.broker.session(question, Deadline::after(10s));
  REQUIRE(!named);
  CHECK(named.error().kind == FailureKind::tls_rejected);
  CHECK(named.error().code == "certificate-name");
}

TEST_CASE("doctor's own environment and home do not matter", "[postgres]") {
  if (!server_available()) return;
  const auto passfile = server().directory() + "/passfile";
  std::ofstream{passfile} << "*:*:*:*:" << password << "\n";
  chmod(passfile.c_str(), 0600);
  for (const auto& [name, value] : std::vector<std::pair<const char*, std::string>>{{"PGPASSFILE", passfile},
                                                                                    {"PGPASSWORD", password},
                                                                                    {"PGSERVICE", "nowhere"},
                                                                                    {"PGSSLMODE", "verify-full"},
                                                                                    {"PGOPTIONS", "-c work_mem=1MB"},
                                                                                    {"PGTZ", "Asia/Tokyo"},
                                                                                    {"PGUSER", "denied"}})
    setenv(name, value.c_str(), 1);
  probes::clear_postgres_environment();

  Patient patient{app_url()};
  const auto answer = patient.rows("SELECT current_setting('work_mem'), current_setting('TimeZone')");
  REQUIRE(answer);
  CHECK(answer->rows[0][0] != "1MB");
  CHECK(answer->rows[0][1] != "Asia/Tokyo");
  const auto without = "postgres://app@127.0.0.1:" + std::to_string(server().port()) + "/app";
  CHECK(failure_of(without).code == "no-password");
  Patient allowed{without, passfile};
  CHECK(allowed.login());
}

TEST_CASE("settings that hold no URL", "[postgres]") {
  const auto invalid = failure_of(std::string{"mysql://app:"} + password + "@h/d");
  CHECK(invalid.kind == FailureKind::protocol_error);
  CHECK(invalid.code == "invalid-url");
  CHECK(invalid.phase == "url");
  Patient patient{"postgres://"};
  auto question = session_question();
  question.source = "setting:app/OTHER";
  CHECK(patient.broker.session(question, Deadline::after(1s)).error().code == "no-url");
}

TEST_CASE("ways not to reach PostgreSQL", "[postgres][hostile]") {
  const auto at = [](std::uint16_t port) { return "postgres://app:x@127.0.0.1:" + std::to_string(port) + "/app"; };
  CHECK(failure_of(at(test::closed_port())).kind == FailureKind::refused);
  CHECK(failure_of("postgres://app@/app?host=/nowhere").kind == FailureKind::not_found);
  const test::DeafListener deaf;
  const auto dropped = failure_of(at(deaf.port()), 500ms);
  CHECK(dropped.kind == FailureKind::timed_out);
  CHECK(dropped.phase == "connect");
}

TEST_CASE("servers that are no PostgreSQL", "[postgres][hostile]") {
  struct Case {
    const char* what;
    test::Behaviour behaviour;
    FailureKind kind;
    const char* code;
    const char* phase;
  };
  const std::string http = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
  const auto reset = [](test::Peer& peer) { peer.reset(); };
  const std::vector<Case> cases{
      {"silent", test::silent(), FailureKind::timed_out, "", "login"},
      {"silent after N", after_startup([](test::Peer& peer) { peer.stay_silent(); }), FailureKind::timed_out, "",
       "login"},
      {"closes", test::answering(""), FailureKind::protocol_error, "closed", "login"},
      {"resets", test::resetting(), FailureKind::protocol_error, "ECONNRESET", "login"},
      {"closes after startup", after_startup([](test::Peer&) {}), FailureKind::protocol_error, "closed", "login"},
      {"resets after startup", after_startup(reset), FailureKind::protocol_error, "ECONNRESET", "login"},
      {"HTTP", test::answering(http), FailureKind::protocol_error, "not-postgresql", "login"},
      {"SSH", test::sending("SSH-2.0-OpenSSH_9.2\r\n"), FailureKind::protocol_error, "not-postgresql", "login"},
      {"garbage", test::answering("\x01\x02\x03\xff\xfe"), FailureKind::protocol_error, "not-postgresql", "login"},
      {"HTTP after N", after_startup([&](test::Peer& peer) { peer.send(http); }), FailureKind::protocol_error,
       "not-postgresql", "login"},
      {"S and garbage", test::answering("Sgarbage that is no TLS"), FailureKind::protocol_error, "not-postgresql",
       "login"},
      {"drips", test::dripping("N" + message('R', std::string(200, 'x'))), FailureKind::timed_out, "", "login"},
      {"unknown authentication", after_startup([](test::Peer& peer) {
         peer.send(message('R', std::string{"\0\0\0\x63", 4}));
         peer.stay_silent();
       }),
       FailureKind::protocol_error, "", "login"},
      {"endless without an end of text", after_startup([](test::Peer& peer) {
         peer.send("E\x7f\xff\xff\xff");
         while (peer.send(std::string(65536, 'A'))) continue;
       }),
       FailureKind::too_large, "", "login"},
  };
  for (const auto& one : cases) {
    INFO(one.what);
    const test::ScriptedServer scripted{one.behaviour};
    const auto failure = failure_of(url_of(scripted), 1500ms);
    INFO(failure.phase << " " << failure.detail);
    CHECK(failure.kind == one.kind);
    if (*one.code != '\0') CHECK(failure.code == one.code);
    if (*one.phase != '\0') CHECK(failure.phase == one.phase);
    CHECK(failure.address == "127.0.0.1:" + std::to_string(scripted.port()));
  }
}

TEST_CASE("a server that demands TLS and breaks it", "[postgres][hostile][tls]") {
  const test::ScriptedServer scripted{[](test::Peer& peer) {
    peer.receive(8);
    peer.send("S");
    peer.receive(4096);
    peer.send("garbage that is no TLS at all, by any reading");
    peer.stay_silent();
  }};
  const auto failure = failure_of(url_of(scripted, "?sslmode=require"), 2s);
  CHECK(failure.kind == FailureKind::tls_rejected);
  CHECK(failure.code == "handshake");
}

TEST_CASE("a server's own words are cut, escaped and without the password", "[postgres][hostile]") {
  const auto error = std::string{"SFATAL\0VFATAL\0C53300\0M", 22} + "too\x1b[31m many " + password + " " +
                     std::string(1000, 'x') + std::string{"\0\0", 2};
  const test::ScriptedServer scripted{after_startup([&](test::Peer& peer) {
    peer.send(message('E', error));
    peer.stay_silent();
  })};
  const auto failure = failure_of(url_of(scripted), 2s);
  CHECK(failure.kind == FailureKind::refused);
  CHECK(failure.code == "53300");
  CHECK(failure.detail.find("[redacted]") != std::string::npos);
  CHECK(failure.detail.size() < 300);
}

TEST_CASE("a server that asks for endless SCRAM rounds gets none", "[postgres][hostile]") {
  const test::ScriptedServer scripted{after_startup([](test::Peer& peer) {
    peer.send(message('R', std::string{"\0\0\0\x0aSCRAM-SHA-256\0\0", 19}));
    const auto first = peer.receive(4096);
    const auto at = first.find("r=");
    if (at == std::string::npos) return;
    const auto nonce = first.substr(at + 2);
    peer.send(message('R', std::string{"\0\0\0\x0b", 4} + "r=" + nonce + "more,s=c2FsdHNhbHQ=,i=2000000000"));
    peer.stay_silent();
  })};
  const auto failure = failure_of(url_of(scripted), 3s);
  INFO(failure.code << " " << failure.detail);
  CHECK(failure.kind == FailureKind::too_large);
}

TEST_CASE("a failed login is not tried again by the next question", "[postgres]") {
  const test::ScriptedServer scripted{test::closing()};
  Patient patient{url_of(scripted, "?sslmode=disable")};
  CHECK(!patient.login());
  const int connections = scripted.connections();
  CHECK(!patient.rows("SELECT 1"));
  CHECK(!patient.login());
  CHECK(scripted.connections() == connections);
}

TEST_CASE("no secret reaches the tape", "[postgres][recorder]") {
  if (!server_available()) return;
  probes::Tape tape;
  const auto ask_all = [&](const std::string& url) {
    Patient patient{url};
    probes::PostgresSessionProbe session{patient.broker};
    probes::PostgresRowsProbe rows{patient.broker};
    probes::Recorder<PostgresSessionQuestion> recorded_session{session, tape};
    probes::Recorder<PostgresRowsQuestion> recorded_rows{rows, tape};
    recorded_session.ask(session_question(), Deadline::after(10s));
    recorded_rows.ask(rows_question("SELECT 1"), Deadline::after(10s));
    const auto text = tape.to_json();
    CHECK(text.find(password) == std::string::npos);
    CHECK(text.find("postgres://") == std::string::npos);
    return text;
  };
  CHECK(ask_all(app_url()).find("\"answer\"") != std::string::npos);
  CHECK(ask_all(server().url("app", std::string{password} + "x", "app")).find("28P01") != std::string::npos);
  ask_all(std::string{"postgres://app:"} + password + "@h:nonsense/app");
}
