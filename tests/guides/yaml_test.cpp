#include "guides/yaml.hpp"

#include "pages.hpp"
#include "support/catch.hpp"

using namespace doctor::guides;
using doctor::test::has_problem;
using doctor::test::texts;
using Kind = yaml::Node::Kind;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("every value knows its place") {
  Problems problems;
  const auto root = yaml::read("a: 1\nb:\n  - x\n  - {c: 'y'}\nd:\n", "f.yaml", problems, 10);
  REQUIRE(problems.empty());
  REQUIRE(root.kind == Kind::mapping);
  CHECK(root.find("a")->line == 10);
  CHECK(root.find("a")->column == 4);
  CHECK_FALSE(root.find("a")->quoted);
  const auto* list = root.find("b");
  REQUIRE(list->items.size() == 2);
  CHECK(list->items[0].line == 12);
  CHECK(list->items[1].find("c")->quoted);
  CHECK(list->items[1].find("c")->text == "y");
  CHECK(root.find("d")->kind == Kind::null);
  CHECK(root.find("e") == nullptr);
}

TEST_CASE("an alias copies its anchor") {
  Problems problems;
  const auto root = yaml::read("a: &x {b: 1}\nc: *x\n", "f.yaml", problems);
  REQUIRE(problems.empty());
  CHECK(root.find("c")->find("b")->text == "1");
}

TEST_CASE("what is not allowed is reported with its place") {
  struct Case {
    std::string text;
    int line;
    std::string fragment;
  };
  std::string deep;
  for (int i = 0; i < 120; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "- \n";
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const auto last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) bomb += ", " + last;
    bomb += "]\n";
  }
  std::string texts_bomb = "a: &a '" + std::string(60'000, 'x') + "'\nb:\n";
  for (int i = 0; i < 900; ++i) texts_bomb += "- *a\n";
  std::string many = "a: &a 1\nb:\n";
  for (int i = 0; i < 1100; ++i) many += "- *a\n";
  const auto cases = {
      Case{"a: 1\na: 2\n", 2, "line 1"},
      Case{"a: !!python/object x\n", 1, "tag"},
      Case{"a: !mine [x]\n", 1, "tag"},
      Case{"? [a]\n: b\n", 1, "key"},
      Case{"a: &x [*x]\n", 1, "anchor"},
      Case{"a: *nothing\n", 1, "YAML"},
      Case{"a: [1\n", 2, "YAML"},
      Case{"a: 1\n---\nb: 2\n", 0, "more than one"},
      Case{"a: 1\nb: \xFF\n", 2, "UTF-8"},
      Case{std::string{"a: 1\nb: \0\n", 10}, 2, "NUL"},
      Case{deep, 101, "deep"},
      Case{bomb, 5, "too many values"},
      Case{texts_bomb, 109, "too many values"},
      Case{many, 1003, "aliases"},
      Case{std::string(yaml::most_bytes + 1, ' '), 0, "larger"},
      Case{"a: 1\nb: " + std::string(yaml::most_line_bytes, '['), 2, "longer"},
      Case{repeated("k: v\n", 5'000), 1003, "too many mistakes"},
  };
  for (const auto& [text, line, fragment] : cases) {
    Problems problems;
    yaml::read(text, "f.yaml", problems);
    INFO(text.substr(0, 200) << "\n" << texts(problems));
    CHECK(has_problem(problems, line, fragment));
  }
}

TEST_CASE("an empty document is nothing, without a problem") {
  Problems problems;
  CHECK(yaml::read("", "f.yaml", problems).kind == Kind::null);
  CHECK(yaml::read("# only a comment\n", "f.yaml", problems).kind == Kind::null);
  CHECK(problems.empty());
}

TEST_CASE("line ends of Windows and a byte order mark change nothing") {
  Problems problems;
  const auto root = yaml::read(
      "\xEF\xBB\xBF"
      "a: 1\r\nb: 2\r\n",
      "f.yaml", problems);
  INFO(texts(problems));
  CHECK(problems.empty());
  REQUIRE(root.find("b") != nullptr);
  CHECK(root.find("b")->text == "2");
  CHECK(root.find("b")->line == 2);
}
