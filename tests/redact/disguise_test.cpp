#include "support/disguise.hpp"

#include "support/catch.hpp"

TEST_CASE("the tests' own reader sees through every disguise") {
  const std::string secret = R"(c4nary/w+th "od'd$ch&rs\too)";
  for (const auto& [name, text] : doctor::test::disguises(secret)) {
    if (name == "shell") continue;  // the quote alone: nothing is encoded
    CAPTURE(name, text);
    CHECK(doctor::test::readable_in("before\n" + text + "\nafter\n", {secret, "other-one"}) ==
          std::vector<std::string>{secret});
  }
  CHECK(doctor::test::readable_in("[redacted:NAME]", {secret}).empty());
}
