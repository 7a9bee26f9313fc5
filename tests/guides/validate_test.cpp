#include "guides/validate.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "guides/description.hpp"
#include "pages.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

using namespace doctor;
using namespace doctor::guides;
using doctor::test::has_problem;
using doctor::test::page_with;
using doctor::test::plain_machine;
using doctor::test::texts;

namespace {

/// A generic page with redis-denied {user, where} and redis-slow, and a page of the system demo.
struct Together {
  Sources sources;
  Problems problems;

  explicit Together(const std::string& demo) {
    add(page_with("redis-denied", plain_machine + "evidence: [user, where]\n"), "redis.md", PageKind::check);
    add(page_with("redis-slow", plain_machine), "slow.md", PageKind::check);
    add(demo, "demo.md", PageKind::system);
  }

  void add(const std::string& text, const std::string& file, PageKind kind) {
    sources.pages.push_back(read_page(text, file, kind, problems));
  }

  Problems validated() {
    INFO(texts(problems));
    REQUIRE(problems.empty());
    validate(sources, problems);
    return problems;
  }
};

Problems problems_of(const std::string& machine, const std::string& fix = "Do it.\n") {
  return Together{page_with("demo-denied", plain_machine + machine, fix)}.validated();
}

std::string second_entry(const std::string& page) {
  return page.substr(page.find("## "));
}

Problems tie(const std::string& first, const std::string& second) {
  const auto a = page_with("demo-a", plain_machine + "explains:\n  - {code: redis-denied" + first + "}\n");
  const auto b = page_with("demo-b", plain_machine + "explains:\n  - {code: redis-denied" + second + "}\n");
  return Together{a + "\n" + second_entry(b)}.validated();
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("pages that fit together have no problems") {
  const auto problems = problems_of(
      "explains:\n  - {code: redis-denied, where: {user: x}}\nleads-to: [redis-slow, demo-denied]\nlog:\n  - {match: "
      "'a(?P<port>b)'}\n",
      "Ask {user} at {where} on {port} in {env_file}.\n\n```sh\necho {{x}} ${VARIABLE} {directory} "
      "{project}\n```\n");
  INFO(texts(problems));
  CHECK(problems.empty());
}

TEST_CASE("references to what does not exist are reported") {
  CHECK(has_problem(problems_of("explains:\n  - {code: redis-deny}\n"), 11, "did you mean redis-denied?"));
  CHECK(has_problem(problems_of("explains:\n  - {code: demo-denied}\n"), 11, "no generic code"));
  CHECK(has_problem(problems_of("explains:\n  - {code: redis-slow}\n  - {code: redis-denied, where: {usr: x}}\n"), 12,
                    "no evidence usr"));
  CHECK(has_problem(problems_of("leads-to: [redis-slo]\n"), 7, "did you mean redis-slow?"));
}

TEST_CASE("a code is defined once only") {
  Together library{page_with("demo-x", plain_machine)};
  library.add(page_with("redis-slow", plain_machine), "again.md", PageKind::check);
  const auto problems = library.validated();
  CHECK(has_problem(problems, 5, "slow.md:5"));
}

TEST_CASE("placeholders without a source are reported with their line") {
  CHECK(has_problem(problems_of("", "First.\n\nThen {usr}.\n"), 24, "{usr}"));
  CHECK(has_problem(problems_of("", "```sh\ntrue\necho {user}\n```\n"), 24, "{user}"));
  CHECK(has_problem(problems_of("", "```env file={envfile}\nA=b\n```\n"), 22, "did you mean env_file?"));
  CHECK(has_problem(problems_of("", "```sh\ndocker inspect -f '{{.State}}' x\n```\n"), 23, "doubled"));
  CHECK(has_problem(problems_of("", "The answer is `{\"error\":{\"code\":1}}`.\n"), 22, "brace"));
  CHECK(problems_of("", "```sh\ndocker inspect -f '{{{{.State}}}}' x\n```\n").empty());
}

TEST_CASE("two entries that explain a finding equally well are a tie") {
  CHECK(has_problem(tie("", ""), 42, "equally"));
  CHECK(has_problem(tie(", where: {user: a}", ", where: {user: a}"), 42, "equally"));
  CHECK(has_problem(tie(", where: {user: a}", ", where: {where: a}"), 42, "equally"));
  CHECK(has_problem(tie(", where: {user: [a, b]}", ", where: {user: [b, c]}"), 42, "equally"));
  CHECK(tie(", where: {user: a}", ", where: {user: b}").empty());
  CHECK(tie(", where: {user: a}", "").empty());
  CHECK(tie(", where: {user: a, where: x}", ", where: {user: b, where: x}").empty());
  CHECK(tie(", where: {user: a, where: x}", ", where: {user: a}").empty());
}

TEST_CASE("a description and its page agree") {
  Problems problems;
  const auto description = [&](const std::string& text) { return read_description(text, "demo.yaml", problems); };
  Together library{
      page_with("demo-x", plain_machine + "log:\n  - {match: a, after: started}\n  - {match: b, before: begun}\n")};
  library.sources.descriptions.push_back(
      {"demo.yaml",
       description("name: demo\nservices:\n  demo:\n    port: 1\n    milestones: [{id: started, log: x}]\n"
                   "    expect: [{http: /, else: demo-y}, {http: /, else: demo-x}, {http: /, else: redis-slow}]\n")});
  library.sources.descriptions.push_back({"lonely.yaml", description("name: lonely\n")});
  REQUIRE(problems.empty());
  const auto found = library.validated();
  INFO(texts(found));
  CHECK(found.size() == 4);
  CHECK(has_problem(found, 12, "begun"));
  CHECK(has_problem(found, 0, "demo-y"));
  CHECK(has_problem(found, 0, "redis-slow"));
  CHECK(has_problem(found, 0, "lonely.md"));
}

TEST_CASE("the ledger names entries that exist and can be detected") {
  Together library{page_with("demo-x", plain_machine + "reason: it leaves no trace\n")};
  Problems problems;
  library.sources.ledger_file = "detection.tsv";
  library.sources.ledger =
      read_ledger("demo-x\tredis\tt1\ndemo-y\tlog\tt2\nredis-slow\tlog\tt\n", "detection.tsv", problems);
  REQUIRE(problems.empty());
  const auto found = library.validated();
  CHECK(found.size() == 2);
  CHECK(has_problem(found, 1, "demo-x"));
  CHECK(has_problem(found, 2, "demo-y"));
}

TEST_CASE("a ledger is sorted and has three columns") {
  const auto read = [](const std::string& text) {
    Problems problems;
    read_ledger(text, "detection.tsv", problems);
    return problems;
  };
  CHECK(read("").empty());
  CHECK(read("# comment\n\na-b\tenv\tt\r\na-b\tlog\tt\n").empty());
  CHECK(has_problem(read("a-b\tenv\n"), 1, "tabs"));
  CHECK(has_problem(read("a-b\t\tt\n"), 1, "tabs"));
  CHECK(has_problem(read("b-b\tenv\tt\na-b\tenv\tt\n"), 2, "sorted"));
  CHECK(has_problem(read("a-b\tenv\tt\na-b\tenv\tt\n"), 2, "sorted"));
}

TEST_CASE("detection comes from the ledger") {
  Problems problems;
  const auto ledger = read_ledger("a-b\tdatabase\tt1\na-b\tlog\tt2\na-b\tlog\tt3\n", "f", problems);
  CHECK(detection_of("a-b", ledger) == "database,log");
  CHECK(detection_of("a-c", ledger).empty());
}

TEST_CASE("the guides of doctor itself have no mistakes") {
  namespace fs = std::filesystem;
  Sources sources;
  Problems problems;
  const fs::path root{doctor::test::source_path("")};
  for (const auto& item : fs::directory_iterator{root / "checks/systems"})
    sources.descriptions.push_back(
        {item.path().filename().string(),
         read_description(contents(item.path()), item.path().filename().string(), problems)});
  for (const auto& item : fs::directory_iterator{root / "docs/guides"}) {
    const auto is_system = fs::exists(root / "checks/systems" / item.path().stem().concat(".yaml"));
    sources.pages.push_back(read_page(contents(item.path()), item.path().filename().string(),
                                      is_system ? PageKind::system : PageKind::check, problems));
  }
  sources.ledger_file = "detection.tsv";
  sources.ledger = read_ledger(contents(root / "docs/detection.tsv"), sources.ledger_file, problems);
  validate(sources, problems);
  CHECK(texts(problems) == "");
}
