#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace doctor::redact {

/// One way in which a value may be written.
struct Form {
  std::string bytes;
  /// Base64 characters before and after `bytes` that hold a few bits of the value together with bits of its
  /// neighbours.
  std::size_t lead = 0;
  std::size_t tail = 0;
};

/// The forms of a value: plain, URL-encoded (RFC 3986 and forms, both cases), JSON (once and twice), HTML, quoted for a
/// shell, hexadecimal, base64 (both alphabets) at each of the three alignments. Without duplicates.
std::vector<Form> forms_of(std::string_view value);

bool is_base64_character(char c);  ///< of either alphabet, without "="

}  // namespace doctor::redact
