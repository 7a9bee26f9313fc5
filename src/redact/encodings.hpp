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
/// shell, hexadecimal, base64 (both alphabets) at each of the three alignments, UTF-16. Without duplicates.
std::vector<Form> forms_of(std::string_view value);

/// Those in base64 alone, in both alphabets, at each of the three alignments.
std::vector<Form> base64_forms(std::string_view value);

/// In lower and upper case.
std::vector<Form> hexadecimal_forms(std::string_view value);

/// As UTF-16 has it in either order, without the byte before or behind; of characters that are not ASCII the bytes.
std::string wide(std::string_view value);

/// Of either alphabet, without "=".
inline bool is_base64_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '/' && c <= '9') || c == '+' || c == '-' || c == '_';
}

}  // namespace doctor::redact
