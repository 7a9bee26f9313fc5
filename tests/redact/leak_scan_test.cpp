#include "redact/leak_scan.hpp"

#include "support/catch.hpp"
#include "support/disguise.hpp"

using doctor::redact::LeakScan;
using doctor::redact::Redactor;
using Names = std::set<std::string>;

namespace {

const std::string password = R"(c0rrect/h+rse "bat't$ery\&é)";

Redactor redactor() {
  return Redactor{
      {{"DB_PASSWORD", password}, {"API_KEY", "k3y-0f-the-api"}, {"PIN_CODE", "4711"}, {"DB_USER_PASSWORD", "app"}},
      {"app"}};
}

}  // namespace

TEST_CASE("a leak is found in every disguise, in pieces of any size") {
  LeakScan scan{redactor()};
  for (const auto& [name, text] : doctor::test::disguises(password)) {
    const auto whole = "before\n" + text + "\nafter\n";
    for (const std::size_t piece : {1U, 7U, 100000U}) {
      CAPTURE(name, text, piece);
      for (std::size_t at = 0; at < whole.size(); at += piece) scan.write(whole.substr(at, piece));
      CHECK(scan.finish() == Names{"DB_PASSWORD"});
    }
  }
}

TEST_CASE("a form writes blanks as plus signs") {
  LeakScan scan{Redactor{{{"PHRASE", "two words+one sign"}}}};
  CHECK(scan.scan("q=two+words%2Bone+sign&x=1") == Names{"PHRASE"});
  CHECK(scan.scan("q=two%20words%2Bone%20sign") == Names{"PHRASE"});
}

TEST_CASE("what the redactor leaves of every disguise passes the scan") {
  const auto one = redactor();
  LeakScan scan{one};
  for (const auto& [name, text] : doctor::test::disguises(password)) {
    const auto out = one.redact("before\n" + text + "\nafter\n");
    CAPTURE(name, text, out);
    CHECK(scan.scan(out).empty());
    CHECK(out.find("[redacted:DB_PASSWORD]") != std::string::npos);
    CHECK(out.starts_with("before\n"));
    CHECK(out.ends_with("\nafter\n"));
  }
}

TEST_CASE("a leak far into a text is found, at any place of a window") {
  const std::size_t window = 256UL * 1024;
  LeakScan scan{redactor()};
  for (const std::size_t place : {window - 40, window - 20, window - 1, window, 3 * window - 9, 5 * window + 17}) {
    std::string text(place, '.');
    text += doctor::test::base64("u" + password + "x") + std::string(100'000, '.');
    CAPTURE(place);
    CHECK(scan.scan(text) == Names{"DB_PASSWORD"});
  }
}

TEST_CASE("the names of all that leak, and a scan begins anew") {
  LeakScan scan{redactor()};
  CHECK(scan.scan(password + " k3y-0f-the-api") == Names{"API_KEY", "DB_PASSWORD"});
  CHECK(scan.scan("nothing").empty());
  CHECK(scan.scan("").empty());
}

TEST_CASE("weak values leak beside their key only") {
  LeakScan scan{redactor()};
  CHECK(scan.scan("port 4711 of app").empty());
  CHECK(scan.scan("PIN_CODE=4711") == Names{"PIN_CODE"});
  CHECK(scan.scan("{\"DB_USER_PASSWORD\": \"app\"}") == Names{"DB_USER_PASSWORD"});
  CHECK(scan.scan("{\\\"DB_USER_PASSWORD\\\": \\\"app\\\"}") == Names{"DB_USER_PASSWORD"});
  CHECK(scan.scan("DB_USER_PASSWORD=apple PIN_CODE=47110 XPIN_CODE=4711").empty());
  CHECK(scan.scan("PIN_CODE=[redacted:PIN_CODE]").empty());
}

TEST_CASE("private keys of any origin") {
  LeakScan scan{Redactor{}};
  const std::string body =
      "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7abcdefghijkl\nmnopqrstuvwxyz0123456789\n";
  const std::string key = "-----BEGIN RSA PRIVATE KEY-----\n" + body + "-----END RSA PRIVATE KEY-----\n";
  const Names leak{"private-key"};
  CHECK(scan.scan("x\n" + key) == leak);
  CHECK(scan.scan(doctor::test::json_escaped(key)) == leak);
  CHECK(scan.scan("data: " + doctor::test::base64(key)) == leak);
  CHECK(scan.scan(doctor::test::wrapped(doctor::test::base64("ab" + key), 76)) == leak);
  CHECK(scan.scan("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n" + body) ==
        leak);
  CHECK(scan.scan("-----BEGIN PUBLIC KEY-----\n" + body + "-----END PUBLIC KEY-----\n").empty());
  CHECK(scan.scan("a file that begins with -----BEGIN PRIVATE KEY----- and so on").empty());
  // As a log that lost its first lines has it.
  CHECK(scan.scan(body + "-----END RSA PRIVATE KEY-----\n") == leak);
  CHECK(scan.scan("[redacted:private-key]\n-----END RSA PRIVATE KEY-----\n").empty());
  CHECK(scan.scan("a file that ends with -----END PRIVATE KEY----- and so on").empty());
  CHECK(scan.scan("[redacted:private-key]").empty());
}

TEST_CASE("a long value leaks with a part of it") {
  std::string value;
  for (unsigned i = 0; i < 3000; ++i) value += static_cast<char>('!' + (i * i + i / 7) % 90);
  LeakScan scan{Redactor{{{"LONG", value}}}};
  CHECK(scan.scan("<" + value + ">") == Names{"LONG"});
  CHECK(scan.scan(value.substr(900, 1300)) == Names{"LONG"});
}
