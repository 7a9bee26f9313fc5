#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace doctor::formats {

/// Why a JSON text or a pointer into it gives no value.
struct JsonError {
  std::string reason;    ///< "not JSON", "deeper than 64 levels", "larger than 16 MB", "no such value", "bad pointer"
  std::size_t line = 0;  ///< 1-based, of the text; 0: not about a place in it
  std::size_t column = 0;
  bool absent = false;  ///< the text is JSON, only the pointer leads nowhere
};

/// The value at an RFC 6901 pointer as compact JSON text (object members sorted by name). At most 16 MB and 64 levels;
/// a byte order mark is skipped, NUL and invalid UTF-8 are errors. Never throws on bad input.
tl::expected<std::string, JsonError> json_at(std::string_view text, const std::string& pointer);

/// A JSON text (such as an expected value) in the same compact form, so that the two compare as text.
tl::expected<std::string, JsonError> compact_json(std::string_view text);

}  // namespace doctor::formats
