#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include <re2/re2.h>

namespace doctor::redact {

/// What a match must look like beyond its expression.
enum class Guard {
  any,
  digit,    ///< a group without any digit is a word of prose
  mixed,    ///< a group without a digit or without a letter is a word or a number
  basic,    ///< base64 of user:password
  cookie,   ///< a cookie's value, not an attribute such as SameSite=Lax
  key_file  ///< base64 of a private key in PEM
};

/// An expression whose first group is the secret, and texts (in upper or lower case) without one of which it cannot
/// match.
struct TokenPattern {
  TokenPattern(std::vector<std::string_view> anchors, const char* expression, std::string_view name, Guard guard);

  std::vector<std::string_view> anchors;
  RE2 expression;
  std::string_view name;
  Guard guard;
};

/// Tokens with a telling prefix, headers, cookies, hashes of passwords.
const std::deque<TokenPattern>& token_patterns();

/// Whether what the first group matched is what the guard says.
bool passes(Guard guard, std::string_view group);

}  // namespace doctor::redact
