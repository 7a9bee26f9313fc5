#include "guides/markdown.hpp"

#include <cmark.h>

#include <algorithm>
#include <memory>

#include "guides/page.hpp"
#include "util/text.hpp"

namespace doctor::guides {
namespace {

struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
struct FreeIterator {
  void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
};
using Document = std::unique_ptr<cmark_node, FreeNode>;
using Iterator = std::unique_ptr<cmark_iter, FreeIterator>;

/// All line ends as \n (CommonMark, section 2.1), no byte order mark.
std::string normalised(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r')
      out += text[i];
    else if (i + 1 == text.size() || text[i + 1] != '\n')
      out += '\n';
  }
  return out;
}

/// The line on which a run of lines without an empty one begins that is too long, or 0. The inlines of one paragraph
/// are the one place where CommonMark parsers are not linear.
int overlong_paragraph(const std::vector<std::string>& lines) {
  std::size_t run = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (run == 0) first = i;
    run = lines[i].empty() ? 0 : run + lines[i].size() + 1;
    if (run > most_paragraph_bytes) return static_cast<int>(first) + 1;
  }
  return 0;
}

/// The line of the first node that is nested too deeply, or 0.
int too_deep(cmark_node* document) {
  const Iterator iterator{cmark_iter_new(document)};
  int depth = 0;
  for (auto event = cmark_iter_next(iterator.get()); event != CMARK_EVENT_DONE;
       event = cmark_iter_next(iterator.get())) {
    auto* node = cmark_iter_get_node(iterator.get());
    if (cmark_node_first_child(node) == nullptr) continue;
    depth += event == CMARK_EVENT_ENTER ? 1 : -1;
    if (depth > most_page_depth) return std::max(1, cmark_node_get_start_line(node));
  }
  return 0;
}

std::string plain_text(cmark_node* heading) {
  const Iterator iterator{cmark_iter_new(heading)};
  std::string out;
  for (auto event = cmark_iter_next(iterator.get()); event != CMARK_EVENT_DONE;
       event = cmark_iter_next(iterator.get())) {
    const char* literal = cmark_node_get_literal(cmark_iter_get_node(iterator.get()));
    if (event == CMARK_EVENT_ENTER && literal != nullptr) out += literal;
  }
  return util::trim(out);
}

std::string without_last_break(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// Lines `first` to `last` (1-based, inclusive), blank ones at the end left out.
std::string lines_of(const std::vector<std::string>& lines, int first, int last) {
  std::string out;
  for (int i = first; i <= last && static_cast<std::size_t>(i) <= lines.size(); ++i) {
    if (i > first) out += '\n';
    out += lines[static_cast<std::size_t>(i) - 1];
  }
  const auto end = out.find_last_not_of(" \t\n");
  return out.substr(0, end == std::string::npos ? 0 : end + 1);
}

Block block_of(cmark_node* node, const std::vector<std::string>& lines) {
  auto* next = cmark_node_next(node);
  Block block;
  block.line = cmark_node_get_start_line(node);
  const int last = next != nullptr ? cmark_node_get_start_line(next) - 1 : static_cast<int>(lines.size());
  block.source = lines_of(lines, block.line, last);
  switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HEADING:
      block.kind = Block::Kind::heading;
      block.level = cmark_node_get_heading_level(node);
      block.heading = plain_text(node);
      break;
    case CMARK_NODE_CODE_BLOCK:
      block.kind = Block::Kind::code;
      block.info = util::trim(cmark_node_get_fence_info(node));
      block.code = without_last_break(cmark_node_get_literal(node));
      break;
    case CMARK_NODE_HTML_BLOCK:
      block.kind = Block::Kind::html;
      break;
    default:
      break;
  }
  return block;
}

}  // namespace

std::vector<Block> read_blocks(std::string_view input, const std::string& file, Problems& problems) {
  if (!is_readable(input, most_page_bytes, file, problems)) return {};
  const auto text = normalised(input);
  const auto lines = util::split(text, '\n');
  if (const int line = overlong_paragraph(lines); line > 0) {
    problems.push_back({file, line, 0, "more than " + util::bytes(most_paragraph_bytes) + " without an empty line"});
    return {};
  }
  const Document document{cmark_parse_document(text.data(), text.size(), CMARK_OPT_DEFAULT)};
  if (const int line = too_deep(document.get()); line > 0) {
    problems.push_back({file, line, 0, "nested deeper than " + std::to_string(most_page_depth) + " levels"});
    return {};
  }
  std::vector<Block> blocks;
  for (auto* node = cmark_node_first_child(document.get()); node != nullptr; node = cmark_node_next(node))
    blocks.push_back(block_of(node, lines));
  return blocks;
}

}  // namespace doctor::guides
