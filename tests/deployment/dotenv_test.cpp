#include "deployment/compose.hpp"
#include "support/catch.hpp"
#include "tests/deployment/compose_support.hpp"

using namespace doctor;
using deployment::Dotenv;
using deployment::Environment;
using deployment::parse_dotenv;
using test::problem_of;

namespace {

std::string value_of(const std::string& text, const Environment& shell = {}) {
  const Dotenv dotenv = parse_dotenv(text, ".env", shell);
  const auto* entry = dotenv.find("A");
  if (entry == nullptr) return "(none)";
  return entry->value.value_or("(bare)");
}

}  // namespace

TEST_CASE("dotenv: the value of one line") {
  struct Row {
    std::string text;
    std::string value;
  };
  const std::vector<Row> rows{
      {"A=1", "1"},
      {"A=", ""},
      {"A = spaced  \n", "spaced"},
      {"export A=1\n", "1"},
      {"exportA=1\n", "(none)"},
      {"A: yaml\n", "yaml"},
      {"A=x # comment\n", "x"},
      {"A=x#y\n", "x#y"},
      {"A=#x\n", "#x"},
      {"A= #x\n", "#x"},
      {"A=x\t# y\n", "x\t# y"},
      {"A=it's\n", "it's"},
      {"A='single $X'\n", "single $X"},
      {"A='don\\'t'\n", "don't"},
      {"A='a\\nb'\n", "a\\nb"},
      {"A=\"a\\nb\"\n", "a\nb"},
      {"A=\"a\nb\"\n", "a\nb"},
      {"A='a\nb'\n", "a\nb"},
      {"A=\"q\\\"q\"\n", "q\"q"},
      {"A=\"\\$X\"\n", "$X"},
      {"A=\"\\\\n\"\n", "\\n"},
      {"A=\"\\0101\"\n", "A"},
      {"A=\"\\012\"\n", "\\12"},
      {"A=\"\\q\"\n", "\\q"},
      {"A=a\\nb\n", "a\\nb"},
      {"A=$$X\n", "$X"},
      {"X=1\nA=${X}2$X\n", "121"},
      {"A=${X:-d}\n", "d"},
      {"X=\nA=${X:-d}|${X-d}\n", "d|"},
      {"X=1\nA=${X:+y}${Y+n}\n", "y"},
      {"A=${X:-${Y:-deep}}\n", "deep"},
      {"A=$\n", "$"},
      {"A=1$2\n", "1$2"},
      {"A=1\r\nB=2\r\n", "1"},
      {"\xef\xbb\xbf"
       "A=1\n",
       "1"},
      {"A=1\nA=2\n", "2"},
      {"A\n", "(bare)"},
      {"A", "(none)"},
      {"B=\"x\"A=y\n", "y"},
      {"A.B-C[0]=1\nA=2\n", "2"},
      {"A=\xc3\xa9\xe6\xbc\xa2\n", "\xc3\xa9\xe6\xbc\xa2"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const Dotenv dotenv = parse_dotenv(row.text, ".env", {});
    CHECK(value_of(row.text) == row.value);
    CHECK(problem_of(dotenv.problems, "env-file-invalid") == nullptr);
  }
}

TEST_CASE("dotenv: the shell wins in expansion") {
  CHECK(value_of("X=file\nA=$X\n", {{"X", "shell"}}) == "shell");
  CHECK(value_of("A=file\n", {{"A", "shell"}}) == "file");
}

TEST_CASE("dotenv: a broken line is a problem and the others are read") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"OK=1\nBAD!=2\nA=3\n", ".env:2"}, {"BAD NAME=2\nA=3\n", ".env:1"},     {"B=\"open\nA=3\n", ".env:1"},
      {"B=${\nA=3\n", ".env:1"},         {"B=${C:?needed}\nA=3\n", ".env:1"}, {"\n\n  B='open\nA=3\n", ".env:3"},
  };
  for (const auto& [text, where] : rows) {
    CAPTURE(text);
    const Dotenv dotenv = parse_dotenv(text, ".env", {});
    const FileProblem* problem = problem_of(dotenv.problems, "env-file-invalid");
    REQUIRE(problem != nullptr);
    CHECK(problem->subject == "file:.env");
    CHECK(problem->evidence.at("file") == ".env");
    CHECK(problem->evidence.at("where") == where);
    CHECK(problem->evidence.count("reason") == 1);
    REQUIRE(dotenv.find("A") != nullptr);
    CHECK(dotenv.find("A")->value == "3");
  }
}

