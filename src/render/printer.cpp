#include "render/printer.hpp"

#include <algorithm>
#include <array>
#include <ostream>

#include "render/prose.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {

Tone tone_of(const std::string& severity) {
  return severity == "error" ? Tone::red : severity == "warning" ? Tone::yellow : Tone::blue;
}

std::string mark_of(const std::string& severity, bool utf8) {
  if (severity == "error") return utf8 ? "\u2717" : "x";
  return severity == "warning" ? "!" : "i";
}

std::string Printer::toned(std::string_view text, Tone tone) const {
  if (!style_.colour || tone == Tone::plain) return std::string{text};
  constexpr std::array<std::string_view, 7> codes{"0", "1", "2", "31;1", "33;1", "32", "34"};
  return "\x1b[" + std::string{codes.at(static_cast<std::size_t>(tone))} + "m" + std::string{text} + "\x1b[0m";
}

void Printer::line(std::string_view text) const {
  out_ << text << '\n';
}

void Printer::labelled(std::string_view label, std::string_view markdown) const {
  const auto text = prose(ascii(markdown), width(), body_indent, body_indent);
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
      out += text.compare(i, 3, "\u2192") == 0 ? "->" : text.compare(i, 3, "\u2026") == 0 ? "..." : "?";
  }
  return out;
}

}  // namespace doctor::render
