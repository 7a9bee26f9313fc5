#include "docs/pages.hpp"

#include <cmark.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "lab/files.hpp"
#include "support/places.hpp"

namespace doctor::test {
namespace {

struct FreeNode {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
};
struct FreeIterator {
  void operator()(cmark_iter* iterator) const { cmark_iter_free(iterator); }
};

std::string or_nothing(const char* text) {
  return text == nullptr ? std::string{} : std::string{text};
}

}  // namespace

Page read_page(const std::string& name, const std::string& markdown) {
  Page page{name, {}, {}};
  const std::unique_ptr<cmark_node, FreeNode> document{
      cmark_parse_document(markdown.data(), markdown.size(), CMARK_OPT_DEFAULT)};
  const std::unique_ptr<cmark_iter, FreeIterator> all{cmark_iter_new(document.get())};
  while (cmark_iter_next(all.get()) != CMARK_EVENT_DONE) {
    auto* node = cmark_iter_get_node(all.get());
    const auto type = cmark_node_get_type(node);
    if (type == CMARK_NODE_CODE_BLOCK)
      page.blocks.push_back({or_nothing(cmark_node_get_fence_info(node)), or_nothing(cmark_node_get_literal(node)),
                             cmark_node_get_start_line(node)});
    if (type == CMARK_NODE_CODE)
      page.spans.push_back({or_nothing(cmark_node_get_literal(node)), cmark_node_get_start_line(node)});
  }
  return page;
}

std::vector<Page> pages_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{source_path(folder)})
    if (entry.path().extension() == ".md") names.push_back(folder + "/" + entry.path().filename().string());
  std::sort(names.begin(), names.end());
  std::vector<Page> found;
  for (const auto& name : names) found.push_back(read_page(name, lab::read_file(source_path(name))));
  return found;
}

std::vector<Page> pages() {
  std::vector<Page> all{read_page("README.md", lab::read_file(source_path("README.md")))};
  for (const auto* folder : {"docs", "docs/man"})
    for (auto& page : pages_in(folder)) all.push_back(std::move(page));
  return all;
}

}  // namespace doctor::test
