#include "probes/redis.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/redis_session.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/redis_server.hpp"
#include "support/scripted_server.hpp"

using namespace std::chrono_literals;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::RedisReplyQuestion;
using doctor::RedisSessionQuestion;
using doctor::Value;
namespace probes = doctor::probes;
namespace test = doctor::test;

namespace {

constexpr const char* password = "pl4nted-S3cret";

/// Whether the tests with a real server can run; says why not, and fails where they must run.
bool server_available() {
  const auto here = test::RedisServer::available();
  if (here.ok) return true;
  if (std::getenv("CI") != nullptr) FAIL("a Redis server is needed: " << here.reason);
  WARN("skipped: " << here.reason);
  return false;
}

RedisSessionQuestion session_question() {
  RedisSessionQuestion question;
  question.source = "setting:app/REDIS_URL";
  return question;
}

/// A broker with one setting.
struct Patient {
  explicit Patient(std::string url)
      : broker{vantages, [url = std::move(url)](const std::string& subject) -> std::optional<Value> {
                 if (subject != "setting:app/REDIS_URL") return std::nullopt;
                 return Value::secret(url);
               }} {}
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::RedisBroker broker;

  doctor::Outcome<doctor::RedisSessionAnswer> login(std::chrono::milliseconds span = 10s) {
    return broker.session(session_question(), Deadline::after(span));
  }
  doctor::Outcome<doctor::RedisReplyAnswer> ask(std::vector<std::string> command,
                                                std::chrono::milliseconds span = 10s) {
    return broker.reply(RedisReplyQuestion{session_question(), std::move(command)}, Deadline::after(span));
  }
};

void expect_harmless(const doctor::ProbeFailure& failure) {
  INFO(failure.detail);
  CHECK(failure.detail.find(password) == std::string::npos);
  for (const char c : failure.detail) CHECK(static_cast<unsigned char>(c) >= 0x20);
  for (const char c : failure.code) CHECK(static_cast<unsigned char>(c) >= 0x20);
}

/// The failure of a login with this URL; it must end in time and never show the password.
doctor::ProbeFailure failure_of(const std::string& url, std::chrono::milliseconds span = 10s) {
  Patient patient{url};
  const auto started = Deadline::Clock::now();
  const auto answer = patient.login(span);
  CHECK(Deadline::Clock::now() - started < span + 500ms);
  REQUIRE(!answer);
  expect_harmless(answer.error());
  return answer.error();
}

std::string url_of(std::uint16_t port, const std::string& scheme = "redis") {
  return scheme + "://:" + password + "@127.0.0.1:" + std::to_string(port) + "/0";
}

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

const std::string info = bulk("# Server\r\nredis_version:7.0.15\r\n");

/// Answers the login, then does as it likes with the first question.
test::Behaviour after_login(std::function<void(test::Peer&)> then) {
  return [then = std::move(then)](test::Peer& peer) {
    peer.receive(4096);
    peer.send("+OK\r\n");
    peer.receive(4096);
    peer.send(info);
    peer.receive(4096);
    then(peer);
  };
}

/// The failure of one question to a scripted server.
doctor::ProbeFailure failure_of_answer(test::Behaviour behaviour, std::chrono::milliseconds span = 10s) {
  const test::ScriptedServer server{after_login(std::move(behaviour))};
  Patient patient{url_of(server.port())};
  const auto started = Deadline::Clock::now();
  REQUIRE(patient.login());
  const auto answer = patient.ask({"LATENCY", "LATEST"}, span);
  CHECK(Deadline::Clock::now() - started < span + 500ms);
  REQUIRE(!answer);
  expect_harmless(answer.error());
  return answer.error();
}

/// Makes the certificates of a test those of this host.
class Authorities {
 public:
  explicit Authorities(const std::vector<test::Certificate>& trusted) {
    std::string pattern = (std::filesystem::temp_directory_path() / "doctor-redis-ca-XXXXXX").string();
    const int fd = mkstemp(pattern.data());
    REQUIRE(fd >= 0);
    close(fd);
    path_ = pattern;
    std::ofstream file{path_};
    for (const auto& one : trusted) file << one.certificate;
    file.close();
    setenv("SSL_CERT_FILE", path_.c_str(), 1);
  }
  ~Authorities() {
    unsetenv("SSL_CERT_FILE");
    std::remove(path_.c_str());
  }
  Authorities(const Authorities&) = delete;
  Authorities& operator=(const Authorities&) = delete;

