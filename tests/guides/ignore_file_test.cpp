#include "guides/ignore_file.hpp"

#include "pages.hpp"
#include "support/catch.hpp"

using namespace doctor::guides;
using doctor::test::has_problem;

namespace {

const std::vector<std::string> codes{"redis-auth-failed", "env-required-missing"};

struct Read {
  std::vector<IgnoreEntry> entries;
  Problems problems;
};

Read read(const std::string& text) {
  Read result;
  result.entries = read_ignore_file(text, "doctor.ignore.yaml", codes, result.problems);
  return result;
}

}  // namespace

TEST_CASE("entries have a code, perhaps a subject, a reason and a last day") {
  const auto [entries, problems] = read(
      "# tolerated\n- code: redis-auth-failed\n  subject: 'endpoint:*'\n  reason: being rebuilt\n  expires: "
      "2026-12-31\n"
      "- {code: env-required-missing, reason: optional here, expires: '2028-02-29'}\n");
  REQUIRE(problems.empty());
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].code == "redis-auth-failed");
  CHECK(entries[0].subject == "endpoint:*");
  CHECK(entries[0].reason == "being rebuilt");
  CHECK(entries[0].expires == "2026-12-31");
  CHECK(entries[0].line == 2);
  CHECK(entries[1].subject.empty());
  CHECK(entries[1].line == 6);
}

TEST_CASE("an ignore file may be empty") {
  CHECK(read("").problems.empty());
  CHECK(read("# nothing\n").entries.empty());
  CHECK(read("[]\n").problems.empty());
}

TEST_CASE("what is missing, unknown or no day is named with its line") {
  const auto good = std::string{"- {code: redis-auth-failed, reason: r, expires: 2026-12-31}\n"};
  CHECK(has_problem(read(good + "- {code: redis-auth-failed, subject: a, reason: r}\n").problems, 2, "last day"));
  CHECK(has_problem(read("- {code: redis-auth-failed, expires: 2026-12-31}\n").problems, 1, "reason"));
  CHECK(has_problem(read("- {code: redis-auth-failed, reason: ' ', expires: 2026-12-31}\n").problems, 1, "reason"));
  CHECK(has_problem(read("- {reason: r, expires: 2026-12-31}\n").problems, 1, "code"));
  CHECK(has_problem(read("- {code: redis-auth-faild, reason: r, expires: 2026-12-31}\n").problems, 1,
                    "did you mean redis-auth-failed?"));
  CHECK(has_problem(read("- {code: redis-auth-failed, resaon: r, expires: 2026-12-31}\n").problems, 1,
                    "did you mean reason?"));
  CHECK(has_problem(read(good + good).problems, 2, "above"));
  CHECK_FALSE(read("code: redis-auth-failed\n").problems.empty());
  CHECK_FALSE(read("- redis-auth-failed\n").problems.empty());
  CHECK_FALSE(read("- {code: [\n").problems.empty());
}

TEST_CASE("codes of plugins are not known beforehand") {
  CHECK(read("- {code: plugin-raid-degraded, reason: r, expires: 2026-12-31}\n").problems.empty());
}

TEST_CASE("days are those of the calendar") {
  for (const auto* day : {"2026-12-31", "2028-02-29", "2026-01-01"}) CHECK(is_day(day));
  for (const auto* day : {"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-01-01", "2026-1-1", "tomorrow",
                          "2026-12-31T00:00:00Z", "2026/12/31", "+026-12-31", ""}) {
    INFO(day);
    CHECK_FALSE(is_day(day));
  }
}
