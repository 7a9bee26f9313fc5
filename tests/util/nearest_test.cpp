#include "support/catch.hpp"
#include "util/text.hpp"

namespace doctor::util {

TEST_CASE("the nearest name is within a third of the length", "[nearest]") {
  CHECK(nearest("DB_PASWORD", {"DB_HOST", "DB_PASSWORD"}) == "DB_PASSWORD");
  CHECK(nearest("chekc", {"check", "explain"}) == "check");
  CHECK(nearest("PORTS", {"HOSTNAME"}).empty());
}

TEST_CASE("nothing is near to one or two letters", "[nearest]") {
  CHECK(nearest("A", {"B"}).empty());
  CHECK(nearest("DB", {"DC"}).empty());
  CHECK(nearest("ENV", {"ENW"}) == "ENW");
}

}  // namespace doctor::util
