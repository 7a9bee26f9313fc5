#include "redact/rules.hpp"

#include <ctime>
#include <stdexcept>

#include "redact/redactor.hpp"
#include "support/catch.hpp"

using doctor::redact::Counts;
using doctor::redact::problem_of;
using doctor::redact::Redactor;

TEST_CASE("the user's rules replace what they match, or its first group") {
  const Redactor redactor{{}, {}, {{"CUST-[0-9]{6}", "customer"}, {"ticket (\\w+)", "ticket"}}};
  Counts counts;
  CHECK(redactor.redact("of CUST-123456 and CUST-654321, ticket abc1 open", counts) ==
        "of [redacted:customer] and [redacted:customer], ticket [redacted:ticket] open");
  CHECK(counts == Counts{{"customer", 2}, {"ticket", 1}});
  CHECK(redactor.redact("CUST-12345 tickets") == "CUST-12345 tickets");
}

TEST_CASE("a rule looks at one line at a time, also at the end of a very long one") {
  const Redactor redactor{{}, {}, {{"a.*z", "az"}}};
  CHECK(redactor.redact("a\nz") == "a\nz");
  CHECK(redactor.redact(std::string(200'000, '.') + "abcz") == std::string(200'000, '.') + "[redacted:az]");
}

TEST_CASE("rules that cannot be used say why") {
  CHECK(problem_of({"[0-9]+", "number"}).empty());
  for (const auto& rule : std::vector<doctor::redact::Rule>{{"(", "open"},
                                                            {"", "empty"},
                                                            {"x*", "everything"},
                                                            {"x", ""},
                                                            {"x", "two words"},
                                                            {"x", "a:b"},
                                                            {"(?=x)", "ahead"},
                                                            {std::string(2000, 'x'), "long"}}) {
    CAPTURE(rule.expression, rule.name);
    CHECK_FALSE(problem_of(rule).empty());
    CHECK_THROWS_AS(Redactor({}, {}, {rule}), std::logic_error);
  }
}

TEST_CASE("a rule that is written to be slow is not") {
  const Redactor redactor{{}, {}, {{"(a+)+$", "evil"}, {"(x|xx)*y", "evil"}}};
  const std::clock_t begun = std::clock();
  redactor.redact(std::string(300'000, 'a') + "!");
  redactor.redact(std::string(300'000, 'x'));
  CHECK((std::clock() - begun) / CLOCKS_PER_SEC < 20);
}
