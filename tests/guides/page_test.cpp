#include "guides/page.hpp"

#include <cstdint>

#include "pages.hpp"
#include "support/catch.hpp"

using namespace doctor::guides;
using doctor::test::has_problem;
using doctor::test::page_with;
using doctor::test::plain_machine;
using doctor::test::texts;

namespace {

const std::string good_page = R"MD(# Redis

What can go wrong with Redis.

## demo-redis-auth-failed

```doctor
title: Redis refuses the password
severity: error
explains:
  - {code: redis-auth-failed, where: {setting: REDIS_URL, sqlstate: ['1', '2']}}
  - {code: redis-denied}
leads-to: [demo-slow]
log:
  - {match: 'user "(?P<user>[^"]+)" denied', service: demo, after: started}
```

### Symptom

The log says:

```text
WRONGPASS
```

and nothing works.

### Cause

- first
- second

Another paragraph.

### Fix

Put `{user}` right in {env_file}.

```env file={env_file}
REDIS_PASSWORD=new
```

1. one
2. two

```sh risk=disruptive where=container
docker inspect --format '{{{{.State}}}}' {container}
```

All sessions are lost; save them first.

```sql risk=data-loss where=postgres
TRUNCATE sessions;
```

### Verify

No line must appear.

```sh
doctor check --only redis
```

## demo-slow

```doctor
title: Redis is slow
severity: warning
reason: A machine cannot see it.
```

### Symptom
Slow.
### Cause
Load.
### Fix
Wait.
### Verify
```sh
doctor check
```
)MD";

Problems problems_of(const std::string& text, PageKind kind = PageKind::check) {
  Problems problems;
  read_page(text, "docs/guides/demo.md", kind, problems);
  return problems;
}

}  // namespace

TEST_CASE("a good page is read completely") {
  Problems problems;
  const auto page = read_page(good_page, "docs/guides/demo.md", PageKind::system, problems);
  INFO(texts(problems));
  REQUIRE(problems.empty());
  CHECK(page.name == "demo");
  REQUIRE(page.entries.size() == 2);
  const auto& entry = page.entries[0].entry;
  CHECK(page.entries[0].line == 5);
  CHECK(page.entries[0].block_line == 7);
  CHECK(page.entries[0].explains_lines == std::vector<int>{11, 12});
  CHECK(page.entries[0].log_lines == std::vector<int>{15});
  CHECK(entry.code == "demo-redis-auth-failed");
  CHECK(entry.guide == "demo");
  CHECK(entry.system == "demo");
  CHECK(entry.severity == "error");
  REQUIRE(entry.explains.size() == 2);
  CHECK(entry.explains[0].where.at("sqlstate") == std::vector<std::string>{"1", "2"});
  CHECK(entry.explains[0].where.at("setting") == std::vector<std::string>{"REDIS_URL"});
  CHECK(entry.explains[1].where.empty());
  CHECK(entry.leads_to == std::vector<std::string>{"demo-slow"});
  REQUIRE(entry.log.size() == 1);
  CHECK(entry.log[0].after == "started");
  CHECK(entry.symptom == "The log says:\n\n```text\nWRONGPASS\n```\n\nand nothing works.");
  CHECK(entry.cause == "- first\n- second\n\nAnother paragraph.");
  CHECK(entry.verify == "# No line must appear.\ndoctor check --only redis");
  CHECK_FALSE(page.entries[1].entry.leads_to.has_value());
  CHECK(page.entries[1].entry.reason == "A machine cannot see it.");
}

TEST_CASE("the blocks of Fix become steps") {
  Problems problems;
  const auto page = read_page(good_page, "demo.md", PageKind::system, problems);
  REQUIRE(page.entries.size() == 2);
  const auto& fix = page.entries[0].entry.fix;
  REQUIRE(fix.size() == 6);
  CHECK(fix[0].kind == "text");
  CHECK(fix[0].risk.empty());
  CHECK(fix[1].kind == "edit");
  CHECK(fix[1].language == "env");
  CHECK(fix[1].file == "{env_file}");
  CHECK(fix[1].text == "REDIS_PASSWORD=new");
  CHECK(fix[1].risk == "safe");
  CHECK(fix[2].text == "1. one\n2. two");
  CHECK(fix[3].kind == "command");
  CHECK(fix[3].where == "container");
  CHECK(fix[3].risk == "disruptive");
  CHECK(fix[5].language == "sql");
  CHECK(fix[5].risk == "data-loss");
  CHECK(fix[5].where == "postgres");
}

TEST_CASE("line ends and a byte order mark change nothing") {
  std::string windows = "\xEF\xBB\xBF";
  for (const char c : good_page) windows += c == '\n' ? std::string{"\r\n"} : std::string{c};
  Problems problems;
  const auto page = read_page(windows, "demo.md", PageKind::system, problems);
  INFO(texts(problems));
  CHECK(problems.empty());
  REQUIRE(page.entries.size() == 2);
  CHECK(page.entries[0].line == 5);
  CHECK(page.entries[0].entry.cause == "- first\n- second\n\nAnother paragraph.");
}

