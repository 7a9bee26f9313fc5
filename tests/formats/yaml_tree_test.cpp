#include "formats/yaml_tree.hpp"

#include <ctime>

#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::formats;

namespace {

YamlFile parse(const std::string& text) {
  YamlBudget budget;
  return parse_yaml(text, "f.yml", budget);
}

/// The reason of the first fault; "" when there is none.
std::string fault(const std::string& text) {
  const YamlFile file = parse(text);
  return file.faults.empty() ? std::string{} : file.faults.front().reason;
}

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("yaml: values know their place") {
  const YamlFile file = parse("a:\n  b: [x, 'y']\n");
  REQUIRE(file.faults.empty());
  REQUIRE(file.documents.size() == 1);
  const YamlNode* list = file.documents[0].root.find("a")->find("b");
  REQUIRE(list != nullptr);
  CHECK(list->items[0].place() == Place{"f.yml", 2, 7});
  CHECK(list->items[1].place() == Place{"f.yml", 2, 10});
  CHECK(list->items[1].text == "y");
}

TEST_CASE("yaml: plain scalars") {
  const std::vector<std::tuple<std::string, YamlKind, std::string>> rows{
      {"text", YamlKind::text, "text"},    {"yes", YamlKind::text, "yes"},
      {"True", YamlKind::boolean, "true"}, {"0777", YamlKind::integer, "511"},
      {"0o17", YamlKind::integer, "15"},   {"0x1F", YamlKind::integer, "31"},
      {"0b101", YamlKind::integer, "5"},   {"1_000", YamlKind::integer, "1000"},
      {"+5", YamlKind::integer, "5"},      {"18446744073709551615", YamlKind::integer, "18446744073709551615"},
      {"08", YamlKind::real, "8"},         {"1.0", YamlKind::real, "1"},
      {"1e6", YamlKind::real, "1e+06"},    {"0.00001", YamlKind::real, "1e-05"},
      {"12:30", YamlKind::text, "12:30"},  {"1.2.3", YamlKind::text, "1.2.3"},
      {"-", YamlKind::text, "-"},          {"2020-1-02", YamlKind::text, "2020-01-02 00:00:00 +0000 UTC"},
      {"~", YamlKind::null, "~"},
  };
  for (const auto& [text, kind, value] : rows) {
    CAPTURE(text);
    std::string resolved = text;
    CHECK(resolve_plain(resolved) == kind);
    CHECK(resolved == value);
  }
}

TEST_CASE("yaml: a duplicate key names both places") {
  const YamlFile file = parse("a:\n  k: 1\n  x: 2\n  k: 3\n");
  REQUIRE(file.faults.size() == 1);
  CHECK(file.faults[0].kind == YamlFault::Kind::key_duplicated);
  CHECK(file.faults[0].key == "k");
  CHECK(file.faults[0].place.line == 4);
  CHECK(file.faults[0].first.line == 2);
}

TEST_CASE("yaml: merge keys") {
  const YamlFile file = parse("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: own}\n");
  REQUIRE(file.faults.empty());
  const YamlNode* c = file.documents[0].root.find("c");
  CHECK(c->entries.size() == 3);
  CHECK(c->find("x")->text == "own");
  CHECK(c->find("y")->text == "1");
  CHECK(c->find("z")->text == "2");
}

TEST_CASE("yaml: !reset and !override") {
  const YamlFile file = parse("a: {b: !reset null, c: !override [1]}\n");
  REQUIRE(file.faults.empty());
  CHECK(file.documents[0].root.find("a")->find("b") == nullptr);
  CHECK(file.documents[0].root.find("a")->find("c")->items.size() == 1);
  CHECK(file.documents[0].replaced == std::vector<YamlPath>{{"a", "b"}, {"a", "c"}});
}

TEST_CASE("yaml: what is refused") {
  const std::vector<std::string> texts{
      "a: !unknown x\n", "a: *b\n",      "a: &a [*a]\n",          "a: {<<: text}\n", "a: \"open\n",
      "a: 'open\n",      "a: [b\n",      "a:\n\tb: c\n",          "a: b: c\n",       "1: x\n",
      "? [a]\n: b\n",    "a: \"\\q\"\n", std::string("a: \0", 4), "a: \xff\n",       "%YAML 1.2\n---\na: b\n",
      "a: \x01\n",
  };
  for (const auto& text : texts) {
    CAPTURE(text);
    CHECK(!parse(text).faults.empty());
  }
}

TEST_CASE("yaml: a fault does not repeat the text and keeps what was read before") {
  const YamlFile file = parse("a: good\nb: \"\\hunter2\"\nc: x: hunter2\n");
  REQUIRE(!file.faults.empty());
  for (const auto& found : file.faults) CHECK(found.reason.find("hunter2") == std::string::npos);
  REQUIRE(!file.documents.empty());
  REQUIRE(file.documents[0].root.find("a") != nullptr);
  CHECK(file.documents[0].root.find("a")->text == "good");
}

TEST_CASE("yaml: bounds", "[hostile]") {
  const std::clock_t start = std::clock();  // CPU time: the machine may be busy
  CHECK(!fault(repeated("[", 101)).empty());
  CHECK(!fault(repeated("[", 1'000'000)).empty());
  CHECK(!fault(repeated("{a: ", 500'000)).empty());
  CHECK(!fault("a: " + std::string(5'000'000, 'x')).empty());
  CHECK(!fault("[" + repeated("x,", 100'001) + "]").empty());
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(alias + ",", 9) + alias + "]\n";
  }
  CHECK(!fault(bomb).empty());
  std::string chain = "a0: &a0 x\n";
  for (int i = 1; i < 400; ++i) {
    chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  CHECK(!fault(chain).empty());
  CHECK(!fault("a: &a x\nb: [" + repeated("*a,", 1001) + "]\n").empty());
  CHECK(!fault("a: &a " + std::string(1'000'000, 'x') + "\nb: [" + repeated("*a,", 900) + "]\n").empty());
  CHECK(fault("[" + repeated("x,", 99'000) + "]").empty());
  CHECK((std::clock() - start) / CLOCKS_PER_SEC < 30);
}
