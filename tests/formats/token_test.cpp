#include "formats/token.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "support/token.hpp"

using doctor::formats::Claim;
using doctor::formats::read_token;
using doctor::formats::TokenReport;
using doctor::test::base64url;
using doctor::test::token;

namespace {

constexpr auto header = R"({"alg":"HS256"})";
constexpr auto payload = R"({"license_id":"lic-1","exp":1900000000})";

TokenReport report_on(const std::string& text) {
  return read_token(text, {"license_id"});
}

std::string problem_of(const std::string& text) {
  const auto report = report_on(text);
  CHECK(report.reason.empty() == report.problem.empty());
  return report.problem;
}

std::string reason_of(const std::string& text) {
  return report_on(text).reason;
}

const Claim* claim(const TokenReport& report, const std::string& name) {
  const auto found =
      std::find_if(report.claims.begin(), report.claims.end(), [&](const Claim& one) { return one.name == name; });
  return found == report.claims.end() ? nullptr : &*found;
}

std::string value_of(const std::string& json, const std::string& name) {
  const auto report = report_on(token(json));
  const auto* found = claim(report, name);
  REQUIRE(found != nullptr);
  return found->kind + " " + found->value;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a whole token is taken apart") {
  const auto report = report_on(token(R"({"license_id":"lic-1","exp":1900000000,"flags":{"a":true},"plan":"gold"})"));
  CHECK(report.problem.empty());
  CHECK(report.parts == 3);
  CHECK(report.algorithm == "HS256");
  REQUIRE(report.claims.size() == 4);
  CHECK(claim(report, "license_id")->value == "lic-1");
  CHECK(claim(report, "exp")->value == "1900000000");
  CHECK(claim(report, "flags")->kind == "object");
  CHECK(claim(report, "plan")->value.empty());  // nobody asked for it
}

TEST_CASE("base64url: letters of that alphabet and every length") {
  CHECK(problem_of(token(R"({"a":"\u00ff?>~~~???"})")).empty());
  for (int size = 0; size < 8; ++size)
    CHECK(problem_of(token(R"({"a":")" + std::string(static_cast<std::size_t>(size), '?') + "\"}")).empty());
}

TEST_CASE("parts of a token that are missing, empty or too many") {
  const auto whole = token(payload);
  CHECK(problem_of(whole.substr(0, whole.rfind('.'))) == "parts");
  CHECK(report_on(whole.substr(0, whole.rfind('.'))).parts == 2);
  CHECK(problem_of(base64url(header)) == "parts");
  CHECK(problem_of(whole.substr(0, whole.rfind('.') + 1)) == "parts");  // RFC 7515, A.5: nobody has signed it
  CHECK(problem_of(base64url(header) + ".." + base64url("x")) == "parts");
  CHECK(problem_of(whole + ".a.b") == "parts");
  CHECK(reason_of(whole + ".a.b").find("encrypted") != std::string::npos);
  CHECK(problem_of("...") == "parts");
  CHECK(problem_of("") == "parts");
}

TEST_CASE("a text that does not begin like a token has no parts") {
  CHECK(report_on("sb_secret_N7UND0UgjKTVK").parts == 0);
  CHECK(problem_of("sb_secret_N7UND0UgjKTVK") == "parts");
  CHECK(report_on("eyJhbGciOiJIUzI1NiJ9").parts == 1);
  CHECK(report_on(" ").parts == 0);
}

TEST_CASE("quotation marks and blanks") {
  const auto whole = token(payload);
  CHECK(problem_of("\"" + whole + "\"") == "quotes");
  CHECK(problem_of("'" + whole + "'") == "quotes");
  CHECK(problem_of(whole + "\"") == "quotes");
  CHECK(problem_of("\"" + whole + "\"\n") == "quotes");
  CHECK(problem_of(whole + "\n") == "blanks");
  CHECK(problem_of(" " + whole) == "blanks");
  CHECK(reason_of(" " + whole).find("before") != std::string::npos);
  const auto broken = whole.substr(0, 50) + "\r\n" + whole.substr(50);
  CHECK(problem_of(broken) == "blanks");
  CHECK(reason_of(broken) == "a line break lies within it");
  CHECK(report_on(broken).parts == 3);
}