 private:
  std::string path_;
};

test::RedisServer::Options with_certificate(const test::Certificate& certificate) {
  test::RedisServer::Options options;
  options.certificate = certificate.certificate;
  options.key = certificate.key;
  return options;
}

}  // namespace

TEST_CASE("a Redis URL is read as its clients do", "[redis]") {
  const auto url = probes::parse_redis_url("rediss://work%40er:p%3Aw@cache.example.com:6380/3?ssl_cert_reqs=none&x=1");
  REQUIRE(url);
  CHECK(url->tls);
  CHECK(url->user == "work@er");
  CHECK(url->password == "p:w");
  CHECK(url->host == "cache.example.com");
  CHECK(url->port == 6380);
  CHECK(url->database == 3);
  CHECK_FALSE(url->verify);
  CHECK(url->options == std::vector<std::string>{"ssl_cert_reqs", "x"});
  const auto bare = probes::parse_redis_url("redis://");
  REQUIRE(bare);
  CHECK(bare->host == "localhost");
  CHECK(bare->port == 6379);
  CHECK_FALSE(bare->has_password);
  CHECK(probes::parse_redis_url("redis://:pw@[::1]:7000")->host == "::1");
  CHECK(probes::parse_redis_url("redis://:pw@[::1]:7000")->password == "pw");
  CHECK(probes::parse_redis_url("redis://:a@b@h/")->password == "a@b");
  CHECK(probes::parse_redis_url("redis://h?db=4")->database == 4);
}

TEST_CASE("what is no Redis URL has a reason without any part of it", "[redis]") {
  for (const std::string text : {"", "planted", "http://planted@h", "redis://:planted@h:port", "redis://:planted@h:0",
                                 "redis://:planted@h:70000", "redis://:planted@[::1", "redis://:planted@h/first",
                                 "redis://h/4294967296", "redis://:planted@h?db=x"}) {
    const auto url = probes::parse_redis_url(text);
    INFO(text);
    REQUIRE_FALSE(url);
    CHECK_FALSE(url.error().empty());
    CHECK(url.error().find("planted") == std::string::npos);
  }
  CHECK_FALSE(probes::parse_redis_url("redis://" + std::string(70000, 'x')));
}

TEST_CASE("an error of Redis is told by its first word", "[redis]") {
  const auto kind = [](const char* text) { return probes::refusal_of(text).kind; };
  const auto code = [](const char* text) { return probes::refusal_of(text).code; };
  CHECK(code("NOAUTH Authentication required.") == "NOAUTH");
  CHECK(kind("WRONGPASS invalid username-password pair or user is disabled.") == FailureKind::auth_rejected);
  CHECK(kind("NOPERM this user has no permissions to run the 'info' command") == FailureKind::auth_rejected);
  CHECK(kind("LOADING Redis is loading the dataset in memory") == FailureKind::refused);
  CHECK(code("ERR max number of clients reached") == "MAXCLIENTS");
  CHECK(code("ERR DB index is out of range") == "DBINDEX");
  CHECK(code("ERR invalid DB index") == "DBINDEX");
  CHECK(code("ERR AUTH <password> called without any password configured for the default user.") == "NOPASS");
  CHECK(code("ERR Client sent AUTH, but no password is set") == "NOPASS");
  CHECK(code("ERR invalid password") == "WRONGPASS");
  CHECK(code("ERR unknown command 'CONFIG'") == "UNKNOWN");
  CHECK(code("ERR something") == "ERR");
  CHECK(code("lower case") == "ERR");
  CHECK(code("") == "ERR");
}

