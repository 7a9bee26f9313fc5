#include "render/blocks.hpp"

#include <utility>

#include "util/text.hpp"

namespace doctor::render {
namespace {

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

/// Collects characters into spans.
class Spans {
 public:
  void add(std::string_view text) { current_.text += text; }

  void change(Span::Kind kind) {
    if (!current_.text.empty()) spans_.push_back(std::exchange(current_, {}));
    current_.kind = kind;
  }

  Span::Kind kind() const { return current_.kind; }

  std::vector<Span> take() {
    change(Span::Kind::text);
    return std::move(spans_);
  }

 private:
  std::vector<Span> spans_;
  Span current_;
};

}  // namespace

std::vector<Block> blocks(std::string_view markdown) {
  Blocks blocks;
  for (const auto& line : util::split(markdown, '\n')) blocks.add(line);
  return blocks.take();
}

std::vector<Span> spans(std::string_view text) {
  using Kind = Span::Kind;
  const auto last_link = text.rfind("](");
  Spans spans;
  auto outside = Kind::text;  // of the code that is open
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool code = spans.kind() == Kind::code;
    if (text[i] == '`') {
      if (!code) outside = spans.kind();
      spans.change(code ? outside : Kind::code);
    } else if (!code && text.substr(i, 2) == "**") {
      spans.change(spans.kind() == Kind::strong ? Kind::text : Kind::strong);
      ++i;
    } else if (!code && text.substr(i, 2) == "](") {
      spans.add(" (");
      ++i;
    } else if (code || text[i] != '[' || last_link == std::string_view::npos || last_link < i) {
      spans.add(text.substr(i, 1));
    }
  }
  return spans.take();
}

}  // namespace doctor::render
