#include <fstream>
#include <sstream>

#include "render/render.hpp"
#include "support/catch.hpp"
#include "tests/render/report_fixture.hpp"

using doctor::diagnosis::Report;
using doctor::render::Style;

namespace {

std::string printed(const Report& report, const Style& style = {}) {
  std::ostringstream out;
  doctor::render::human(report, style, out);
  return out.str();
}

std::size_t widest(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the report for people is the one that is shown in the documentation") {
  const std::string expected =
      R"(chatalot in /srv/chatalot: docker-compose.yml, .env, 3 containers

x PostgreSQL refuses the password from DB_PASSWORD                         error
  Symptom   The server's log says `password authentication failed`.
  Cause     The password in .env is not the one that the volume was made with.
  Evidence  user chatalot, sqlstate 28P01 (127.0.0.1:5432)
  Fix       Give the role the password that .env has now: (disruptive)
              docker exec -it chatalot-db psql -U chatalot -c '\password'
            Or change the setting:
            Editing DATABASE_URL in .env has no effect: docker-compose.yml:14
            sets it.
  Verify    doctor check --only database
  More      doctor explain chatalot-database-auth-failed

  Follows from it:
    - The server has lost its database (endpoint:chatalot:8080)

! Debug logging is left switched on                                      warning
  Verify    doctor check --only env
  More      doctor explain chatalot-log-level-debug

Ruled out     disk:docker: 41 % used
Not looked at file:secrets/jwt_private.pem: permission denied

1 error and 1 that follows, 1 warning; checks: 1 passed, 1 skipped; 1 not examined in 0.4 s
)";
  CHECK(printed(report_fixture()) == expected);
}

TEST_CASE("an edit without effect is never printed as one") {
  const auto text = printed(report_fixture());
  CHECK_FALSE(has(text, "DATABASE_URL=postgres"));
  CHECK(has(text, "docker-compose.yml:14"));
}

TEST_CASE("without colour there is no escape, with colour there is, and the words are the same") {
  auto style = Style{};
  const auto plain = printed(report_fixture(), style);
  CHECK_FALSE(has(plain, "\x1b"));
  style.colour = true;
  auto coloured = printed(report_fixture(), style);
  CHECK(has(coloured, "\x1b[31;1merror"));
  std::string stripped;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b')
      i = coloured.find('m', i);
    else
      stripped += coloured[i];
  }
  CHECK(stripped == plain);
}

TEST_CASE("a locale without UTF-8 gets ASCII only") {
  auto report = report_fixture();
  report.problems[0].cause = "caf\u00e9 \u2192 bar\u2026";
  const auto text = printed(report);
  CHECK(std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
  CHECK(has(text, "caf? -> bar..."));
  Style style;
  style.utf8 = true;
  CHECK(has(printed(report, style), "\u2717 PostgreSQL"));
}

TEST_CASE("observed values reach the terminal without control characters") {
  auto report = report_fixture();
  report.problems[0].evidence[0].value = "a\x1b]0;owned\x07\nb";
  CHECK(has(printed(report), "a\\x1b]0;owned\\x07\\nb"));
}

TEST_CASE("prose keeps to 80 columns") {
  auto report = report_fixture();
  for (int i = 0; i < 60; ++i) report.problems[0].symptom += " word";
  report.problems[0].evidence[0].value = std::string(30, 'x') + " " + std::string(30, 'y') + " " + std::string(30, 'z');
  std::string text = printed(report);
  text.resize(text.rfind('\n', text.size() - 2));  // the line of counts may be longer
  CHECK(widest(text) <= 80);
}

TEST_CASE("the report says where its commands belong, and how to ask for the same again") {
  Style style;
  style.enter = "/srv/two words";
  style.again = " --profile x";
  const auto text = printed(report_fixture(), style);
  CHECK(has(text, "cd '/srv/two words'"));
  CHECK(has(text, "doctor check --profile x --only database"));
  CHECK_FALSE(has(printed(report_fixture()), "cd "));
  style.quiet = true;
  CHECK_FALSE(has(printed(report_fixture(), style), "cd "));
  auto healthy = report_fixture();
  healthy.problems.clear();
  style.quiet = false;
  CHECK_FALSE(has(printed(healthy, style), "cd "));
}

TEST_CASE("a plain user learns once that root sees more, where something was not seen") {
  Style style;
  style.plain_user = true;
  auto report = report_fixture();
  report.unexamined = {{"file:.env", "env", "doctor may not read it"}};
  CHECK(has(printed(report, style), "sudo"));
  style.plain_user = false;
  CHECK_FALSE(has(printed(report, style), "sudo"));
  style.plain_user = true;
  report.unexamined.clear();
  CHECK_FALSE(has(printed(report, style), "sudo"));
}

TEST_CASE("roots that differ in their evidence alone are told once, with all evidence") {
  auto report = report_fixture();
  auto twin = report.problems.front();
  twin.subject = "endpoint:other:5432";
  twin.fingerprint = "00000000000000ff";
  twin.evidence = {{"user", "somebody", "127.0.0.1:5433", "host"}};
  report.problems.insert(report.problems.begin() + 1, twin);
  const auto count = [](const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  };
  auto text = printed(report);
  CHECK(count(text, twin.title) == 1);
  CHECK(has(text, "Also      endpoint:other:5432: user somebody (127.0.0.1:5433)"));
  Style quiet;
  quiet.quiet = true;
  CHECK(has(printed(report, quiet), "(endpoint:other:5432)"));
  CHECK_FALSE(has(printed(report_fixture(), quiet), "(endpoint:postgres:5432)"));
  INFO("what follows from it is told below its own title");
  for (auto& problem : report.problems)
    if (!problem.root) problem.caused_by = {twin.fingerprint};
  text = printed(report);
  CHECK(count(text, twin.title) == 2);
}

TEST_CASE("what only --deep would ask is named") {
  auto report = report_fixture();
  report.skipped.push_back({"setting:web/KEY", "upstream", "whether api.example.net accepts it: only with --deep"});
  report.skipped.push_back({"redis", "redis", "there is none"});
  const auto text = printed(report);
  CHECK(has(text, "setting:web/KEY: whether"));
  CHECK_FALSE(has(text, "there is none"));
}

TEST_CASE("quiet prints the titles of the roots and the last line") {
  Style style;
  style.quiet = true;
  const auto text = printed(report_fixture(), style);
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK_FALSE(has(text, "Symptom"));
}

TEST_CASE("verbose names every check and what was skipped") {
  Style style;
  style.verbose = true;
  const auto text = printed(report_fixture(), style);
  CHECK(has(text, "  env    failed         3 ms  Every setting is well.\n"));
  CHECK(has(text, "  jwt    unexamined     1 ms  permission denied\n"));
  CHECK(has(text, "  disk   passed         2 ms  There is room.\n"));
  CHECK(has(text, "  ports  skipped        0 ms  nothing listens\n"));
}

TEST_CASE("a report without findings says what it means, and what it does not") {
  Report report;
  report.system = "chatalot";
  report.directory = "/srv/chatalot";
  CHECK(has(printed(report), "No fault found."));
  report.unexamined = {{"endpoint:chatalot:8080", "health", "nothing runs"}};
  CHECK(has(printed(report), "No fault found in what could be examined."));
  report.unexamined.push_back({"endpoint:chatalot:8080", "websocket", "nothing runs"});
  const auto text = printed(report);
  CHECK(text.find("nothing runs") == text.rfind("nothing runs"));
  report.unexamined.push_back({"endpoint:chatalot:8080", "ports", "another reason"});
  CHECK(has(printed(report), "another reason"));
}
