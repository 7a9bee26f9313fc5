#include "formats/go_duration.hpp"

#include "support/catch.hpp"

namespace doctor::test {

using formats::go_duration;
using std::chrono::milliseconds;

TEST_CASE("durations are those of Go", "[go_duration]") {
  CHECK(go_duration("30s", 0) == milliseconds{30'000});
  CHECK(go_duration("1m30s", 0) == milliseconds{90'000});
  CHECK(go_duration("1.5h", 0) == milliseconds{5'400'000});
  CHECK(go_duration("250ms", 0) == milliseconds{250});
  CHECK(go_duration("2d", 0) == milliseconds{172'800'000});
  CHECK(go_duration("0", 0) == milliseconds{0});
  CHECK(go_duration("180", 1000) == milliseconds{180'000});
}

TEST_CASE("what is no duration is none", "[go_duration]") {
  for (const auto* text : {"", "s", "30", "30x", "-5s", "1.2.3s", ".", "9999999999999999s", "999999999999d", "1m 30s"})
    CHECK_FALSE(go_duration(text, 0));
}

}  // namespace doctor::test
