// How a request gets out as a service would send it: with its keys, through its proxy, trusting whom it trusts.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "probes/certificate.hpp"
#include "probes/files_support.hpp"
#include "probes/http.hpp"
#include "support/catch.hpp"
#include "support/network_space.hpp"
#include "support/proxy_server.hpp"
#include "support/scripted_server.hpp"

using namespace std::chrono_literals;
using doctor::CertificateQuestion;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::HttpAnswer;
using doctor::HttpQuestion;
using doctor::Outcome;
using doctor::Value;
namespace fs = std::filesystem;
namespace probes = doctor::probes;
namespace test = doctor::test;

namespace {

constexpr const char* key = "sk-test-8f3a/5e+1c=77";
constexpr const char* key_encoded = "sk-test-8f3a%2F5e%2B1c%3D77";

std::optional<Value> value_of(const std::string& subject) {
  if (subject == "setting:gate/KEY") return Value::secret(key);
  if (subject == "setting:gate/KEY_WITH_LINE_END") return Value::secret(std::string{key} + "\n");
  if (subject == "setting:gate/BROKEN") return Value::secret("hidden\nX-Evil: 1");
  if (subject == "setting:gate/EMPTY") return Value::secret("  ");
  return std::nullopt;
}

Outcome<HttpAnswer> ask(const HttpQuestion& question, const probes::Vantages::Places& places = {}) {
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, places};
  probes::HttpProbe probe{vantages, value_of};
  return probe.ask(question, Deadline::after(10s));
}

HttpQuestion get(const std::string& url) {
  HttpQuestion question;
  question.url = url;
  return question;
}

HttpQuestion with_key(const std::string& url, const std::string& setting) {
  auto question = get(url);
  question.secrets = {{"Authorization", "Bearer ", "setting:gate/" + setting}};
  return question;
}

test::Behaviour serving(std::string bytes) {
  return [bytes = std::move(bytes)](test::Peer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send(bytes);
  };
}

/// Answers with the request's head as body and in a header.
void echo(test::Peer& peer) {
  auto head = peer.receive_until("\r\n\r\n");
  const auto begin = head.find("Authorization: ");
  const auto line = begin == std::string::npos ? "" : head.substr(begin, head.find('\r', begin) - begin);
  const auto body = head + "again: " + key_encoded + "\n";
  peer.send("HTTP/1.1 200 OK\r\nX-Echo: " + line + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
            body);
}

std::string ok() {
  return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
}