TEST_CASE("only commands that read, and cost nothing, are sent", "[redis]") {
  using Words = std::vector<std::string>;
  for (const auto& allowed :
       {Words{"INFO"}, Words{"info", "memory"}, Words{"PING"}, Words{"CONFIG", "GET", "maxmemory"}, Words{"TYPE", "k"},
        Words{"LLEN", "k"}, Words{"XLEN", "k"}, Words{"ZCARD", "k"}, Words{"SCARD", "k"}, Words{"XINFO", "GROUPS", "k"},
        Words{"XPENDING", "k", "g"}, Words{"LATENCY", "LATEST"}, Words{"TIME"}, Words{"PTTL", "k"},
        Words{"GETRANGE", "k", "0", "63"}, Words{"GETRANGE", "k", "0", "0"}})
    CHECK(probes::may_ask(allowed));
  for (const auto& refused : {Words{},
                              Words{"KEYS", "*"},
                              Words{"GET", "k"},
                              Words{"SET", "k", "v"},
                              Words{"FLUSHALL"},
                              Words{"DEBUG", "SLEEP"},
                              Words{"CONFIG", "GET", "requirepass"},
                              Words{"CONFIG", "GET", "*"},
                              Words{"CONFIG", "SET", "maxmemory"},
                              Words{"CONFIG"},
                              Words{"INFO", "a", "b"},
                              Words{"LATENCY", "RESET"},
                              Words{"XPENDING", "k", "g", "-", "+", "9"},
                              Words{"PING", "x"},
                              Words{"SHUTDOWN"},
                              Words{"GETRANGE", "k", "0", "64"},
                              Words{"GETRANGE", "k", "0", "-1"},
                              Words{"GETRANGE", "k", "1", "9"},
                              Words{"GETRANGE", "k", "0"},
                              Words{"GETRANGE", "k", "0", "100"},
                              Words{"PTTL"}})
    CHECK_FALSE(probes::may_ask(refused));
  const test::ScriptedServer server{test::silent()};
  Patient patient{url_of(server.port())};
  const auto answer = patient.ask({"FLUSHALL"});
  REQUIRE(!answer);
  CHECK(answer.error().kind == FailureKind::permission_denied);
  CHECK(answer.error().code == "not-allowed");
  CHECK(server.connections() == 0);
}

TEST_CASE("an answer is put together from any pieces", "[redis]") {
  const std::string text = "*3\r\n$5\r\nhello\r\n:42\r\n*2\r\n$-1\r\n+fine\r\n";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    probes::RedisReplyReader reader;
    std::optional<probes::RedisReply> reply;
    for (std::size_t at = 0; at < text.size(); at += size) {
      REQUIRE_FALSE(reply);
      const auto taken = reader.take(std::string_view{text}.substr(at, size));
      REQUIRE(taken);
      reply = *taken;
    }
    REQUIRE(reply);
    CHECK(reply->kind == "array");
    CHECK(reply->items == std::vector<std::string>{"hello", "42", "", "fine"});
  }
}

TEST_CASE("an answer past a bound, or against the protocol, is refused before anything is allocated", "[redis]") {
  const auto code = [](const std::string& text) {
    const auto taken = probes::RedisReplyReader{}.take(text);
    return taken ? std::string{} : taken.error().code;
  };
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "*1\r\n";
  CHECK(code("HTTP/1.1 400 Bad Request\r\n") == "not-redis");
  CHECK(code("$8388609\r\n") == "bulk");
  CHECK(code("$9223372036854775807\r\n") == "bulk");
  CHECK(code("$99999999999999999999\r\n") == "protocol");
  CHECK(code("*1000001\r\n") == "elements");
  CHECK(code("*2147483647\r\n") == "elements");
  CHECK(code("*600000\r\n*600000\r\n") == "elements");
  CHECK(code(deep) == "depth");
  CHECK(code("+" + std::string(65600, 'x')) == "line");
  CHECK(code("$3\r\nabcd\r\n") == "protocol");
  CHECK(code("$-2\r\n") == "protocol");
  CHECK(code("*1\r\n!x\r\n") == "protocol");
  CHECK(code(":4x\r\n") == "protocol");
  CHECK(code("+OK\n") == "protocol");
  CHECK(code("+OK\r\n+OK\r\n") == "protocol");
  CHECK(code("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n") == "protocol");
  CHECK(code("$8388608\r\n").empty());
}

