#include "guides/recognise_text.hpp"

#include <algorithm>

#include "support/catch.hpp"

namespace doctor::guides {
namespace {

bool holds(const std::vector<std::string>& codes, const std::string& code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

TEST_CASE("a pasted log line leads to the entries that its signature belongs to") {
  const Library library{embedded()};
  const auto codes = recognise_text(
      library,
      "2026-03-01T10:00:00Z chatalot-server | Error: error returned from database: password authentication failed for "
      "user \"chatalot\"\n");
  REQUIRE(!codes.empty());
  CHECK(holds(codes, "chatalot-database-auth-failed"));
}

TEST_CASE("one telling line among others is enough") {
  const Library library{embedded()};
  const std::string noise = "starting\nlistening on 0.0.0.0:8080\n";
  const auto alone = recognise_text(library, "DATABASE_URL must be set");
  REQUIRE(!alone.empty());
  CHECK(holds(recognise_text(library, noise + "DATABASE_URL must be set\n" + noise), alone.front()));
}

TEST_CASE("ordinary words lead nowhere") {
  const Library library{embedded()};
  CHECK(recognise_text(library, "").empty());
  CHECK(recognise_text(library, "\n \t\n").empty());
  CHECK(recognise_text(library, "the quick brown fox jumps over the lazy dog").empty());
}

TEST_CASE("a text beyond the bound is cut, not refused") {
  const Library library{embedded()};
  const std::string filler(100UL * 1024, 'x');
  CHECK(recognise_text(library, filler + "\nDATABASE_URL must be set").empty());
  CHECK(!recognise_text(library, "DATABASE_URL must be set\n" + filler).empty());
}

}  // namespace
}  // namespace doctor::guides
