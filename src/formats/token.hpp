#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace doctor::formats {

inline constexpr std::size_t most_token_bytes = 64 * 1024;
inline constexpr int most_token_depth = 32;
inline constexpr std::size_t most_claims = 100;
inline constexpr std::size_t most_claim_bytes = 100;

/// A claim of a token's payload. Of two with one name the last counts, as in most readers of JSON.
struct Claim {
  std::string name;   ///< safe to print, cut at 60 characters
  std::string kind;   ///< "string", "number", "boolean", "object", "array", "null"
  std::string value;  ///< only of exp, nbf, iat and of the names that were asked for; see read_token
};

/// What can be said of a text that should be a JSON Web Token (RFC 7519) in the compact form of RFC 7515. No part of
/// the text itself is in it but the claims' names, the values that were asked for, and the name of the algorithm.
struct TokenReport {
  int parts = 0;          ///< that dots separate; 0: the text does not even begin like a token
  std::string problem;    ///< "parts", "blanks", "quotes", "encoding", "json"; empty: it can be read
  std::string reason;     ///< the problem in words
  std::string algorithm;  ///< of the header, "HS256"; safe to print
  std::vector<Claim> claims;
};

/// Takes a token apart; its signature is measured (RFC 7518 says how long each is) and not verified. A value is text of
/// at most 100 bytes, "true" or "false", or a whole number: a NumericDate with a fraction is rounded down, one beyond
/// 64 bits is as large as they allow. Objects, arrays and longer texts have none. At most 64 KB, 32 levels and 100
/// claims. Never throws on bad input; linear in its input.
TokenReport read_token(std::string_view text, const std::vector<std::string>& wanted);

}  // namespace doctor::formats
