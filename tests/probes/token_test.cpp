#include "probes/token.hpp"

#include "support/catch.hpp"
#include "support/token.hpp"

using namespace doctor;

namespace {

Outcome<TokenAnswer> ask(const std::optional<std::string>& value, std::vector<std::string> claims = {}) {
  probes::TokenProbe probe{[&](const std::string& subject) -> std::optional<Value> {
    if (subject != "setting:app/TOKEN" || !value) return std::nullopt;
    return Value::secret(*value);
  }};
  return probe.ask({"setting:app/TOKEN", std::move(claims)}, Deadline::after(std::chrono::seconds{1}));
}

}  // namespace

TEST_CASE("the token probe says what stands in a token, and only that") {
  const auto answer = ask(test::token(R"({"role":"anon","ref":"hidden-ref","exp":1900000000})"), {"role"});
  REQUIRE(answer);
  CHECK(answer->parts == 3);
  CHECK(answer->problem.empty());
  CHECK(answer->algorithm == "HS256");
  REQUIRE(answer->claims.size() == 3);
  for (const auto& claim : answer->claims) {
    if (claim.name == "role") CHECK(claim.value == "anon");
    if (claim.name == "ref") CHECK(claim.value.empty());
    if (claim.name == "exp") CHECK(claim.value == "1900000000");
  }
}

TEST_CASE("the token probe has a phrase for what is wrong, without a part of the token") {
  const auto answer = ask("\"" + test::token(R"({"role":"anon"})") + "\"");
  REQUIRE(answer);
  CHECK(answer->problem == "quotes");
  CHECK(answer->reason.find("eyJ") == std::string::npos);
}

TEST_CASE("a setting without a value has no token") {
  for (const std::optional<std::string>& value :
       {std::optional<std::string>{}, std::optional<std::string>{""}, std::optional<std::string>{" \n"}}) {
    const auto answer = ask(value);
    REQUIRE(!answer);
    CHECK(answer.error().kind == FailureKind::not_found);
    CHECK(answer.error().code == "unset");
  }
}
