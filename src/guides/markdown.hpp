#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guides/problem.hpp"

namespace doctor::guides {

/// A block at the top level of a Markdown document.
struct Block {
  enum class Kind { heading, code, html, text };

  Kind kind = Kind::text;
  int line = 0;         ///< 1-based
  int level = 0;        ///< of a heading
  std::string heading;  ///< plain text of a heading
  std::string info;     ///< of a fenced code block; "" for an indented one
  std::string code;     ///< content of a code block, without the last line break
  std::string source;   ///< the Markdown of the block as written, line breaks as \n
};

/// The top-level blocks in order. Adds a problem and returns nothing when the text is too large, not text, or nested
/// too deeply. No recursion by depth.
std::vector<Block> read_blocks(std::string_view text, const std::string& file, Problems& problems);

}  // namespace doctor::guides
