#pragma once

#include <string>
#include <vector>

/// The pages of the documentation as CommonMark sees them.
namespace doctor::test {

/// A block of code, fenced or indented.
struct Block {
  std::string info;  ///< of the fence, "sh risk=safe"; of an indented block empty
  std::string text;
  int line = 0;  ///< of the first line of the block
};

/// Code in running text.
struct Span {
  std::string text;
  int line = 0;
};

struct Page {
  std::string name;  ///< "docs/usage.md"
  std::vector<Block> blocks;
  std::vector<Span> spans;
};

Page read_page(const std::string& name, const std::string& markdown);

/// README.md, docs/*.md and docs/man/*.md; with `folder` the pages of that folder only.
std::vector<Page> pages();
std::vector<Page> pages_in(const std::string& folder);

}  // namespace doctor::test