TEST_CASE("dotenv: a duplicate names both places") {
  const Dotenv dotenv = parse_dotenv("A=1\nB=2\n  A=3\n", ".env", {});
  const FileProblem* problem = problem_of(dotenv.problems, "env-key-duplicated");
  REQUIRE(problem != nullptr);
  CHECK(problem->evidence == std::map<std::string, std::string>{
                                 {"setting", "A"}, {"file", ".env"}, {"where", ".env:3"}, {"first", ".env:1"}});
  CHECK(problem->place == Place{".env", 3, 3});
  CHECK(parse_dotenv("A=1\nB=2\n", ".env", {}).problems.empty());
}

TEST_CASE("dotenv: an entry knows its place, its expression and its variables") {
  const Dotenv dotenv = parse_dotenv("# c\n\nexport URL=\"http://$HOST:${PORT:-80}/\" # x\n", ".env", {});
  const auto* entry = dotenv.find("URL");
  REQUIRE(entry != nullptr);
  CHECK(entry->place == Place{".env", 3, 8});
  CHECK(entry->value == "http://:80/");
  CHECK(entry->expression == "http://$HOST:${PORT:-80}/");
  CHECK(entry->variables == std::vector<std::string>{"HOST", "PORT"});
}

TEST_CASE("dotenv: files that are no text, or too large") {
  const auto code = [](const std::string& text) {
    const Dotenv dotenv = parse_dotenv(text, ".env", {});
    return dotenv.problems.empty() ? std::string{} : dotenv.problems.front().code;
  };
  CHECK(code(std::string("A=\0", 3)) == "env-file-not-text");
  CHECK(code(std::string("\xff\xfe"
                         "A\0",
                         4)) == "env-file-not-text");
  CHECK(code("A=\xff\xfe\n").empty());  // as Docker Compose: any bytes but NUL are a value
  CHECK(code(std::string(4'000'001, '#')) == "env-file-oversized");
  CHECK(code(std::string(4'000'000, '#')).empty());
}

TEST_CASE("dotenv: expansion is bounded") {
  std::string doubling = "A0=0123456789\n";
  for (int i = 1; i < 64; ++i) {
    const std::string before = "${A" + std::to_string(i - 1) + "}";
    doubling += "A" + std::to_string(i) + "=" + before + before + "\n";
  }
  const Dotenv dotenv = parse_dotenv(doubling, ".env", {});
  CHECK(problem_of(dotenv.problems, "env-file-invalid") != nullptr);
  std::size_t total = 0;
  for (const auto& entry : dotenv.entries) total += entry.value.value_or("").size();
  CHECK(total <= 1'000'000);
  CHECK(problem_of(parse_dotenv("A=" + std::string(70'000, 'x'), ".env", {}).problems, "env-file-invalid") != nullptr);
}

TEST_CASE("dotenv: a file has at most 50,000 variables") {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += "A" + std::to_string(i) + "=\n";
  CHECK(parse_dotenv(text, ".env", {}).problems.empty());
  const Dotenv more = parse_dotenv(text + "B=\nC=\n", ".env", {});
  CHECK(more.entries.size() == 50'000);
  CHECK(problem_of(more.problems, "env-file-invalid") != nullptr);
}

TEST_CASE("dotenv: a problem never repeats a value") {
  const Dotenv dotenv =
      parse_dotenv("PASSWORD=\"hunter2hunter2\nX!Y=hunter2hunter2\nZ=${hunter2hunter2:?x}\n", ".env", {});
  REQUIRE(!dotenv.problems.empty());
  for (const auto& problem : dotenv.problems) CHECK(problem.evidence.at("reason").find("hunter2") == std::string::npos);
}