TEST_CASE("a real Redis answers", "[redis]") {
  if (!server_available()) return;
  test::RedisServer::Options options;
  options.password = password;
  const test::RedisServer server{options};
  server.command({"RPUSH", "queue", "a", "b"});
  Patient patient{url_of(server.port())};
  const auto session = patient.login();
  REQUIRE(session);
  CHECK_FALSE(session->version.empty());
  CHECK(session->authenticated);
  CHECK_FALSE(session->tls);
  CHECK(session->address == "127.0.0.1:" + std::to_string(server.port()));
  const auto length = patient.ask({"LLEN", "queue"});
  REQUIRE(length);
  CHECK(length->kind == "integer");
  CHECK(length->text == "2");
  CHECK(patient.ask({"TYPE", "queue"})->text == "list");
  CHECK(patient.ask({"TIME"})->items.size() == 2);
  CHECK(patient.ask({"LATENCY", "LATEST"})->kind == "array");
  CHECK(patient.ask({"CONFIG", "GET", "maxclients"})->items.size() == 2);
  INFO("an error reply does not end the session");
  const auto wrong = patient.ask({"XLEN", "queue"});
  REQUIRE(!wrong);
  CHECK(wrong.error().code == "WRONGTYPE");
  CHECK(patient.ask({"PING"})->text == "PONG");
}

TEST_CASE("the beginning of a key, and what is left of its time", "[redis]") {
  if (!server_available()) return;
  const test::RedisServer server;
  server.command({"SETEX", "status", "600", std::string(200, 'x')});
  server.command({"SET", "plain", "valid"});
  server.command({"RPUSH", "queue", "a"});
  Patient patient{"redis://127.0.0.1:" + std::to_string(server.port())};
  const auto beginning = [&](const std::string& key) { return patient.ask({"GETRANGE", key, "0", "63"}); };
  CHECK(beginning("status")->text == std::string(64, 'x'));
  CHECK(beginning("plain")->text == "valid");
  CHECK(beginning("nothing")->text.empty());
  REQUIRE(!beginning("queue"));
  CHECK(beginning("queue").error().code == "WRONGTYPE");
  const auto left = std::stol(patient.ask({"PTTL", "status"})->text);
  CHECK((left > 500'000 && left <= 600'000));
  CHECK(patient.ask({"PTTL", "plain"})->text == "-1");
  CHECK(patient.ask({"PTTL", "nothing"})->text == "-2");
}

TEST_CASE("the refusals of a real Redis", "[redis]") {
  if (!server_available()) return;
  test::RedisServer::Options options;
  options.password = "the-right-one";
  options.settings = {{"user", "narrow on >" + std::string{password} + " ~* -@all"},
                      {"user", "quiet on >" + std::string{password} + " ~* +@read +ping"}};
  const test::RedisServer server{options};
  const auto port = std::to_string(server.port());
  CHECK(failure_of("redis://127.0.0.1:" + port).code == "NOAUTH");
  const auto wrong = failure_of(url_of(server.port()));
  CHECK(wrong.code == "WRONGPASS");
  CHECK(wrong.kind == FailureKind::auth_rejected);
  CHECK(failure_of("redis://nobody:" + std::string{password} + "@127.0.0.1:" + port).code == "WRONGPASS");
  CHECK(failure_of("redis://:the-right-one@127.0.0.1:" + port + "/77").code == "DBINDEX");
  CHECK(failure_of("redis://narrow:" + std::string{password} + "@127.0.0.1:" + port + "/1").code == "NOPERM");
  CHECK(failure_of("redis://127.0.0.1:" + std::to_string(test::closed_port())).kind == FailureKind::refused);
  INFO("who may not ask for INFO may still be asked about");
  Patient quiet{"redis://quiet:" + std::string{password} + "@127.0.0.1:" + port};
  REQUIRE(quiet.login());
  CHECK(quiet.login()->version.empty());
  CHECK(quiet.ask({"INFO"}).error().code == "NOPERM");
  CHECK(quiet.ask({"PING"})->text == "PONG");
  const test::RedisServer open;
  CHECK(failure_of(url_of(open.port())).code == "NOPASS");
}