TEST_CASE("base64 of other kinds is told apart") {
  const auto body = base64url(payload);
  const auto with = [](const std::string& middle) {
    return base64url(header) + "." + middle + "." + base64url(std::string(32, 'x'));
  };
  CHECK(problem_of(with(body)).empty());
  CHECK(reason_of(with(base64url(R"({"a":1})") + "==")).find("padded") != std::string::npos);
  CHECK(reason_of(with("eyJhIjoi4+/5In0")).find("ordinary base64") != std::string::npos);
  CHECK(reason_of(with(body + "\xc3\xa9")).find("character") != std::string::npos);
  CHECK(reason_of(with(body + std::string(1, '\0'))).find("character") != std::string::npos);
  CHECK(reason_of(with("eyJhI")).find("cut off") != std::string::npos);
  CHECK(problem_of(with("=")) == "encoding");
}

TEST_CASE("a token that was encoded twice") {
  const auto twice = base64url(token(payload));
  CHECK(problem_of(twice) == "encoding");
  CHECK(reason_of(twice).find("once more") != std::string::npos);
  CHECK(report_on(twice).parts == 1);
  CHECK(problem_of(twice + "=") == "encoding");
}

TEST_CASE("a header or payload that is no JSON object") {
  CHECK(problem_of(token("")) == "parts");
  CHECK(problem_of(token("words")) == "json");
  CHECK(problem_of(token("[1]")) == "json");
  CHECK(problem_of(token("null")) == "json");
  CHECK(problem_of(token(R"({"a":1)")) == "json");
  CHECK(problem_of(token(R"({"a":1} x)")) == "json");
  CHECK(problem_of(token("{\"a\":\"\xff\"}")) == "json");
  CHECK(problem_of(token(std::string("{\"a\":\"\0\"}", 9))) == "json");
  CHECK(problem_of(token(R"({"exp":1e999})")) == "json");
  CHECK(problem_of(token(payload, "[]")) == "json");
  CHECK(problem_of(token(payload, "{")) == "json");
}

TEST_CASE("a signature that is not whole") {
  CHECK(problem_of(token(payload, header, 32)).empty());
  CHECK(problem_of(token(payload, header, 20)) == "parts");
  CHECK(problem_of(token(payload, header, 33)) == "parts");
  CHECK(problem_of(token(payload, R"({"alg":"RS256"})", 200)).empty());
  CHECK(problem_of(token(payload, R"({"typ":"JWT"})", 3)).empty());
  CHECK(problem_of(token(payload, R"({"alg":7})", 3)).empty());
}

TEST_CASE("times and numbers") {
  CHECK(value_of(R"({"exp":1900000000.75})", "exp") == "number 1900000000");
  CHECK(value_of(R"({"exp":-1.5})", "exp") == "number -2");
  CHECK(value_of(R"({"exp":1e300})", "exp") == "number 9223372036854775807");
  CHECK(value_of(R"({"exp":-1e300})", "exp") == "number -9223372036854775808");
  CHECK(value_of(R"({"exp":18446744073709551615})", "exp") == "number 9223372036854775807");
  CHECK(value_of(R"({"exp":"soon"})", "exp") == "string soon");
  CHECK(value_of(R"({"exp":null})", "exp") == "null ");
  CHECK(value_of(R"({"nbf":true})", "nbf") == "boolean true");
  CHECK(value_of(R"({"iat":[1]})", "iat") == "array ");
}

TEST_CASE("of two claims with one name the last counts") {
  CHECK(value_of(R"({"exp":1,"exp":2})", "exp") == "number 2");
}

TEST_CASE("a value that is too long is not told") {
  CHECK(value_of(R"({"license_id":")" + std::string(100, 'a') + "\"}", "license_id").size() == 107);
  CHECK(value_of(R"({"license_id":")" + std::string(101, 'a') + "\"}", "license_id") == "string ");
}

TEST_CASE("names of claims are safe to print") {
  const auto report = report_on(token("{\"\\u001b[2J\":1}"));
  REQUIRE(report.claims.size() == 1);
  CHECK(report.claims.front().name == "\\x1b[2J");
}

TEST_CASE("the bounds of a token") {
  CHECK(problem_of(token("{\"a\":" + repeated("[", 31) + repeated("]", 31) + "}")).empty());
  CHECK(problem_of(token("{\"a\":" + repeated("[", 32) + repeated("]", 32) + "}")) == "json");
  CHECK(problem_of(token("{\"a\":" + repeated("[", 20'000) + "}")) == "json");
  CHECK(problem_of(std::string(doctor::formats::most_token_bytes + 1, 'e')) == "parts");
  std::string many = "{";
  for (int i = 0; i < 500; ++i) many += "\"a" + std::to_string(i) + "\":1,";
  const auto report = report_on(token(many + "\"exp\":7}"));
  CHECK(report.claims.size() == doctor::formats::most_claims);
  REQUIRE(claim(report, "exp") != nullptr);
  CHECK(claim(report, "exp")->value == "7");
}
