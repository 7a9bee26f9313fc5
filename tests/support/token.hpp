#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// JSON Web Tokens for tests. Depends on std only.
namespace doctor::test {

/// RFC 4648, section 5, without padding.
inline std::string base64url(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  unsigned filled = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    for (filled += 8; filled >= 6;) {
      filled -= 6;
      text += alphabet[(bits >> filled) & 63U];
    }
  }
  if (filled > 0) text += alphabet[(bits << (6U - filled)) & 63U];
  return text;
}

/// A token with this payload, and a signature of the right length that nobody has made.
inline std::string token(std::string_view payload, std::string_view header = R"({"alg":"HS256","typ":"JWT"})",
                         std::size_t signature = 32) {
  return base64url(header) + "." + base64url(payload) + "." + base64url(std::string(signature, '\x5a'));
}

}  // namespace doctor::test
