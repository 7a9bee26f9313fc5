#include <cmark.h>

#include <memory>
#include <regex>
#include <sstream>

#include "render/markdown_text.hpp"
#include "render/render.hpp"
#include "support/catch.hpp"
#include "tests/render/hostile_report.hpp"
#include "util/text.hpp"

using doctor::diagnosis::Report;

namespace {

std::string printed(const Report& report) {
  std::ostringstream out;
  doctor::render::markdown(report, {}, out);
  return out.str();
}

struct Free {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
  void operator()(cmark_iter* iter) const { cmark_iter_free(iter); }
};

/// Calls `visit` for each node that a reader of CommonMark makes of the text.
template <class Visit>
void each_node(const std::string& markdown, Visit visit) {
  const std::unique_ptr<cmark_node, Free> document{
      cmark_parse_document(markdown.data(), markdown.size(), CMARK_OPT_DEFAULT)};
  const std::unique_ptr<cmark_iter, Free> iter{cmark_iter_new(document.get())};
  for (auto event = cmark_iter_next(iter.get()); event != CMARK_EVENT_DONE; event = cmark_iter_next(iter.get()))
    if (event == CMARK_EVENT_ENTER) visit(cmark_iter_get_node(iter.get()));
}

std::string literal(cmark_node* node) {
  const char* text = cmark_node_get_literal(node);
  return text == nullptr ? std::string{} : std::string{text};
}

/// All text that is shown outside of code.
std::string shown_text(const std::string& markdown) {
  std::string out;
  each_node(markdown, [&](cmark_node* node) {
    if (cmark_node_get_type(node) == CMARK_NODE_TEXT) out += literal(node);
    if (cmark_node_get_type(node) == CMARK_NODE_SOFTBREAK) out += "\n";
  });
  return out;
}

}  // namespace

TEST_CASE("whatever the report says, Markdown makes no link, image or HTML of it", "[markdown]") {
  const auto text = printed(hostile_report());
  const std::regex own{"<details><summary>[A-Za-z0-9 ()]+</summary>\n|</details>\n"};
  int headings = 0;
  each_node(text, [&](cmark_node* node) {
    const auto type = cmark_node_get_type(node);
    INFO(literal(node));
    CHECK(type != CMARK_NODE_LINK);
    CHECK(type != CMARK_NODE_IMAGE);
    CHECK(type != CMARK_NODE_HTML_INLINE);
    if (type == CMARK_NODE_HTML_BLOCK) CHECK(std::regex_match(literal(node), own));
    if (type == CMARK_NODE_HEADING) ++headings;
  });
  CHECK(headings == 3);  // the report's and two roots'
}

TEST_CASE("a forge finds nothing to link, to mention or to close", "[markdown]") {
  const auto text = printed(hostile_report());
  const auto outside_code = shown_text(text);
  for (const char* live : {"@everyone", "http://", "www.", "#1", "!2", "~3", "GH-5", ":smile:"}) {
    INFO(live);
    CHECK(outside_code.find(live) == std::string::npos);
  }
  std::string fence;  // that is open
  for (const auto& line : doctor::util::split(text, '\n')) {
    const auto ticks = line.substr(0, std::min(line.size(), line.find_first_not_of('`')));
    INFO(line);
    if (fence.empty()) CHECK_FALSE(line.starts_with("/"));
    if (fence.empty() && ticks.size() > 2)
      fence = ticks;
    else if (!fence.empty() && ticks == fence && line == ticks)
      fence.clear();
  }
}

TEST_CASE("commands and edits arrive as they are", "[markdown]") {
  auto report = report_fixture();
  report.problems[0].fix[0].command = "echo '```'\n\tcat <<'E'\n`x` ````\nE";
  std::vector<std::string> blocks;
  each_node(printed(report), [&](cmark_node* node) {
    if (cmark_node_get_type(node) == CMARK_NODE_CODE_BLOCK) blocks.push_back(literal(node));
  });
  CHECK(std::find(blocks.begin(), blocks.end(), report.problems[0].fix[0].command + "\n") != blocks.end());
}

TEST_CASE("an edit without effect is not offered in Markdown", "[markdown]") {
  const auto text = printed(report_fixture());
  CHECK(text.find("DATABASE_URL=postgres") == std::string::npos);
  CHECK(text.find("docker-compose.yml:14") != std::string::npos);
}

TEST_CASE("a code span holds what it was given", "[markdown]") {
  for (const char* text : {"a", "`", "a`b", "``", "`a`", " a", "a ``` b"}) {
    std::string found;
    each_node("x " + doctor::render::markdown_code(text), [&](cmark_node* node) {
      if (cmark_node_get_type(node) == CMARK_NODE_CODE) found = literal(node);
    });
    CHECK(found == text);
  }
  CHECK(doctor::render::markdown_code("").empty());
}

TEST_CASE("ordinary words stay readable", "[markdown]") {
  CHECK(doctor::render::markdown_text("DB_PASSWORD in .env at 10:12:05, 41 % of 3 files") ==
        "DB_PASSWORD in .env at 10:12:05, 41 % of 3 files");
  CHECK(doctor::render::markdown_paragraph("- no list") == "\\- no list");
  CHECK(doctor::render::markdown_paragraph("12. no list") == "12\\. no list");
  CHECK(doctor::render::markdown_paragraph("/close") == "\\/close");
}
