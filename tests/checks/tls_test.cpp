#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string front = "endpoint:web:public";
constexpr std::int64_t now = 1'800'000'000;
constexpr std::int64_t day = 86'400;

CertificateAnswer good() {
  CertificateAnswer answer;
  answer.subject = "chat.example.org";
  answer.names = {"chat.example.org"};
  answer.issuer = "R11";
  answer.not_before = now - 30 * day;
  answer.not_after = now + 60 * day;
  answer.chain = 2;
  answer.name_matches = true;
  answer.protocol = "TLSv1.3";
  answer.address = "203.0.113.7:443";
  return answer;
}

void at(World& world, const std::string& url, bool tls) {
  world.service("web");
  PublicUrl address;
  address.service = "web";
  address.setting = "setting:web/PUBLIC_URL";
  address.url = url;
  address.host = "chat.example.org";
  address.port = 443;
  address.tls = tls;
  address.endpoint = front;
  world.deployment.public_urls = {address};
  ClockAnswer clock;
  clock.now = now;
  world.fakes.on<ClockQuestion>().answer_all(clock);
}

void shows(World& world, Outcome<CertificateAnswer> answer) {
  at(world, "https://chat.example.org", true);
  world.fakes.on<CertificateQuestion>().answer_all(std::move(answer));
}

Scenario shown(const std::string& name, CertificateAnswer answer, std::vector<std::string> codes) {
  for (auto& code : codes) code += " " + front;
  return {name, [answer](World& world) { shows(world, answer); }, codes, {}};
}

Scenario fails(const std::string& name, FailureKind kind, const std::string& code, const std::string& phase,
               std::vector<std::string> codes) {
  for (auto& one : codes) one += " " + front;
  auto failure = failed(kind, code, "203.0.113.7:443", "what went wrong");
  failure.value().phase = phase;
  return {name, [failure](World& world) { shows(world, failure); }, codes, {}};
}

CertificateAnswer with(void (*change)(CertificateAnswer&)) {
  auto answer = good();
  change(answer);
  return answer;
}

const bool added = add_scenarios(
    "tls",
    {
        shown("a good certificate", good(), {}),
        {"no https address", [](World& world) { at(world, "http://chat.example.org", false); }, {}, {}},
        {"nothing outside is contacted",
         [](World& world) {
           at(world, "https://chat.example.org", true);
           world.deployment.offline = true;
         },
         {},
         {}},
        shown("expired", with([](CertificateAnswer& one) {
                one.not_after = now - day;
                one.problem = "CERT_HAS_EXPIRED";
              }),
              {"tls-certificate-expired"}),
        shown("not yet valid", with([](CertificateAnswer& one) {
                one.not_before = now + day;
                one.problem = "CERT_NOT_YET_VALID";
              }),
              {"tls-certificate-not-yet-valid"}),
        shown("ten days left", with([](CertificateAnswer& one) { one.not_after = now + 10 * day; }),
              {"tls-certificate-expires-soon"}),
        shown("three days left of six", with([](CertificateAnswer& one) {
                one.not_before = now - 3 * day;
                one.not_after = now + 3 * day;
              }),
              {}),
        shown("another name", with([](CertificateAnswer& one) { one.name_matches = false; }),
              {"tls-certificate-name-mismatch"}),
        shown("signed by itself", with([](CertificateAnswer& one) {
                one.self_signed = true;
                one.problem = "DEPTH_ZERO_SELF_SIGNED_CERT";
              }),
              {"tls-certificate-untrusted"}),
        shown("signed by somebody unknown",
              with([](CertificateAnswer& one) { one.problem = "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"; }),
              {"tls-certificate-untrusted"}),
        shown("an expired one further up", with([](CertificateAnswer& one) { one.problem = "CERT_HAS_EXPIRED"; }),
              {"tls-certificate-untrusted"}),
        shown("without its issuer", with([](CertificateAnswer& one) {
                one.chain = 1;
                one.problem = "CHAIN_INCOMPLETE";
              }),
              {"tls-chain-incomplete"}),
        shown("the proxy's makeshift", with([](CertificateAnswer& one) {
                one.subject = "TRAEFIK DEFAULT CERT";
                one.self_signed = true;
                one.name_matches = false;
                one.problem = "DEPTH_ZERO_SELF_SIGNED_CERT";
              }),
              {"tls-default-certificate"}),
        fails("plain HTTP", FailureKind::tls_rejected, "not-tls", "tls", {"tls-not-spoken"}),
        fails("TLS 1.1", FailureKind::tls_rejected, "protocol-version", "tls", {"tls-protocol-old"}),
        fails("an alert", FailureKind::tls_rejected, "handshake", "tls", {"tls-handshake-failed"}),
        fails("silence after the connection", FailureKind::timed_out, "", "tls", {"tls-handshake-failed"}),
        fails("nobody there, which others say", FailureKind::refused, "ECONNREFUSED", "connect", {}),
        fails("no such name, which others say", FailureKind::name_not_resolved, "EAI_NONAME", "resolve", {}),
        {"the bundle does not say", [](World& world) { shows(world, failed(FailureKind::not_recorded)); }, {}, {front}},
        {"no clock to compare with",
         [](World& world) {
           shows(world, good());
           world.fakes.on<ClockQuestion>().answer_all(failed(FailureKind::not_recorded));
         },
         {},
         {front}},
    });

TEST_CASE("tls judges what https addresses show", "[tls]") {
  expect_scenarios("tls");
}

TEST_CASE("tls looks at an https address that was given", "[tls]") {
  World world;
  shows(world, good());
  world.deployment.public_urls.clear();
  HttpBase base;
  base.service = "web";
  base.endpoint = "endpoint:web:8080";
  base.url = "https://10.0.0.5:8443";
  base.dial.host = "10.0.0.5";
  base.dial.port = 8443;
  world.deployment.http = {base};
  const auto judgement = run_check(check_named("tls"), world);
  REQUIRE(judgement.healthy.size() == 1);
  CHECK(judgement.healthy.front().subject == "endpoint:web:8080");
  CHECK(world.fakes.on<CertificateQuestion>().asked().at(0).port == 8443);
}

TEST_CASE("tls says what it saw of a certificate", "[tls]") {
  World world;
  auto answer = good();
  answer.name_matches = false;
  answer.names = {"a.org", "b.org", "c.org", "d.org", "e.org", "f.org"};
  shows(world, answer);
  const auto judgement = run_check(check_named("tls"), world);
  CHECK(evidence_of(judgement, "tls-certificate-name-mismatch", "names") == "a.org, b.org, c.org, d.org, e.org");
  CHECK(evidence_of(judgement, "tls-certificate-name-mismatch", "host") == "chat.example.org");
}

}  // namespace
}  // namespace doctor::test
