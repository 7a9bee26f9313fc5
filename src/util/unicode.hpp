#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace doctor::util {

struct CodePoint {
  char32_t point = 0;
  std::size_t length = 0;  ///< bytes; 0: the text does not begin with valid UTF-8
};

/// The first code point of `text`, which must not be empty (RFC 3629: no overlong form, no surrogate).
CodePoint decode(std::string_view text);

/// Characters that change what is shown without being seen: C0, C1, bidi controls, zero-width, line separators, tags,
/// and what is no character at all.
bool is_invisible(char32_t point);

/// A JSON document that means the same, with every invisible character in it as \uXXXX, so that it can be shown on a
/// terminal. Line breaks and blanks between the values stay.
std::string json_shown(std::string_view document);

}  // namespace doctor::util
