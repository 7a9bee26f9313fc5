#include "render/wrap.hpp"

#include <algorithm>
#include <array>

namespace doctor::render {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

/// Combining marks, zero-width characters, variation selectors (Unicode general categories Mn, Me, Cf; the common
/// blocks).
constexpr std::array<Range, 14> no_columns{{{0x300, 0x36F},
                                            {0x483, 0x489},
                                            {0x591, 0x5BD},
                                            {0x610, 0x61A},
                                            {0x64B, 0x65F},
                                            {0xE31, 0xE31},
                                            {0xE34, 0xE3A},
                                            {0x1AB0, 0x1AFF},
                                            {0x1DC0, 0x1DFF},
                                            {0x200B, 0x200F},
                                            {0x2060, 0x2064},
                                            {0x20D0, 0x20FF},
                                            {0xFE00, 0xFE0F},
                                            {0xFE20, 0xFE2F}}};

/// East Asian Width W and F (Unicode Standard Annex 11), in blocks.
constexpr std::array<Range, 14> two_columns{{{0x1100, 0x115F},
                                             {0x2E80, 0x303E},
                                             {0x3041, 0x33FF},
                                             {0x3400, 0x4DBF},
                                             {0x4E00, 0x9FFF},
                                             {0xA000, 0xA4CF},
                                             {0xAC00, 0xD7A3},
                                             {0xF900, 0xFAFF},
                                             {0xFE30, 0xFE6F},
                                             {0xFF00, 0xFF60},
                                             {0xFFE0, 0xFFE6},
                                             {0x1F300, 0x1F64F},
                                             {0x1F900, 0x1F9FF},
                                             {0x20000, 0x3FFFD}}};

template <std::size_t Size>
bool contains(const std::array<Range, Size>& ranges, char32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [point](const Range& range) { return point >= range.first && point <= range.last; });
}

std::size_t columns(char32_t point) {
  if (point < 0x300) return 1;
  if (contains(no_columns, point)) return 0;
  return contains(two_columns, point) ? 2 : 1;
}

/// Bytes of the code point that `first` begins; 1 for a byte that begins none.
std::size_t length_of(unsigned char first) {
  if (first < 0xC2 || first > 0xF4) return 1;
  return first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
}

/// Takes one code point off the front; an invalid byte is taken alone, as U+FFFD.
char32_t take_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = length_of(first);
  if (first < 0x80 || length == 1 || text.size() < length) {
    text.remove_prefix(1);
    return first < 0x80 ? first : 0xFFFD;
  }
  auto point = static_cast<char32_t>(first & (0xFFU >> (length + 1)));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) {
      text.remove_prefix(1);
      return 0xFFFD;
    }
    point = (point << 6U) | (next & 0x3FU);
  }
  text.remove_prefix(length);
  return point;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Removes the blanks at the front; true when an empty line is among them.
bool skip_blanks(std::string_view& text) {
  int breaks = 0;
  while (!text.empty() && is_blank(text.front())) {
    if (text.front() == '\n') ++breaks;
    text.remove_prefix(1);
  }
  return breaks > 1;
}

std::string_view take_word(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && !is_blank(text[length])) ++length;
  const auto word = text.substr(0, length);
  text.remove_prefix(length);
  return word;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) width += columns(take_point(text));
  return width;
}

std::string wrap(std::string_view text, std::size_t width, std::string_view first_indent, std::string_view indent) {
  skip_blanks(text);
  if (text.empty()) return {};
  std::string out{first_indent};
  std::size_t used = display_width(first_indent);
  bool line_is_empty = true;
  bool paragraph_ends = false;
  while (!text.empty()) {
    const auto word = take_word(text);
    const auto needed = display_width(word);
    if (paragraph_ends || (!line_is_empty && used + 1 + needed > width)) {
      out.append(paragraph_ends ? "\n\n" : "\n").append(indent);
      used = display_width(indent);
      line_is_empty = true;
    }
    if (!line_is_empty) out += ' ';
    out += word;
    used += needed + (line_is_empty ? 0 : 1);
    line_is_empty = false;
    paragraph_ends = skip_blanks(text);
  }
  return out;
}

}  // namespace doctor::render
