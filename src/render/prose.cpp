#include "render/prose.hpp"

#include <vector>

#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

/// What is printed as one: a paragraph, an item of a list, or the lines of a fenced block.
struct Block {
  enum class Kind { paragraph, item, code } kind = Kind::paragraph;
  std::string marker;  ///< of an item: "- ", "2. "
  std::string text;
  bool after_blank = false;
};

std::string list_marker(std::string_view line) {
  if (line.starts_with("- ") || line.starts_with("* ")) return "- ";
  const auto digits = line.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || digits > 2) return {};
  return line.substr(digits).starts_with(". ") ? std::string{line.substr(0, digits + 2)} : std::string{};
}

/// Collects lines into blocks.
class Blocks {
 public:
  void add(std::string_view line) {
    const auto text = util::trim(line);
    if (text.starts_with("```")) return fence();
    if (in_code_) return code(line);
    if (text.empty()) {
      blank_ = true;
      open_ = false;
      return;
    }
    const auto marker = list_marker(text);
    if (!marker.empty())
      begin(Block::Kind::item, marker, text.substr(marker.size()));
    else if (open_)
      blocks_.back().text += " " + text;
    else
      begin(Block::Kind::paragraph, {}, text);
  }

  std::vector<Block> take() { return std::move(blocks_); }

 private:
  void fence() {
    in_code_ = !in_code_;
    if (in_code_) begin(Block::Kind::code, {}, {});
    open_ = false;
  }

  void code(std::string_view line) {
    auto& text = blocks_.back().text;
    if (!text.empty()) text += '\n';
    text += line;
  }

  void begin(Block::Kind kind, std::string marker, std::string text) {
    blocks_.push_back({kind, std::move(marker), std::move(text), blank_ && !blocks_.empty()});
    blank_ = false;
    open_ = true;
  }

  std::vector<Block> blocks_;
  bool in_code_ = false;
  bool blank_ = false;
  bool open_ = false;
};

/// [text](address) -> text (address); marks of code and strong emphasis go.
std::string without_marks(std::string_view text) {
  std::string out;
  bool code = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') {
      code = !code;
    } else if (!code && text.substr(i, 2) == "**") {
      ++i;
    } else if (!code && text.substr(i, 2) == "](") {
      out += " (";
      ++i;
    } else if (code || text[i] != '[' || text.find("](", i) == std::string_view::npos) {
      out += text[i];
    }
  }
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
  Blocks blocks;
  for (const auto& line : util::split(markdown, '\n')) blocks.add(line);
  std::string out;
  for (const auto& block : blocks.take()) {
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