TEST_CASE("a real Redis with TLS", "[redis]") {
  if (!server_available()) return;
  const auto good = test::make_certificate({"127.0.0.1", "localhost"});
  const auto expired = test::make_certificate({"127.0.0.1"}, -30, -1);
  const auto other = test::make_certificate({"elsewhere.example"});
  const auto unknown = test::make_certificate({"127.0.0.1"});
  const Authorities authorities{{good, expired, other}};
  const test::RedisServer server{with_certificate(good)};
  Patient patient{server.url()};
  const auto session = patient.login();
  REQUIRE(session);
  CHECK(session->tls);
  CHECK(patient.ask({"PING"})->text == "PONG");
  const auto code = [](const test::Certificate& certificate, const std::string& query = {}) {
    const test::RedisServer one{with_certificate(certificate)};
    const auto failure = failure_of(one.url() + query);
    CHECK(failure.kind == FailureKind::tls_rejected);
    CHECK(failure.phase == "tls");
    return failure.code;
  };
  CHECK(code(expired) == "certificate-expired");
  CHECK(code(other) == "certificate-name");
  CHECK(code(unknown) == "certificate-untrusted");
  INFO("a client that does not look at the certificate gets through");
  const test::RedisServer tolerated{with_certificate(unknown)};
  CHECK(Patient{tolerated.url() + "?ssl_cert_reqs=none"}.login());
  const test::RedisServer renamed{with_certificate(other)};
  CHECK(Patient{renamed.url() + "?ssl_check_hostname=false"}.login());
}

TEST_CASE("TLS where none is, and none where TLS is", "[redis]") {
  if (!server_available()) return;
  const auto certificate = test::make_certificate({"127.0.0.1"});
  const test::RedisServer encrypted{with_certificate(certificate)};
  const auto plain_to_tls = failure_of("redis://127.0.0.1:" + std::to_string(encrypted.port()));
  CHECK(plain_to_tls.kind == FailureKind::protocol_error);
  CHECK(plain_to_tls.code == "tls-expected");
  const test::RedisServer plain;
  const auto tls_to_plain = failure_of("rediss://127.0.0.1:" + std::to_string(plain.port()));
  CHECK(tls_to_plain.kind == FailureKind::tls_rejected);
  CHECK(tls_to_plain.code == "not-tls");
}

TEST_CASE("a server that wants a certificate of its clients", "[redis]") {
  if (!server_available()) return;
  const auto certificate = test::make_certificate({"127.0.0.1"});
  const Authorities authorities{{certificate}};
  auto options = with_certificate(certificate);
  options.settings = {{"tls-auth-clients", "yes"}};
  const test::RedisServer server{options};
  const auto failure = failure_of(server.url());
  CHECK(failure.kind == FailureKind::tls_rejected);
  CHECK(failure.code == "client-certificate");
}

TEST_CASE("a server that does not let one log in", "[redis]") {
  const auto code = [](test::Behaviour behaviour) {
    const test::ScriptedServer server{std::move(behaviour)};
    return failure_of(url_of(server.port())).code;
  };
  CHECK(code(test::closing()) == "closed");
  CHECK(code(test::resetting()) == "closed");
  CHECK(code(test::answering("HTTP/1.1 400 Bad Request\r\n\r\n")) == "not-redis");
  CHECK(code(test::sending("SSH-2.0-OpenSSH_9.2\r\n")) == "not-redis");
  CHECK(code(test::answering("ERROR\r\n")) == "not-redis");
  CHECK(code(test::answering("-DENIED Redis is running in protected mode\r\n")) == "DENIED");
  CHECK(code(test::answering("-ERR max number of clients reached\r\n")) == "MAXCLIENTS");
  CHECK(code(test::answering("-LOADING Redis is loading the dataset in memory\r\n")) == "LOADING");
  CHECK(code(test::answering(std::string{"\x15\x03\x01\x00\x02\x02\x46", 7})) == "tls-expected");
  CHECK(code(test::answering("+OK")) == "cut");
  CHECK(code(test::answering("$2000000000\r\n")) == "bulk");
  CHECK(code(test::answering("+OK\r\n+OK\r\n+OK\r\n")) == "protocol");
  INFO("an answer that is none of Redis' own");
  CHECK(code([](test::Peer& peer) {
          peer.receive(4096);
          peer.send("+OK\r\n");
          peer.receive(4096);
          peer.send("+fine\r\n");
          peer.stay_silent();
        }) == "not-redis");
}