TEST_CASE("mistakes in the machine block are reported with their line") {
  struct Case {
    std::string machine;
    int line;
    std::string fragment;
  };
  const auto cases = {
      Case{"title: x\nseverity: error\nseverty: error\n", 10, "did you mean severity?"},
      Case{"severity: error\n", 8, "title"},
      Case{"title: x\n", 8, "severity"},
      Case{"title: x\nseverity: fatal\n", 9, "severity"},
      Case{"title: " + std::string(73, 'x') + "\nseverity: error\n", 8, "72"},
      Case{"title: A sentence.\nseverity: error\n", 8, "full stop"},
      Case{"title: x\ntitle: y\nseverity: error\n", 9, "line 8"},
      Case{"title: [x]\nseverity: error\n", 8, "a list"},
      Case{"title: x\nseverity: error\nevidence: [Bad Key]\n", 10, "Bad Key"},
      Case{"title: x\nseverity: error\nevidence: [a, a]\n", 10, "twice"},
      Case{"title: x\nseverity: error\nleads-to: [Not A Code]\n", 10, "no code"},
      Case{"title: x\nseverity: error\nlog:\n  - {service: a}\n", 11, "pattern"},
      Case{"title: x\nseverity: error\nlog:\n  - {match: '(unclosed'}\n", 11, "compile"},
      Case{"title: x\nseverity: error\nlog:\n  - {match: '.*'}\n", 11, "empty line"},
      Case{"title: x\nseverity: error\nlog:\n  - {match: 'a(?P<Bad>b)'}\n", 11, "Bad"},
      Case{"title: x\nseverity: error\nlog:\n  - {mach: 'a'}\n", 11, "did you mean match?"},
      Case{"title: x\nseverity: error\nexplains:\n  - {code: other-code}\n", 11, "system's page"},
      Case{"title: 'x\nseverity: error\n", 9, "YAML"},
      Case{"just words\n", 7, "keys and values"},
      Case{"", 7, "keys and values"},
  };
  for (const auto& [machine, line, fragment] : cases) {
    const auto problems = problems_of(page_with("demo-code", machine));
    INFO(machine << "\n" << texts(problems));
    CHECK(has_problem(problems, line, fragment));
  }
}

TEST_CASE("only system pages explain, only generic entries declare evidence") {
  CHECK(has_problem(problems_of(page_with("demo-x", plain_machine + "evidence: [a]\n"), PageKind::system), 10,
                    "evidence"));
  CHECK(problems_of(page_with("demo-x", plain_machine + "explains:\n  - {code: a-b}\n"), PageKind::system).empty());
  CHECK(problems_of(page_with("demo-x", plain_machine + "evidence: [a, 'b?']\n")).empty());
  CHECK(has_problem(
      problems_of(page_with("demo-x", plain_machine + "explains:\n  - {where: {a: b}}\n"), PageKind::system), 11,
      "code"));
  CHECK(has_problem(problems_of(page_with("other-x", plain_machine), PageKind::system), 5, "demo-"));
  CHECK(problems_of(page_with("other-x", plain_machine)).empty());
}

