#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doctor::render {

/// What is shown as one: a paragraph, an item of a list, or the lines of a fenced block.
struct Block {
  enum class Kind { paragraph, item, code } kind = Kind::paragraph;
  std::string marker;  ///< of an item: "- ", "2. "
  std::string text;
  bool after_blank = false;  ///< an empty line stands before it
};

/// A piece of a paragraph or an item. A link is plain text: "[text](address)" becomes "text (address)".
struct Span {
  enum class Kind { text, code, strong } kind = Kind::text;
  std::string text;
};

/// The Markdown of a guide's prose, as far as guides use it: paragraphs, flat lists, fenced blocks.
std::vector<Block> blocks(std::string_view markdown);

/// The pieces of one line of prose. No piece is empty.
std::vector<Span> spans(std::string_view text);

}  // namespace doctor::render
