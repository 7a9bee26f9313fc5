#include "util/words.hpp"

#include "support/catch.hpp"

using Words = std::vector<std::string>;
using doctor::util::words;

TEST_CASE("a command line is split at blanks, but not within quotes") {
  CHECK(words("") == Words{});
  CHECK(words("  \t ") == Words{});
  CHECK(words("less") == Words{"less"});
  CHECK(words(" less  -R\t-X ") == Words{"less", "-R", "-X"});
  CHECK(words("a 'b c' \"d 'e'\" f'g 'h") == Words{"a", "b c", "d 'e'", "fg h"});
  CHECK(words("a ''") == Words{"a", ""});
}

TEST_CASE("nothing in a command line is expanded") {
  CHECK(words("$HOME `x` a\\ b *;|&") == Words{"$HOME", "`x`", "a\\", "b", "*;|&"});
}

TEST_CASE("a quote without an end is no command line") {
  CHECK_FALSE(words("a 'b"));
  CHECK_FALSE(words("a \"b'"));
}
