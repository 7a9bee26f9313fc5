#include "formats/token.hpp"

#include <algorithm>
#include <array>

#include "property.hpp"

using doctor::fuzz::require;

namespace {

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Long enough that it is no accident.
bool tells(std::string_view secret, std::string_view text) {
  constexpr std::size_t long_enough = 24;
  for (std::size_t at = 0; at + long_enough <= secret.size(); at += long_enough)
    if (text.find(secret.substr(at, long_enough)) != std::string_view::npos) return true;
  return false;
}

}  // namespace

/// The look at tokens. The seeds are signed by nobody.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto report = doctor::formats::read_token(text, {"role"});
  require(is_one_of(report.problem, {"", "parts", "blanks", "quotes", "encoding", "json"}), "the problem is known");
  require(report.problem.empty() == report.reason.empty(), "a problem has a reason");
  require(doctor::fuzz::is_printable(report.reason) && report.reason.size() < 120, "a reason is a phrase");
  require(!tells(text, report.reason), "a reason holds no part of the token");
  require(doctor::fuzz::is_printable(report.algorithm) && report.algorithm.size() < 200, "the algorithm is safe");
  require(report.claims.size() <= doctor::formats::most_claims, "claims are bounded");
  require(!report.problem.empty() || report.parts == 3, "a good token has three parts");
  for (const auto& claim : report.claims) {
    require(doctor::fuzz::is_printable(claim.name), "names are safe");
    require(is_one_of(claim.kind, {"string", "number", "boolean", "object", "array", "null"}), "the kind is known");
    require(claim.value.size() <= doctor::formats::most_claim_bytes, "values are bounded");
    require(claim.value.empty() || is_one_of(claim.name, {"exp", "nbf", "iat", "role"}), "only what was asked for");
  }
  require(text.size() <= doctor::formats::most_token_bytes || !report.problem.empty(), "more than 64 KB is refused");
  return 0;
}
