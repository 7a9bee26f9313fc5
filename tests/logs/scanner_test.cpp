#include "logs/scanner.hpp"

#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::logs;

namespace {

constexpr std::int64_t at = 1772317830;  // 2026-02-28T22:30:30Z

Patterns patterns() {
  Patterns patterns;
  patterns.milestones["app"] = {
      {"started", "Starting App"}, {"migrated", "Migrations applied"}, {"listening", "Listening on "}};
  patterns.signatures = {
      {"key-missing", "Error: No such file or directory", "app", "migrated", "listening", ""},
      {"key-unreadable", "Error: Permission denied", "app", "migrated", "", ""},
      {"port-privileged", "Error: Permission denied", "app", "listening", "", ""},
      {"locked", "Account '(?P<account>[^']+)' locked out after (?P<failures>[0-9]+)", "app", "", "", ""},
      {"other-service", "Account locked in the other", "other", "", "", ""},
      {"anywhere", "No space left on device", "", "", "", ""},
      {"only-error", "level matters here", "", "", "", "error"},
  };
  return patterns;
}

std::vector<std::string> entries(const LogsAnswer& answer) {
  std::vector<std::string> names;
  for (const auto& hit : answer.hits) names.push_back(hit.entry);
  return names;
}

LogsAnswer scan(const std::vector<std::string>& lines, const RunStart& start = {}) {
  Scanner scanner{patterns(), "app", start};
  for (const auto& line : lines) scanner.line(line);
  return scanner.result();
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("what a bare error means depends on the last milestone before it", "[logs]") {
  CHECK(entries(scan({"Starting App", "Migrations applied", "Error: Permission denied (os error 13)"})) ==
        Names{"key-unreadable"});
  CHECK(entries(scan({"Starting App", "Error: Permission denied (os error 13)"})) == Names{""});
  CHECK(entries(scan({"Starting App", "Migrations applied", "Error: No such file or directory"})) ==
        Names{"key-missing"});
  CHECK(entries(scan({"Starting App", "Migrations applied", "Listening on 1", "Error: No such file or directory"})) ==
        Names{""});
}

TEST_CASE("repeats are counted with first and last time and the newest groups", "[logs]") {
  const auto answer = scan({"2026-02-28T22:30:30Z  WARN Account 'ann' locked out after 5 attempts",
                            "2026-02-28T22:30:31Z  INFO something else",
                            "2026-02-28T22:40:30Z  WARN Account 'bob' locked out after 10 attempts"});
  REQUIRE(answer.hits.size() == 1);
  const auto& hit = answer.hits.front();
  CHECK(hit.entry == "locked");
  CHECK(hit.count == 2);
  CHECK(hit.first == at);
  CHECK(hit.last == at + 600);
  CHECK(hit.groups == std::map<std::string, std::string>{{"account", "bob"}, {"failures", "10"}});
  CHECK(hit.line.find("bob") != std::string::npos);
  CHECK(answer.lines == 3);
  CHECK(answer.errors == 0);
}

TEST_CASE("only the last run counts", "[logs]") {
  const Names lines{"2026-02-28T22:30:30Z  INFO Starting App", "2026-02-28T22:30:30Z ERROR No space left on device",
                    "2026-02-28T22:40:30Z  INFO Starting App", "2026-02-28T22:40:31Z  INFO Migrations applied"};
  SECTION("by the time at which it began") {
    const auto answer = scan(lines, {at + 600, 0});
    CHECK(answer.hits.empty());
    CHECK(answer.lines == 2);
    CHECK(answer.since == at + 600);
    CHECK(answer.milestones.size() == 2);
    CHECK(answer.milestones.front().at == at + 600);
  }
  SECTION("by the first milestone, when nothing tells the time") {
    const auto answer = scan({"Starting App", "No space left on device", "Starting App", "Migrations applied"});
    CHECK(answer.hits.empty());
    CHECK(answer.lines == 2);
  }
  SECTION("by the first milestone, when the time is not told") {
    CHECK(scan(lines).hits.empty());
  }
  SECTION("none of it is there") {
    CHECK(scan(lines, {at + 1000, 0}).lines == 0);
  }
  SECTION("a line without a time is of the time before it") {
    const auto answer = scan({"2026-02-28T22:30:30Z  INFO Starting App", "Error: No space left on device",
                              "2026-02-28T22:40:30Z  INFO Starting App", "Error: No space left on device"},
                             {at + 600, 0});
    REQUIRE(answer.hits.size() == 1);
    CHECK(answer.hits.front().count == 1);
    CHECK(answer.hits.front().first == at + 600);
  }
}

TEST_CASE("the run before the last one is there for a loop of crashes", "[logs]") {
  Scanner scanner{patterns(), "app", {at + 5, 0}};
  scanner.line("Starting App", at);
  scanner.line("No space left on device", at);
  CHECK(scanner.unfinished());
  CHECK(entries(scanner.previous()) == Names{"anywhere"});
  scanner.line("Starting App", at + 5);
  CHECK(scanner.unfinished());
  CHECK(entries(scanner.previous()) == Names{"anywhere"});
  CHECK(scanner.result().hits.empty());
  scanner.line("Migrations applied", at + 5);
  scanner.line("Listening on 1", at + 5);
  CHECK_FALSE(scanner.unfinished());
}

TEST_CASE("JSON lines match by message and as a whole", "[logs]") {
  CHECK(entries(scan({R"({"level":"error","msg":"Account 'a\u006en' locked out after 3"})"})) == Names{"locked"});
  CHECK(
      scan({R"({"level":"error","msg":"Account 'a\u006en' locked out after 3"})"}).hits.front().groups.at("account") ==
      "ann");
  CHECK(entries(scan({R"({"level":"warn","error":"No space left on device"})"})) == Names{"anywhere"});
}

TEST_CASE("a signature may ask for a level, and for a service", "[logs]") {
  CHECK(entries(scan({"INFO level matters here"})).empty());
  CHECK(entries(scan({"ERROR level matters here"})) == Names{"only-error"});
  CHECK(entries(scan({"Account locked in the other"})).empty());
}

TEST_CASE("errors that nothing explains are counted apart", "[logs]") {
  const auto answer = scan({"2026-02-28T22:30:30Z ERROR a", "2026-02-28T22:30:31Z  INFO b",
                            "2026-02-28T22:30:32Z  INFO b", "2026-02-28T22:30:33Z ERROR c"});
  CHECK(answer.errors == 2);
  REQUIRE(answer.hits.size() == 1);
  CHECK(answer.hits.front().entry.empty());
  CHECK(answer.hits.front().count == 2);
  CHECK(answer.hits.front().first == at);
  CHECK(answer.hits.front().last == at + 3);
  CHECK(answer.last_error == "2026-02-28T22:30:33Z ERROR c");
  CHECK(answer.tail.size() == 4);
}

TEST_CASE("the neighbours of an explained line need no explanation", "[logs]") {
  CHECK(entries(scan({"2026-02-28T22:30:30Z ERROR before", "2026-02-28T22:30:30Z ERROR No space left on device",
                      "2026-02-28T22:30:30Z ERROR response failed"})) == Names{"anywhere"});
  CHECK(entries(scan({"2026-02-28T22:30:30Z ERROR No space left on device", "2026-02-28T22:30:35Z ERROR later"})) ==
        Names{"anywhere", ""});
  CHECK(entries(scan({"ERROR No space left on device", "INFO a", "INFO b", "ERROR further away"})) ==
        Names{"anywhere", ""});
}

TEST_CASE("what PostgreSQL writes at each start and stop, and about its clients, is no error of its own", "[logs]") {
  CHECK(scan({"2026-02-28 22:30:30.1 UTC [7] FATAL:  the database system is starting up",
              "2026-02-28 22:30:30.1 UTC [7] FATAL:  terminating connection due to administrator command",
              "2026-02-28 22:30:30.1 UTC [7] ERROR:  canceling statement due to user request",
              "2026-02-28 22:30:30.1 UTC [7] FATAL:  password authentication failed for user \"app\"",
              "2026-02-28 22:30:30.1 UTC [7] FATAL:  role \"root\" does not exist"})
            .errors == 0);
  CHECK(scan({"2026-02-28 22:30:30.1 UTC [7] FATAL:  could not open file \"global/pg_filenode.map\"",
              "2026-02-28 22:30:30.1 UTC [7] PANIC:  could not write to file"})
            .errors == 2);
}

TEST_CASE("a flood of one error is counted in full", "[logs]") {
  Scanner scanner{patterns(), "app"};
  constexpr int flood = 50'000;
  for (int i = 0; i < flood; ++i) scanner.line("ERROR Account 'a" + std::to_string(i) + "' locked out after 1", at + i);
  const auto answer = scanner.result();
  REQUIRE(answer.hits.size() == 1);
  CHECK(answer.hits.front().count == flood);
  CHECK(answer.hits.front().last == at + flood - 1);
  CHECK(answer.hits.front().groups.at("account") == "a49999");
}

TEST_CASE("bytes may come in any pieces", "[logs]") {
  const std::string text = "Starting App\r\n\x1b[31mERROR\x1b[0m No space left on device\n\n" +
                           std::string(100'000, 'x') + " No space left on device\nlast";
  for (const std::size_t piece : {1U, 7U, 4096U}) {
    Scanner scanner{patterns(), "app"};
    for (std::size_t done = 0; done < text.size(); done += piece) scanner.feed(text.substr(done, piece));
    scanner.end_of_file();
    const auto answer = scanner.result();
    CHECK(answer.lines == 4);
    REQUIRE(answer.hits.size() == 1);
    CHECK(answer.hits.front().count == 1);  // the second one is past the bound
    CHECK(answer.hits.front().line == "ERROR No space left on device");
    CHECK(scanner.skipped() > 30'000);
    CHECK(answer.tail.back() == "last");
    CHECK(answer.tail.front() == "Starting App");
  }
}

TEST_CASE("long lines are cut between characters", "[logs]") {
  std::string umlauts = "ERROR No space left on device";
  for (int i = 0; i < 400; ++i) umlauts += "\xc3\xa4";
  const auto answer = scan({umlauts});
  CHECK(answer.hits.front().line.size() <= 400);
  CHECK(answer.hits.front().line.back() == '\xa4');
}

TEST_CASE("what ended the run before is told, unless this one came further", "[logs]") {
  auto lasting = patterns();
  lasting.signatures = {{"heap", "out of memory", "", "", "", "", true}};
  const auto scan_two = [&](const Names& before, const Names& now, std::int64_t recent) {
    Scanner scanner{lasting, "app", {at + 100, 0, recent}};
    for (const auto& line : before) scanner.line(line, at);
    for (const auto& line : now) scanner.line(line, at + 100);
    return scanner.result();
  };
  const Names started{"Starting App", "Migrations applied"};
  auto crashed = started;
  crashed.emplace_back("FATAL: out of memory");
  const auto told = scan_two(crashed, started, at - 10);
  REQUIRE(entries(told) == Names{"heap"});
  CHECK(told.hits.front().previous);
  CHECK(told.hits.front().last == at);
  CHECK(entries(scan_two(crashed, {}, at - 10)) == Names{"heap"});
  CHECK(scan_two(crashed, started, at + 10).hits.empty());
  CHECK(scan_two({"Starting App", "FATAL: out of memory"}, started, at - 10).hits.empty());
  auto went_on = crashed;
  went_on.insert(went_on.end(), 100, "and on");
  CHECK(scan_two(went_on, started, at - 10).hits.empty());
}

TEST_CASE("the message of a JSON line matches line by line, and so does its error", "[logs]") {
  const std::string broken =
      R"json({"level":"error","message":"it broke\n    at work (a.js:1)\n    at main (b.js:2)"})json";
  auto stack = patterns();
  stack.signatures = {{"frame", "^    at (?P<function>[a-z]+) ", "", "", "", "", false}};
  Scanner scanner{stack, "app"};
  scanner.line(broken);
  REQUIRE(scanner.result().hits.size() == 1);
  CHECK(scanner.result().errors == 1);
  CHECK(scanner.result().hits.front().groups.at("function") == "work");
  const auto by_error =
      scan({R"json({"level":50,"err":{"type":"Error","message":"Account 'a' locked out after 3"}})json"});
  CHECK(entries(by_error) == Names{"locked"});
  CHECK(by_error.hits.front().groups.at("account") == "a");
}