TEST_CASE("a server that says nothing, or a byte at a time", "[redis]") {
  const test::ScriptedServer silent{test::silent()};
  const auto failure = failure_of(url_of(silent.port()));
  CHECK(failure.kind == FailureKind::timed_out);
  CHECK(failure.phase == "answer");
  CHECK(failure.waited >= 4900ms);
  const test::ScriptedServer slow{test::dripping(std::string(4000, '+'))};
  CHECK(failure_of(url_of(slow.port()), 1s).kind == FailureKind::timed_out);
  const test::ScriptedServer deaf{test::silent()};
  CHECK(failure_of(url_of(deaf.port(), "rediss")).kind == FailureKind::timed_out);
}

TEST_CASE("a server that answers with anything", "[redis]") {
  CHECK(failure_of_answer([](test::Peer& peer) {
          std::string deep;
          for (int i = 0; i < 100000; ++i) deep += "*1\r\n";
          peer.send(deep);
          peer.stay_silent();
        }).code == "depth");
  CHECK(failure_of_answer([](test::Peer& peer) {
          peer.send("*1000000\r\n");
          while (peer.send(std::string(65536, ':') + "\r\n")) continue;
        }).kind != FailureKind::timed_out);
  CHECK(failure_of_answer([](test::Peer& peer) {
          peer.send("*1000000\r\n");
          const std::string item = bulk(std::string(60000, 'x'));
          while (peer.send(item)) continue;
        }).code == "size");
  CHECK(failure_of_answer([](test::Peer& peer) {
          peer.send("+");
          while (peer.send(std::string(4096, 'x'))) continue;
        }).code == "line");
  CHECK(failure_of_answer(
            [](test::Peer& peer) {
              peer.send("$100\r\nonly this");
              peer.stay_silent();
            },
            1s)
            .kind == FailureKind::timed_out);
  CHECK(failure_of_answer([](test::Peer& peer) { peer.send("$100\r\nonly this"); }).code == "cut");
  CHECK(failure_of_answer([](test::Peer& peer) { peer.send("-ERR \x1b[31mred\x1b[0m \xe2\x80\xae\r\n"); }).code ==
        "ERR");
  CHECK(failure_of_answer([](test::Peer& peer) {
          peer.send("-WRONGPASS your " + std::string{password} + " is wrong\r\n");
        }).code == "WRONGPASS");
  CHECK(failure_of_answer([](test::Peer& peer) { peer.send("-\x1b\x01 odd\r\n"); }).code == "ERR");
}

TEST_CASE("a session that broke is not opened again, and one that could not be opened is not tried again", "[redis]") {
  const test::ScriptedServer server{after_login([](test::Peer&) {})};
  Patient patient{url_of(server.port())};
  REQUIRE(patient.login());
  CHECK_FALSE(patient.ask({"PING"}));
  CHECK_FALSE(patient.ask({"PING"}));
  CHECK(server.connections() == 1);
  const test::ScriptedServer refusing{test::answering("-LOADING Redis is loading the dataset in memory\r\n")};
  Patient second{url_of(refusing.port())};
  CHECK_FALSE(second.login());
  CHECK_FALSE(second.login());
  CHECK_FALSE(second.ask({"PING"}));
  CHECK(refusing.connections() == 1);
}

TEST_CASE("a setting without a URL of Redis", "[redis]") {
  Patient broken{"redis://h:port"};
  CHECK(broken.login().error().code == "invalid-url");
  auto question = session_question();
  question.source = "setting:app/OTHER";
  CHECK(broken.broker.session(question, Deadline::after(1s)).error().code == "no-url");
}