/// A file that goes with its owner.
class File {
 public:
  explicit File(const std::string& content)
      : path_{fs::temp_directory_path() / ("doctor-reach-" + std::to_string(::getpid()) + ".pem")} {
    std::ofstream{path_} << content;
  }
  ~File() { fs::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

const test::Certificate& authority() {
  static const auto made = test::make_certificate({"Company Authority"});
  return made;
}

test::Certificate leaf() {
  return test::make_certificate({"127.0.0.1", "api.lab.invalid"}, -1, 30, &authority());
}

void expect_failure(const Outcome<HttpAnswer>& answer, FailureKind kind, const std::string& code,
                    const std::string& phase) {
  REQUIRE(!answer);
  CHECK(to_string(answer.error().kind) == to_string(kind));
  CHECK(answer.error().code == code);
  CHECK(answer.error().phase == phase);
  CHECK(answer.error().detail.find("hidden") == std::string::npos);
}

}  // namespace

TEST_CASE("a secret header reaches the server", "[http][secret]") {
  const test::ScriptedServer server{serving(ok())};
  REQUIRE(ask(with_key(server.url(), "KEY")));
  CHECK(server.received().find("Authorization: Bearer " + std::string{key} + "\r\n") != std::string::npos);
  const test::ScriptedServer other{serving(ok())};
  REQUIRE(ask(with_key(other.url(), "KEY_WITH_LINE_END")));
  CHECK(other.received().find(std::string{key} + "\r\n") != std::string::npos);
}

TEST_CASE("a server that repeats a secret does not carry it on", "[http][secret]") {
  const test::ScriptedServer server{echo};
  const auto answer = ask(with_key(server.url("/?again"), "KEY"));
  REQUIRE(answer);
  CHECK(answer->body.find(key) == std::string::npos);
  CHECK(answer->body.find(key_encoded) == std::string::npos);
  CHECK(answer->body.find("Bearer " + std::string(std::string{key}.size(), '*')) != std::string::npos);
  CHECK(answer->header("x-echo").find(key) == std::string::npos);
  CHECK(answer->header("x-echo").find('*') != std::string::npos);
}

TEST_CASE("a secret that is missing or that no header can carry is not sent", "[http][secret]") {
  const test::ScriptedServer server{serving(ok())};
  expect_failure(ask(with_key(server.url(), "UNKNOWN")), FailureKind::not_found, "unset", "login");
  expect_failure(ask(with_key(server.url(), "EMPTY")), FailureKind::not_found, "unset", "login");
  expect_failure(ask(with_key(server.url(), "BROKEN")), FailureKind::protocol_error, "not-a-header", "login");
  CHECK(server.connections() == 0);
}

TEST_CASE("http through a proxy is asked in absolute form", "[http][proxy]") {
  const test::ScriptedServer server{serving(ok())};
  const test::ProxyServer proxy{{server.port(), 0}};
  auto question = get("http://api.lab.invalid/v1?x=1");
  question.proxy = proxy.address();
  const auto answer = ask(question);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(proxy.requested() == std::vector<std::string>{"GET http://api.lab.invalid/v1?x=1 HTTP/1.1"});
  CHECK(server.received().find("Host: api.lab.invalid\r\n") != std::string::npos);
}

TEST_CASE("https through a proxy goes through a tunnel", "[http][proxy]") {
  const test::ScriptedServer server{serving(ok()), leaf()};
  const test::ProxyServer proxy{{server.port(), 0}};
  const File trusted{authority().certificate};
  auto question = with_key("https://api.lab.invalid/v1", "KEY");
  question.proxy = proxy.address();
  question.authorities = trusted.path();
  const auto answer = ask(question);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(proxy.requested() == std::vector<std::string>{"CONNECT api.lab.invalid:443 HTTP/1.1"});
  CHECK(server.received().find(key) != std::string::npos);
}

TEST_CASE("a proxy that fails is told from a target that fails", "[http][proxy]") {
  auto question = get("https://api.lab.invalid/v1");
  for (const auto& [status, kind] : {std::pair{403, FailureKind::auth_rejected},
                                     {407, FailureKind::auth_rejected},
                                     {502, FailureKind::unreachable},
                                     {301, FailureKind::unreachable}}) {
    const test::ProxyServer refusing{{0, status}};
    question.proxy = refusing.address();
    expect_failure(ask(question), kind, std::to_string(status), "proxy");
  }
  question.proxy = "127.0.0.1:" + std::to_string(test::closed_port());
  expect_failure(ask(question), FailureKind::refused, "ECONNREFUSED", "proxy");
  question.proxy = "no-such-proxy.invalid:3128";
  CHECK(ask(question).error().phase == "proxy");
  for (const auto* address : {"", ":", "host", "host:", "host:0", "host:99999", "host:12x", ":3128"}) {
    question.proxy = address;
    if (question.proxy.empty()) continue;
    expect_failure(ask(question), FailureKind::protocol_error, "invalid-proxy", "proxy");
  }
  const test::ScriptedServer target{test::closing()};
  const test::ProxyServer proxy{{target.port(), 0}};
  question.proxy = proxy.address();
  expect_failure(ask(question), FailureKind::tls_rejected, "handshake", "tls");
}

TEST_CASE("a hostile proxy does no harm", "[http][proxy][hostile]") {
  const auto through = [](test::Behaviour behaviour, std::chrono::milliseconds span = 3s) {
    const test::ScriptedServer server{std::move(behaviour)};
    auto question = get("https://api.lab.invalid/v1");
    question.proxy = "127.0.0.1:" + std::to_string(server.port());
    probes::Resolver resolver;
    probes::Vantages vantages{resolver, {}};
    probes::HttpProbe probe{vantages};
    const auto started = Deadline::Clock::now();
    auto answer = probe.ask(question, Deadline::after(span));
    CHECK(Deadline::Clock::now() - started < span + 1s);
    REQUIRE(!answer);
    CHECK(answer.error().detail.find('\x1b') == std::string::npos);
    return answer.error();
  };
  CHECK(through(test::closing()).phase == "proxy");
  CHECK(through(test::resetting()).phase == "proxy");
  CHECK(through(test::silent(), 1s).kind == FailureKind::timed_out);
  CHECK(through(test::dripping("HTTP/1.1 200 OK\r\n\r\n"), 1s).kind == FailureKind::timed_out);
  CHECK(through(test::answering("SSH-2.0-x\r\n\r\n")).code == "not-http");
  CHECK(through(test::answering("HTTP/1.1 2\r\n\r\n")).code == "not-http");
  CHECK(through(test::answering("HTTP/1.1 \x1b[31m no\r\n\r\n")).code == "not-http");
  CHECK(through(test::answering("HTTP/1.1 500 \x1b[31m no\r\n\r\n")).code == "500");
  CHECK(through(test::endless("HTTP/1.1 200 OK\r\n", "X: y\r\n")).kind == FailureKind::too_large);
  CHECK(through(test::sending("HTTP/1.1 200 OK\r\n\r\nno TLS here at all")).phase == "tls");
}

TEST_CASE("further authorities are trusted for their question only", "[http][authorities]") {
  const test::ScriptedServer server{serving(ok()), leaf()};
  const File trusted{"a comment\n" + test::make_certificate({"Another"}).certificate + authority().certificate};
  auto question = get(server.url("/", "https"));
  expect_failure(ask(question), FailureKind::tls_rejected, "certificate-untrusted", "tls");
  question.authorities = trusted.path();
  CHECK(ask(question));
}

TEST_CASE("a file of authorities that is of no use is told about before anything is sent", "[http][authorities]") {
  const test::ScriptedServer server{serving(ok()), leaf()};
  auto question = get(server.url("/", "https"));
  question.authorities = "/nowhere/ca.pem";
  expect_failure(ask(question), FailureKind::not_found, "authorities", "authorities");
  question.authorities = "relative.pem";
  expect_failure(ask(question), FailureKind::not_found, "authorities", "authorities");
  question.authorities = "/tmp";
  CHECK(ask(question).error().code == "authorities");
  const File empty{"-----BEGIN CERTIFICATE-----\nhidden\n-----END CERTIFICATE-----\n"};
  question.authorities = empty.path();
  expect_failure(ask(question), FailureKind::protocol_error, "authorities", "authorities");
  CHECK(server.connections() == 0);
}

TEST_CASE("the certificate is seen through a proxy, and judged with further authorities", "[certificate][proxy]") {
  const test::ScriptedServer server{test::silent(), leaf()};
  const test::ProxyServer proxy{{server.port(), 0}};
  const File trusted{authority().certificate};
  CertificateQuestion question;
  question.host = "api.lab.invalid";
  question.port = 443;
  question.proxy = proxy.address();
  const auto look = [](const CertificateQuestion& asked) {
    probes::Resolver resolver;
    probes::Vantages vantages{resolver, {}};
    probes::CertificateProbe probe{vantages};
    return probe.ask(asked, Deadline::after(5s));
  };
  const auto untrusted = look(question);
  REQUIRE(untrusted);
  CHECK(untrusted->issuer == "Company Authority");
  CHECK_FALSE(untrusted->problem.empty());
  question.authorities = trusted.path();
  const auto good = look(question);
  REQUIRE(good);
  CHECK(good->problem.empty());
  CHECK(good->name_matches);
}

TEST_CASE("authorities are those that the container has", "[http][authorities][vantage]") {
  if (!test::NetworkSpace::available()) return;
  const test::TemporaryDirectory root;
  fs::create_directories(root.path() + "/certs");
  std::ofstream{root.path() + "/certs/ca.pem"} << authority().certificate;
  fs::create_symlink("/certs/ca.pem", root.path() + "/ca-link.pem");
  test::NetworkSpace space{root.path()};
  std::unique_ptr<test::ScriptedServer> server;
  const auto certificate = leaf();
  space.inside([&] { server = std::make_unique<test::ScriptedServer>(serving(ok()), certificate); });
  const probes::Vantages::Places places{{"container gate", space.inhabitant()}};
  auto question = get(server->url("/", "https"));
  question.vantage = "container gate";
  question.authorities = "/ca-link.pem";
  CHECK(ask(question, places));
  question.authorities = "/certs/other.pem";
  expect_failure(ask(question, places), FailureKind::not_found, "authorities", "authorities");
  question.vantage = "container elsewhere";
  expect_failure(ask(question, places), FailureKind::permission_denied, "authorities", "authorities");
}
