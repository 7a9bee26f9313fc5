#include "doctor/format/text.hpp"

#include "doctor/format/line_match.hpp"
#include "support/catch.hpp"

namespace doctor::formats {
namespace {

ProbeFailure failure(FailureKind kind) {
  ProbeFailure result;
  result.kind = kind;
  result.code = "EACCES";
  result.waited = std::chrono::milliseconds{3049};
  return result;
}

TEST_CASE("figures", "[text]") {
  CHECK(percent(1, 3) == "33 %");
  CHECK(percent(1, 0) == "0 %");
  CHECK(mode(0640) == "0640");
  CHECK(mode(04755) == "4755");
  CHECK(seconds(std::chrono::milliseconds{3049}) == "3.0 s");
  CHECK(seconds(std::chrono::milliseconds{50}) == "0.1 s");
}

TEST_CASE("a whole number is the whole text", "[text]") {
  CHECK(integer("-12").value() == -12);
  CHECK_FALSE(integer("12 ").has_value());
  CHECK_FALSE(integer("").has_value());
  CHECK_FALSE(integer("1e3").has_value());
  CHECK(integer("9223372036854775808").error() == "too large");
}

TEST_CASE("why a probe has no value", "[text]") {
  CHECK(describe(failure(FailureKind::not_recorded)) == "not in the bundle");
  CHECK(describe(failure(FailureKind::timed_out)) == "no answer after 3.0 s");
  CHECK(describe(failure(FailureKind::permission_denied)).find("EACCES") != std::string::npos);
  CHECK(doctors_own(FailureKind::cancelled));
  CHECK_FALSE(doctors_own(FailureKind::refused));
}

TEST_CASE("the first line that a pattern matches", "[text]") {
  CHECK(first_matching_line("a\r\nb\r\n", "^b$").value() == 2);
  CHECK(first_matching_line("a\nb", "b$").value() == 2);
  CHECK(first_matching_line("a\n\n", "c").value() == 0);
  CHECK(first_matching_line("", "^$").value() == 0);
  CHECK_FALSE(first_matching_line("a", "(").has_value());
}

}  // namespace
}  // namespace doctor::formats
