#include "util/unicode.hpp"

#include <array>
#include <cstdio>

namespace doctor::util {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// One UTF-16 code unit as JSON writes it (RFC 8259, section 7).
std::string unit(unsigned value) {
  std::array<char, 8> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), "\\u%04x", value);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

std::string json_escaped(char32_t point) {
  if (point < 0x10000) return unit(point);
  const auto rest = static_cast<unsigned>(point) - 0x10000U;
  return unit(0xD800U + (rest >> 10U)) + unit(0xDC00U + (rest & 0x3FFU));
}

}  // namespace

CodePoint decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
  auto point = static_cast<char32_t>(first & (0xFFU >> (length + 1)));
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return {};
    point = (point << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (point < smallest.at(length) || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return {};
  return {point, length};
}

bool is_invisible(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xAD || point == 0x61C ||
         (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF || (point >= 0xFFF9 && point <= 0xFFFB) ||
         (point >= 0xE0000 && point <= 0xE0FFF) || (point >= 0xFDD0 && point <= 0xFDEF) || (point & 0xFFFEU) == 0xFFFEU;
}

std::string json_shown(std::string_view document) {
  std::string out;
  out.reserve(document.size());
  while (!document.empty()) {
    const auto [point, length] = decode(document);
    const bool blank = point == '\n' || point == '\t' || point == '\r';
    if (length == 0)
      out += json_escaped(0xFFFD);
    else if (is_invisible(point) && !blank)
      out += json_escaped(point);
    else
      out += document.substr(0, length);
    document.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace doctor::util