TEST_CASE("mistakes in the form of a page are reported with their line") {
  const auto whole = page_with("demo-code", plain_machine);
  const auto replaced = [&](const std::string& from, const std::string& to) {
    auto text = whole;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  struct Case {
    std::string text;
    int line;
    std::string fragment;
  };
  const auto cases = {
      Case{"", 1, "title"},
      Case{replaced("# Title", "Title"), 1, "title"},
      Case{replaced("What it is about.", "### Stray"), 3, "level 2"},
      Case{replaced("## demo-code", "## Demo code"), 5, "Demo code"},
      Case{replaced("## demo-code", "## 1demo"), 5, "no code"},
      Case{replaced("```doctor\n", "```yaml\n"), 5, "no doctor block"},
      Case{replaced("### Symptom", "```doctor\ntitle: x\n```\n\n### Symptom"), 12, "second"},
      Case{replaced("### Symptom", "Stray words.\n\n### Symptom"), 12, "between"},
      Case{replaced("### Symptom", "### Symptoms"), 12, "Symptom is expected"},
      Case{replaced("### Cause", "### Fix"), 16, "Cause is expected"},
      Case{replaced("It is seen.\n", ""), 12, "Symptom is empty"},
      Case{replaced("This is why.\n", ""), 16, "Cause is empty"},
      Case{replaced("It is seen.", "<div>It</div>"), 14, "HTML"},
      Case{replaced("It is seen.", "#### Deep"), 14, "level 2 and 3"},
      Case{replaced("It is seen.", "```doctor\ntitle: x\n```"), 14, "below the heading"},
      Case{replaced("```sh\ndoctor check\n```\n", ""), 28, "Verify is empty"},
      Case{replaced("```sh\ndoctor check\n```\n", "Look.\n"), 30, "Verify"},
      Case{replaced("doctor check\n", ""), 30, "empty"},
      Case{replaced("### Verify\n\n```sh\ndoctor check\n```\n", ""), 5, "lacks its section Verify"},
      Case{whole + "\n### More\n\nText.\n", 34, "next entry"},
      Case{whole + whole.substr(whole.find("## demo-code")), 33, "already in line 5"},
      Case{replaced("It is seen.", "It is \xFF seen."), 14, "UTF-8"},
      Case{replaced("It is seen.", std::string{"It is \0 seen.", 13}), 14, "NUL"},
  };
  for (const auto& [text, line, fragment] : cases) {
    const auto problems = problems_of(text);
    INFO(text << "\nexpected " << line << ": " << fragment << "\n" << texts(problems));
    CHECK(has_problem(problems, line, fragment));
  }
}

TEST_CASE("mistakes in a step of the fix are reported with their line") {
  struct Case {
    std::string fix;
    int line;
    std::string fragment;
  };
  const auto cases = {
      Case{"```\nls\n```\n", 22, "must say what it is"},
      Case{"```sh risk=none\nls\n```\n", 22, "risk must be"},
      Case{"```sh risk=disruptiv\nls\n```\n", 22, "did you mean disruptive?"},
      Case{"```sh where=moon\nls\n```\n", 22, "where must be"},
      Case{"```sh rsk=safe\nls\n```\n", 22, "did you mean risk?"},
      Case{"```sh file=a\nls\n```\n", 22, "edits no file"},
      Case{"```yaml\na: b\n```\n", 22, "which file"},
      Case{"```env file={env_file}\nnot an assignment\n```\n", 22, "NAME=value"},
      Case{"```sh\n```\n", 22, "empty step"},
      Case{"```sh risk=data-loss\nrm x\n```\n", 22, "data-loss"},
      Case{"Words.\n\n```sh\nls\n```\n\n```sh risk=data-loss\nrm x\n```\n", 28, "data-loss"},
  };
  for (const auto& [fix, line, fragment] : cases) {
    const auto problems = problems_of(page_with("demo-code", plain_machine, fix));
    INFO(fix << "\n" << texts(problems));
    CHECK(has_problem(problems, line, fragment));
  }
}

TEST_CASE("a page past its bounds is refused, not read") {
  CHECK(has_problem(problems_of(std::string(most_page_bytes + 1, 'a')), 0, "larger"));
  CHECK(has_problem(problems_of("# T\n\n" + std::string(200, '>') + " deep\n"), 3, "deeper"));
  CHECK(problems_of("# T\n\n> > > not so deep\n").empty());
  CHECK(has_problem(problems_of("# T\n\n" + std::string(most_paragraph_bytes, 'a')), 3, "without an empty line"));
  std::string many = "# T\n";
  for (int i = 0; i < 3'000; ++i) many += "\n## Bad\n";
  const auto problems = problems_of(many);
  CHECK(problems.size() < most_problems + 10);
  CHECK(problems.back().message.find("too many") != std::string::npos);
}

TEST_CASE("no broken page crashes the reader") {
  for (std::size_t length = 0; length <= good_page.size(); length += 3) {
    const auto problems = problems_of(good_page.substr(0, length), PageKind::system);
    for (const auto& problem : problems) CHECK(problem.line >= 0);
  }
  std::uint32_t seed = 1;
  for (int round = 0; round < 400; ++round) {
    auto text = good_page;
    for (int change = 0; change < 8; ++change) {
      seed = seed * 1664525U + 1013904223U;
      constexpr std::string_view characters = "`#-:{}[]&*!|>'\"\n\t \\<a0\x80\xFF";
      text[seed / 256U % text.size()] = characters[seed % characters.size()];
    }
    problems_of(text, PageKind::system);
  }
  const std::vector<std::string> hostile = {std::string(100'000, '['),
                                            std::string(100'000, '*'),
                                            std::string(100'000, '`'),
                                            "# T\n## a-b\n```doctor\n" + std::string(50'000, '[') + "\n```\n",
                                            "# T\n## a-b\n```doctor\n" + std::string(50'000, '{') + "\n```\n",
                                            "# T\n## a-b\n```doctor\n- - - - - - - -\n? ? ? ?\n```\n",
                                            "## \n## \n## \n### \n",
                                            "# T\n## a-b\n### Fix\n```sh risk= where= =\nx\n```\n"};
  for (const auto& text : hostile) CHECK_FALSE(problems_of(text).empty());
}
