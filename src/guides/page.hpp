#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guides/entry.hpp"
#include "guides/problem.hpp"

namespace doctor::guides {

constexpr std::size_t most_page_bytes = 4U << 20U;
constexpr int most_page_depth = 32;
constexpr std::size_t most_paragraph_bytes = 64'000;  ///< lines without an empty one between them

enum class PageKind {
  check,  ///< of a check: its codes are generic, and declare their evidence
  system  ///< of a system: its codes begin with the name of the page, and may explain generic ones
};

/// A text of an entry in which placeholders may stand.
struct Passage {
  std::string text;
  int line = 0;
};

/// An entry with the places that later checks need for their messages.
struct PageEntry {
  Entry entry;
  bool retired = false;  ///< kept for `doctor explain`; no check may report it any more
  int line = 0;          ///< of its heading
  int block_line = 0;    ///< of its machine block
  std::vector<int> explains_lines;
  std::vector<int> log_lines;
  std::vector<Passage> passages;
};

struct Page {
  std::string file;
  std::string name;  ///< of the file, without folder and ".md"
  PageKind kind = PageKind::check;
  std::vector<PageEntry> entries;
};

/// Reads a page of docs/guides (CommonMark 0.30; docs/adding-a-check.md describes the form). Never throws on bad input:
/// every mistake is added to `problems`, and what could be read of the page is returned.
Page read_page(std::string_view text, const std::string& file, PageKind kind, Problems& problems);

}  // namespace doctor::guides
