#include "render/printer.hpp"

#include <algorithm>
#include <array>
#include <ostream>

#include "render/prose.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {

namespace {

/// What stands for the character that `text` begins with.
std::string_view nearest_ascii(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 16> known{{{"\u2192", "->"},
                                                                                 {"\u2190", "<-"},
                                                                                 {"\u2026", "..."},
                                                                                 {"\u2013", "-"},
                                                                                 {"\u2014", "-"},
                                                                                 {"\u2018", "'"},
                                                                                 {"\u2019", "'"},
                                                                                 {"\u201c", "\""},
                                                                                 {"\u201d", "\""},
                                                                                 {"\u2022", "*"},
                                                                                 {"\u2264", "<="},
                                                                                 {"\u2265", ">="},
                                                                                 {"\u00d7", "x"},
                                                                                 {"\u00b7", "."},
                                                                                 {"\u00a0", " "},
                                                                                 {"\u2580", "#"}}};
  for (const auto& [character, ascii] : known)
    if (text.starts_with(character)) return ascii;
  return "?";
}

}  // namespace

Tone tone_of(const std::string& severity) {
  return severity == "error" ? Tone::red : severity == "warning" ? Tone::yellow : Tone::blue;
}

Tone tone_of_risk(const std::string& risk) {
  return risk == "data-loss" ? Tone::red : risk == "disruptive" ? Tone::yellow : Tone::plain;
}

std::string mark_of(const std::string& severity, bool utf8) {
  if (severity == "error") return utf8 ? "\u2717" : "x";
  return severity == "warning" ? "!" : "i";
}

std::string Printer::toned(std::string_view text, Tone tone) const {
  if (!style_.colour || tone == Tone::plain) return std::string{text};
  constexpr std::array<std::string_view, 8> codes{"0", "1", "2", "31;1", "33;1", "32", "34", "36"};
  return "\x1b[" + std::string{codes.at(static_cast<std::size_t>(tone))} + "m" + std::string{text} + "\x1b[0m";
}

std::string Printer::prose_of(std::string_view markdown, std::string_view indent) const {
  if (!style_.colour) return prose(ascii(markdown), width(), indent, indent);
  // Of no width, and not to be found in what `ascii` gives.
  constexpr CodeMarks marks{"\u2061", "\u2062"};
  auto text = prose(ascii(markdown), width(), indent, indent, marks);
  for (const auto& [mark, tone] : {std::pair{marks.open, "\x1b[36m"}, std::pair{marks.close, "\x1b[0m"}})
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at))
      text.replace(at, mark.size(), tone);
  return text;
}

void Printer::line(std::string_view text) const {
  out_ << links_.linked(text) << '\n';
}

void Printer::labelled(std::string_view label, std::string_view markdown) const {
  const auto text = prose_of(markdown, body_indent);
  if (text.empty()) return;
  out_ << label_of(label) << text.substr(body_indent.size()) << '\n';
}

std::string Printer::label_of(std::string_view label) const {
  std::string padded{label_indent};
  padded += label;
  padded.resize(std::max(padded.size() + 1, body_indent.size()), ' ');
  return toned(padded, Tone::strong);
}

void Printer::listed(std::string_view label, const std::vector<std::string>& items) const {
  if (items.empty()) return;
  constexpr std::size_t column = 14;
  std::string padded{label};
  padded.resize(std::max(padded.size() + 1, column), ' ');
  const std::string indent(column, ' ');
  bool first = true;
  for (const auto& item : items) {
    const auto text = wrap(ascii(item), width(), indent, indent + "  ");
    line(first ? toned(padded, Tone::strong) + text.substr(std::min(indent.size(), text.size())) : text);
    first = false;
  }
}

std::string Printer::ascii(std::string_view raw) const {
  auto text = util::shown_lines(raw);
  if (style_.utf8) return text;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80)
      out += text[i];
    else if ((byte & 0xC0U) == 0xC0U)
      out += nearest_ascii(std::string_view{text}.substr(i));
  }
  return out;
}

}  // namespace doctor::render
