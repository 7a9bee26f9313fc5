#include "bundle/marker_count.hpp"

#include "support/catch.hpp"

namespace doctor::bundle {

TEST_CASE("markers of a document are counted by name", "[writer]") {
  CHECK(markers_in("").empty());
  CHECK(markers_in("no [marker] here, [redacted: either").empty());
  CHECK(markers_in("[redacted:A]") == redact::Counts{{"A", 1}});
  CHECK(markers_in("x [redacted:A][redacted:B_2] [redacted:A:2] y [redacted:A]\n") ==
        redact::Counts{{"A", 2}, {"A:2", 1}, {"B_2", 1}});
  CHECK(markers_in("[[[redacted:A]]") == redact::Counts{{"A", 1}});
  CHECK(markers_in("[redacted:" + std::string(200, 'a') + "] [redacted:A").empty());
}

}  // namespace doctor::bundle
