#include "render/prose.hpp"

#include "render/blocks.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

std::string marked(std::string_view text, const CodeMarks& marks) {
  std::string out;
  for (const auto& span : spans(text)) {
    if (span.kind == Span::Kind::code)
      out.append(marks.open).append("`").append(span.text).append("`").append(marks.close);
    else
      out += span.text;
  }
  return out;
}

/// A line that fits keeps its blanks. What does not fit is a line of a log, not a command to paste.
std::string code_lines(const std::string& text, std::size_t width, const std::string& indent) {
  const auto lead = indent + "  ";
  std::string out;
  for (const auto& line : util::split(text, '\n')) {
    if (!out.empty()) out += '\n';
    out += lead.size() + display_width(line) <= width ? lead + line : wrap(line, width, lead, lead + "  ");
  }
  return out;
}

}  // namespace

std::string prose(std::string_view markdown, std::size_t width, std::string_view first_indent, std::string_view indent,
                  const CodeMarks& marks) {
  std::string out;
  for (const auto& block : blocks(markdown)) {
    const std::string lead{out.empty() ? first_indent : indent};
    if (!out.empty()) out += block.after_blank && block.kind != Block::Kind::code ? "\n\n" : "\n";
    if (block.kind == Block::Kind::code)
      out += code_lines(block.text, width, std::string{indent});
    else
      out += wrap(marked(block.text, marks), width, lead + block.marker,
                  std::string{indent} + std::string(block.marker.size(), ' '));
  }
  return out;
}

}  // namespace doctor::render
