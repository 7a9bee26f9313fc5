#include "doctor/format/dockerfile.hpp"

#include "support/catch.hpp"

using doctor::formats::read_dockerfile;

namespace {

/// "path:line path:line"
std::string sources(const std::string& text) {
  std::string found;
  for (const auto& source : read_dockerfile(text, "Dockerfile").sources)
    found += (found.empty() ? "" : " ") + source.path + ":" + std::to_string(source.line);
  return found;
}

}  // namespace

TEST_CASE("dockerfile: what COPY and ADD take from the context") {
  CHECK(sources("FROM a\nCOPY package.json package-lock.json ./\nADD src /app/src/\n") ==
        "package.json:2 package-lock.json:2 src:3");
  CHECK(sources("from a\ncopy --chown=1:1 --link ./x/../y/ /\n") == "y:2");
  CHECK(sources("FROM a\nCOPY . /app\nCOPY / /app\nCOPY ../up /app\n") == "up:4");
  CHECK(sources("FROM a\nCOPY \"a b\" 'c d' /x\n") == "a b:2 c d:2");
  CHECK(sources("FROM a\nCOPY onlyone\n").empty());
  CHECK(sources("COPY before from\n").empty());
  CHECK(sources("").empty());
}

TEST_CASE("dockerfile: the JSON form") {
  CHECK(sources("FROM a\nCOPY [\"a b\", \"c\", \"/x/\"]\n") == "a b:2 c:2");
  CHECK(sources("FROM a\nCOPY [\"a\\\\b\", \"/x/\"]\n").empty());
  CHECK(sources("FROM a\nCOPY [a] /x/\n").empty());
  CHECK(sources("FROM a\nCOPY []\n").empty());
  CHECK(sources("FROM a\nCOPY [\"a\" \"b\"]\n").empty());
}

TEST_CASE("dockerfile: what cannot be judged is left out") {
  CHECK(sources("FROM a\nCOPY $X ${Y}/z *.json a?b x[12] https://e.org/f git@h:r a\\b /x\n").empty());
  CHECK(sources("FROM a\nONBUILD COPY x /x\nENV COPY=x\n").empty());
}

TEST_CASE("dockerfile: lines that go on, and comments among them") {
  CHECK(sources("# syntax=docker/dockerfile:1\r\nFROM a\r\nCOPY one \\\r\n  # comment\r\n\r\n  two \\ \r\n  /x\r\nADD "
                "t /\r\n") == "one:3 two:3 t:8");
  CHECK(sources("# escape=`\nFROM a\nCOPY one `\n two /x\n") == "one:3 two:3");
  CHECK(sources("FROM a\n# escape=`\nCOPY one ` /x\n") == "one:3 `:3");
  CHECK(sources("FROM a\nCOPY one /x \\") == "one:2");
}

TEST_CASE("dockerfile: heredocs are no instructions") {
  CHECK(sources("FROM a\nRUN <<EOF\nCOPY not this\nEOF\nCOPY x /\n") == "x:5");
  CHECK(sources("FROM a\nRUN cat <<-\"A\" > b && cat 3<<B\nCOPY 1 1\n\tA\nCOPY 2 2\nB\nCOPY x /\n") == "x:7");
  CHECK(sources("FROM a\nCOPY <<EOF y /z/\nCOPY no no\nEOF\n") == "y:2");
  CHECK(sources("FROM a\nRUN read <<< x\nCOPY x /\n") == "x:3");
  CHECK(sources("FROM a\nRUN <<EOF\nCOPY x /\n").empty());
}

TEST_CASE("dockerfile: only the stages that the last one needs") {
  CHECK(sources("FROM a AS one\nCOPY 1 /\nFROM b AS two\nCOPY 2 /\nFROM ONE\nCOPY 3 /\n") == "1:2 3:6");
  CHECK(sources("FROM a\nCOPY 1 /\nFROM b AS two\nCOPY 2 /\nFROM c\nCOPY --from=0 /x /y\n") == "1:2");
  CHECK(sources("FROM a AS x\nCOPY 1 /\nFROM --platform=p c\nRUN --mount=type=bind,from=x,target=/t make\n") == "1:2");
  CHECK(sources("FROM a AS x\nCOPY 1 /\nFROM c\nCOPY --from=nginx:1 /x /y\n").empty());
}

TEST_CASE("dockerfile: bounds") {
  CHECK(read_dockerfile(std::string(4 * 1024 * 1024 + 1, '#'), "Dockerfile").refused);
  CHECK(read_dockerfile(std::string(100'002, '\n'), "Dockerfile").refused);
  std::string stages;
  for (int i = 0; i < 1001; ++i) stages += "FROM a\n";
  const auto refused = read_dockerfile(stages, "Dockerfile").refused;
  REQUIRE(refused);
  CHECK(refused->place.line == 1001);
}
