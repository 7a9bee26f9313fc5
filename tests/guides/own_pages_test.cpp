// Pages of the user's own on top of those that are built in.

#include "guides/own_pages.hpp"

#include "guides/blob.hpp"
#include "guides/page.hpp"
#include "pages.hpp"
#include "support/catch.hpp"

namespace doctor::guides {

using doctor::test::has_problem;
using doctor::test::page_with;
using doctor::test::plain_machine;
using doctor::test::texts;

namespace {

const std::string explains_denied = "explains: [{code: redis-denied, where: {user: x}}]\n";

Entry built_in(const std::string& code, const std::string& system) {
  Entry entry;
  entry.code = code;
  entry.guide = code.substr(0, code.find('-'));
  entry.system = system;
  entry.title = "Title of " + code;
  entry.severity = "error";
  return entry;
}

/// The generic code redis-denied {user, where}, and demo-denied, which explains it for the system demo and user x.
Library beneath() {
  static const std::string blob = [] {
    auto generic = built_in("redis-denied", "");
    generic.evidence = {"user", "where"};
    auto special = built_in("demo-denied", "demo");
    special.explains = {{"redis-denied", {{"user", {"x"}}}}};
    SystemDescription demo;
    demo.name = "demo";
    ServiceRule service;
    service.name = "demo";
    service.milestones = {{"started", "x"}};
    demo.services.push_back(service);
    return write_blob({generic, special}, {demo});
  }();
  return Library{blob};
}

struct Added {
  Library known = beneath();
  Problems problems;
};

Added added(const std::vector<OwnPage>& pages, const std::vector<DescriptionFile>& descriptions = {}) {
  Added result;
  add_own_pages(result.known, pages, descriptions, result.problems);
  return result;
}

Problems problems_of(const std::string& file, const std::string& text) {
  return added({{file, "mine", text}}).problems;
}

std::vector<DescriptionFile> described(const std::string& yaml) {
  Problems problems;
  auto project = read_project_file(yaml, "doctor.yaml", problems);
  INFO(texts(problems));
  REQUIRE(problems.empty());
  return {{"doctor.yaml", *project.system, project.entries}};
}

}  // namespace

TEST_CASE("a page adds entries, which say where they are from and that nothing detects them") {
  const auto [library, problems] = added(
      {{"mine/shop.md", "mine", page_with("shop-x", plain_machine + explains_denied + "log: [{match: gone}]\n")}});
  INFO(texts(problems));
  CHECK(problems.empty());
  CHECK(library.codes() == std::vector<std::string>{"redis-denied", "demo-denied", "shop-x"});
  const auto entry = library.entry("shop-x");
  REQUIRE(entry.has_value());
  CHECK(entry->system == "shop");
  CHECK(entry->guide == "shop");
  CHECK(entry->origin == "mine");
  CHECK(entry->detection.empty());
  CHECK(entry->reason == "from mine");
  CHECK(library.explain("shop", "redis-denied", {{"user", "x"}}).code == "shop-x");
  CHECK(library.explain("shop", "redis-denied", {{"user", "y"}}).code == "redis-denied");
  CHECK(library.explain("demo", "redis-denied", {{"user", "x"}}).code == "demo-denied");
}

TEST_CASE("a reason of the page's own stays") {
  const auto result = added({{"shop.md", "mine", page_with("shop-x", plain_machine + "reason: nobody can see it\n")}});
  CHECK(result.known.entry("shop-x")->reason == "nobody can see it");
}

TEST_CASE("a page about a system that is built in wins with a further condition, and ties without") {
  const auto page = [](const std::string& where) {
    return page_with("demo-mine", plain_machine + "explains: [{code: redis-denied, where: " + where + "}]\n");
  };
  const auto both = added({{"demo.md", "mine", page("{user: x, where: here}")}});
  INFO(texts(both.problems));
  CHECK(both.problems.empty());
  CHECK(both.known.explain("demo", "redis-denied", {{"user", "x"}, {"where", "here"}}).code == "demo-mine");
  CHECK(both.known.explain("demo", "redis-denied", {{"user", "x"}, {"where", "there"}}).code == "demo-denied");
  const auto tie = problems_of("demo.md", page("{where: here}"));
  CHECK(has_problem(tie, 10, "demo-denied (built in)"));
  CHECK(problems_of("demo.md", page("{user: y}")).empty());
}

TEST_CASE("a code that is built in is not replaced") {
  const auto result = added({{"demo.md", "mine", page_with("demo-denied", plain_machine)}});
  CHECK(has_problem(result.problems, 5, "demo.md"));
  CHECK(result.known.codes() == beneath().codes());
  CHECK(has_problem(problems_of("redis.md", page_with("redis-denied", plain_machine)), 5, "built in"));
}

TEST_CASE("two pages do not have the same code") {
  const auto page = page_with("shop-x", plain_machine);
  const auto twice = added({{"a/shop.md", "a", page}, {"b/shop.md", "b", page}}).problems;
  REQUIRE(twice.size() == 1);
  CHECK(twice.front().file == "b/shop.md");
  CHECK(has_problem(twice, 5, "a/shop.md:5"));
  CHECK(added({{"a/shop.md", "a", page}, {"b/shop.md", "b", page_with("shop-y", plain_machine)}}).problems.empty());
}

TEST_CASE("what pages and doctor.yaml speak of is there, and all mistakes are told at once") {
  const auto page = page_with("shop-x",
                              plain_machine +
                                  "leads-to: [redis-denid]\nexplains: [{code: redis-denied, where: "
                                  "{usr: x}}]\nlog: [{match: a, after: begun}]\n",
                              "Ask {usr}.\n");
  const auto description = described(
      "system:\n  name: shop\n  services:\n    shop:\n      port: 1\n      milestones: [{id: started, log: x}]\n"
      "      expect:\n        - {http: /, else: shop-y}\n        - {http: /, else: shop-x}\n"
      "        - {http: /, else: demo-denied}\n");
  const auto problems = added({{"shop.md", "mine", page}}, description).problems;
  INFO(texts(problems));
  CHECK(problems.size() == 6);
  CHECK(has_problem(problems, 7, "redis-denied?"));
  CHECK(has_problem(problems, 11, "usr"));
  CHECK(has_problem(problems, 12, "begun"));
  CHECK(has_problem(problems, 25, "{usr}"));
  CHECK(has_problem(problems, 8, "shop-x?"));
  CHECK(has_problem(problems, 10, "demo-denied"));
  for (const auto& problem : problems) CHECK((problem.file == "shop.md" || problem.file == "doctor.yaml"));
}

TEST_CASE("a description without a page is good as long as it names no entry") {
  CHECK(added({}, described("system: {name: shop}\n")).problems.empty());
  const auto one = added({}, described("system:\n  name: shop\n  services: {shop: {port: 1, expect: [{http: /, else: "
                                       "shop-x}]}}\n"))
                       .problems;
  REQUIRE(one.size() == 1);
  CHECK(one.front().line == 3);
  CHECK(one.front().column > 40);
}

TEST_CASE("the description of a built-in system tells the milestones of its log") {
  const auto page = [](const std::string& milestone) {
    return page_with("demo-mine", plain_machine + "log: [{match: a, after: " + milestone + "}]\n");
  };
  CHECK(problems_of("demo.md", page("started")).empty());
  CHECK(has_problem(problems_of("demo.md", page("begun")), 10, "begun"));
}

TEST_CASE("a page is called after its system") {
  CHECK(system_of_page("/srv/guides/my-shop2.md") == "my-shop2");
  for (const auto* name : {"Shop.md", "shop.txt", ".md", "shop", "a b.md", "-x.md", "shop.md/"})
    CHECK(system_of_page(name).empty());
  CHECK(has_problem(problems_of("x/Shop.md", page_with("shop-x", plain_machine)), 0, "NAME.md"));
}

TEST_CASE("there are bounds for the pages of one user") {
  const auto page = page_with("shop-x", plain_machine);
  std::vector<OwnPage> many(most_own_pages + 1, {"shop.md", "mine", page});
  CHECK(has_problem(added(many).problems, 0, "200"));
  const std::vector<OwnPage> large(5, {"shop.md", "mine", std::string(most_page_bytes, 'x')});
  CHECK(added(large).problems.size() == 1);
  CHECK(has_problem(problems_of("shop.md", std::string(most_page_bytes + 1, 'x')), 0, "larger"));
}

TEST_CASE("what is no page adds nothing") {
  for (const auto* text : {"", "\xff\xfe", "no title\n", "# T\n\nx\n\n## shop-x\n", "# T\n\n```doctor\n"}) {
    const auto result = added({{"shop.md", "mine", text}});
    INFO(text);
    CHECK_FALSE(result.problems.empty());
    CHECK(result.known.codes() == beneath().codes());
  }
}

}  // namespace doctor::guides
