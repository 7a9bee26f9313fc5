#include "probes/certificate.hpp"

#include <cstdlib>
#include <fstream>

#include "probes/files_support.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"

using namespace std::chrono_literals;
using doctor::CertificateAnswer;
using doctor::CertificateQuestion;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::Outcome;
namespace probes = doctor::probes;
namespace test = doctor::test;

namespace {

/// The authority that this process trusts.
const test::Certificate& authority() {
  static const auto made = [] {
    auto certificate = test::make_certificate({"Test Authority"});
    static const std::string file = "/tmp/doctor-certificate-test-" + std::to_string(::getpid()) + ".pem";
    std::ofstream{file} << certificate.certificate;
    return std::pair{certificate, file};
  }();
  ::setenv("SSL_CERT_FILE", made.second.c_str(), 1);
  return made.first;
}

Outcome<CertificateAnswer> look(std::uint16_t port, const std::string& name = {},
                                std::chrono::milliseconds limit = 8s) {
  authority();
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::CertificateProbe probe{vantages};
  CertificateQuestion question;
  question.host = "127.0.0.1";
  question.port = port;
  question.name = name;
  auto answer = probe.ask(question, Deadline::after(limit));
  ::unsetenv("SSL_CERT_FILE");
  return answer;
}

CertificateAnswer shown(const test::Certificate& certificate, const std::string& name = {}) {
  test::ScriptedServer server{test::silent(), certificate};
  const auto answer = look(server.port(), name);
  REQUIRE(answer);
  return *answer;
}

}  // namespace

TEST_CASE("a good certificate", "[certificate]") {
  const auto answer = shown(test::make_certificate({"127.0.0.1", "chat.lab.invalid"}, -1, 30, &authority()));
  CHECK(answer.problem.empty());
  CHECK(answer.reason.empty());
  CHECK(answer.name_matches);
  CHECK_FALSE(answer.self_signed);
  CHECK(answer.issuer == "Test Authority");
  CHECK(answer.subject == "127.0.0.1");
  CHECK(answer.names == std::vector<std::string>{"127.0.0.1", "chat.lab.invalid"});
  CHECK(answer.chain == 1);
  CHECK(answer.protocol == "TLSv1.3");
  constexpr std::int64_t day = 86'400;
  CHECK(answer.not_after - answer.not_before == 31 * day);
  CHECK(answer.address.starts_with("127.0.0.1:"));
}

TEST_CASE("a certificate for a name that is asked for", "[certificate]") {
  const auto certificate = test::make_certificate({"*.lab.invalid"}, -1, 30, &authority());
  CHECK(shown(certificate, "chat.lab.invalid").name_matches);
  CHECK_FALSE(shown(certificate, "a.chat.lab.invalid").name_matches);
  CHECK_FALSE(shown(certificate).name_matches);
}

TEST_CASE("a certificate that no client accepts is shown all the same", "[certificate]") {
  CHECK(shown(test::make_certificate({"127.0.0.1"}, -30, -1, &authority())).problem == "CERT_HAS_EXPIRED");
  CHECK(shown(test::make_certificate({"127.0.0.1"}, 1, 30, &authority())).problem == "CERT_NOT_YET_VALID");
  const auto own = shown(test::make_certificate({"127.0.0.1"}));
  CHECK(own.problem == "DEPTH_ZERO_SELF_SIGNED_CERT");
  CHECK(own.self_signed);
  CHECK_FALSE(own.reason.empty());
  const auto stranger = test::make_certificate({"A Stranger"});
  CHECK(shown(test::make_certificate({"127.0.0.1"}, -1, 30, &stranger)).problem == "UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
}

TEST_CASE("a chain without the issuer that a public authority offers", "[certificate]") {
  const auto stranger = test::make_certificate({"A Stranger"});
  const auto leaf = test::make_certificate({"127.0.0.1"}, -1, 30, &stranger, "http://ca.lab.invalid/ca.crt");
  CHECK(shown(leaf).problem == "CHAIN_INCOMPLETE");
}

TEST_CASE("a name from a certificate is safe to print", "[certificate]") {
  const auto answer = shown(test::make_certificate({std::string{"evil\x1b[31m\xe2\x80\xae"} + "name"}));
  CHECK(answer.subject.find('\x1b') == std::string::npos);
  CHECK(answer.subject.find("\xe2\x80\xae") == std::string::npos);
}

TEST_CASE("a port that does not speak TLS", "[certificate]") {
  test::ScriptedServer server{test::answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")};
  const auto answer = look(server.port());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == FailureKind::tls_rejected);
  CHECK(answer.error().code == "not-tls");
}

TEST_CASE("a server that knows old versions only", "[certificate]") {
  // The alert protocol_version (70) of RFC 8446, as servers without TLS 1.2 send it.
  test::ScriptedServer server{test::answering(std::string{"\x15\x03\x01\x00\x02\x02\x46", 7})};
  const auto answer = look(server.port());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == FailureKind::tls_rejected);
  CHECK(answer.error().code == "protocol-version");
}

TEST_CASE("a server that breaks off, is silent or drips", "[certificate]") {
  test::ScriptedServer closing{test::closing()};
  CHECK(look(closing.port()).error().kind == FailureKind::tls_rejected);
  test::ScriptedServer resetting{test::resetting()};
  CHECK_FALSE(look(resetting.port()));
  test::ScriptedServer silent{test::silent()};
  CHECK(look(silent.port(), {}, 700ms).error().kind == FailureKind::timed_out);
  test::ScriptedServer dripping{test::dripping(std::string(100, '\x16'))};
  CHECK_FALSE(look(dripping.port(), {}, 1s));
  CHECK(look(test::closed_port()).error().kind == FailureKind::refused);
}

TEST_CASE("an unknown vantage", "[certificate]") {
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::CertificateProbe probe{vantages};
  CertificateQuestion question;
  question.host = "127.0.0.1";
  question.port = 1;
  question.vantage = "container nobody";
  CHECK_FALSE(probe.ask(question, Deadline::after(1s)));
}
