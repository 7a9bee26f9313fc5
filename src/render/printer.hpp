#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/hyperlinks.hpp"
#include "render/render.hpp"

namespace doctor::render {

constexpr std::string_view label_indent = "  ";
constexpr std::string_view body_indent = "            ";  // ten columns for a label, two before it
constexpr std::string_view command_indent = "              ";

enum class Tone { plain, strong, faint, red, yellow, green, blue, cyan };

Tone tone_of(const std::string& severity);

Tone tone_of_risk(const std::string& risk);

/// The glyph of a severity: x, ! or i.
std::string mark_of(const std::string& severity, bool utf8);

/// Writes lines for a terminal of the style's width, colours and character set. What it is given may come from outside:
/// `ascii` spells out what is invisible.
class Printer {
 public:
  Printer(const Style& style, std::ostream& out, Hyperlinks links = {})
      : style_{style}, out_{out}, links_{std::move(links)} {}

  std::string toned(std::string_view text, Tone tone) const;

  /// Writes it as it is, but for links.
  void line(std::string_view text = {}) const;

  std::size_t width() const { return static_cast<std::size_t>(style_.width); }

  /// A guide's prose, wrapped within the width, its code in colour.
  std::string prose_of(std::string_view markdown, std::string_view indent) const;

  /// "  Label     text", wrapped under itself. Nothing when there is no text.
  void labelled(std::string_view label, std::string_view markdown) const;

  std::string label_of(std::string_view label) const;

  /// "Label         one" with each item on lines of its own, all in one column.
  void listed(std::string_view label, const std::vector<std::string>& items) const;

  /// Safe to print: what is invisible is spelt out; without UTF-8 every other character becomes its closest ASCII, or
  /// "?". Line breaks stay.
  std::string ascii(std::string_view text) const;

  const Style& style() const { return style_; }

 private:
  const Style& style_;
  std::ostream& out_;
  Hyperlinks links_;
};

}  // namespace doctor::render
