#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace doctor::redact {

namespace detail {
constexpr std::array<signed char, 256> hex_table() {
  std::array<signed char, 256> table{};
  for (auto& value : table) value = -1;
  for (unsigned i = 0; i < 10; ++i) table['0' + i] = static_cast<signed char>(i);
  for (unsigned i = 0; i < 6; ++i) table['a' + i] = table['A' + i] = static_cast<signed char>(i + 10);
  return table;
}
inline constexpr auto hex_values = hex_table();
}  // namespace detail

/// The value of a hexadecimal digit of either case; -1: it is none.
inline int hex_digit(char c) {
  return detail::hex_values[static_cast<unsigned char>(c)];
}

/// The number that `count` (at most 7) hexadecimal digits at `at` are; -1: they are not there.
inline int hex_number(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = hex_digit(text[at + i]);
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}

}  // namespace doctor::redact
