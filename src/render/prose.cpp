#include "render/prose.hpp"

#include "render/blocks.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

std::string without_marks(std::string_view text) {
  std::string out;
  for (const auto& span : spans(text)) out += span.text;
  return out;
}

std::string code_lines(const std::string& text, const std::string& indent) {
  std::string out;
  for (const auto& line : util::split(text, '\n')) {
    if (!out.empty()) out += '\n';
    out += indent + "    " + line;
  }
  return out;
}

}  // namespace

std::string prose(std::string_view markdown, std::size_t width, std::string_view first_indent,
                  std::string_view indent) {
  std::string out;
  for (const auto& block : blocks(markdown)) {
    const std::string lead{out.empty() ? first_indent : indent};
    if (!out.empty()) out += block.after_blank && block.kind != Block::Kind::code ? "\n\n" : "\n";
    if (block.kind == Block::Kind::code)
      out += code_lines(block.text, std::string{indent});
    else
      out += wrap(without_marks(block.text), width, lead + block.marker,
                  std::string{indent} + std::string(block.marker.size(), ' '));
  }
  return out;
}

}  // namespace doctor::render
