#include "guides/placeholder.hpp"

#include "guides/code_header.hpp"
#include "guides/problem.hpp"
#include "pages.hpp"
#include "support/catch.hpp"

using namespace doctor::guides;
using Names = std::vector<std::string>;

TEST_CASE("placeholders are names in braces, and nothing else") {
  CHECK(placeholders("{a} and {b_2}{a}") == Names{"a", "b_2", "a"});
  CHECK(placeholders("").empty());
  CHECK(placeholders("${HOME} {} { a } {A} {\"x\":1} {unclosed").empty());
  CHECK(placeholders("{{a}} {{{{.State}}}}").empty());
  CHECK(placeholders("{{{a}}}") == Names{"a"});
}

TEST_CASE("doubled braces are literal ones") {
  const auto text = [](std::string_view from) {
    std::string out;
    for (const auto& piece : pieces(from)) out += piece.is_name ? "<" + piece.text + ">" : piece.text;
    return out;
  };
  CHECK(text("{{{{.State}}}} of {container}") == "{{.State}} of <container>");
  CHECK(text("{{{a}}}") == "{<a>}");
  CHECK(text("${HOME} {\"x\": 1}") == "${HOME} {\"x\": 1}");
  CHECK(text("a{") == "a{");
}

TEST_CASE("doubtful braces are named with their line") {
  CHECK(brace_mistake("ok {a} {{b}} ${C} {\"d\": {\"e\": 1} }").message.empty());
  CHECK(brace_mistake("x\ny '{{.State}}'").line == 2);
  CHECK(brace_mistake("{{json .}}").line == 1);
  CHECK(brace_mistake("a\nb\n{\"x\":{\"y\":1}}").line == 3);
}

TEST_CASE("a code is small letters, digits and hyphens") {
  CHECK(is_code("env-required-missing"));
  CHECK(is_code("h2-x"));
  for (const auto* text : {"", "Env", "2h", "-a", "a-", "a_b", "a b", "ä"}) CHECK_FALSE(is_code(text));
}

TEST_CASE("a problem is shown with as much of its place as is known") {
  CHECK(Problem{"f", 0, 0, "m"}.text() == "f: m");
  CHECK(Problem{"f", 3, 0, "m"}.text() == "f:3: m");
  CHECK(Problem{"f", 3, 5, "m"}.text() == "f:3:5: m");
}

TEST_CASE("the header of a page has a constant for each living code") {
  Problems problems;
  auto text = doctor::test::page_with("redis-denied", doctor::test::plain_machine);
  const auto retired = doctor::test::page_with("redis-old", doctor::test::plain_machine + "retired: true\n");
  text += "\n" + retired.substr(retired.find("## "));
  const auto page = read_page(text, "docs/guides/redis.md", PageKind::check, problems);
  REQUIRE(problems.empty());
  const auto header = code_header(page);
  CHECK(header.find("inline constexpr Code redis_denied{\"redis-denied\"};") != std::string::npos);
  CHECK(header.find("#include \"doctor/finding.hpp\"") != std::string::npos);
  CHECK(header.find("namespace doctor::codes {") != std::string::npos);
  CHECK(header.find("redis_old") == std::string::npos);
}
