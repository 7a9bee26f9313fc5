#include "logs/line.hpp"

#include "logs/anchor.hpp"
#include "logs/matcher.hpp"
#include "logs/splitter.hpp"
#include "support/catch.hpp"

using namespace doctor::logs;

namespace {

Level level_of(std::string_view text) {
  return LineReader{}.read(text).level;
}

std::int64_t time_of(std::string_view text) {
  return LineReader{}.read(text).at;
}

std::vector<std::string> split(const std::vector<std::string>& pieces) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  const auto take = [&](std::string_view line) { lines.emplace_back(line); };
  for (const auto& piece : pieces) splitter.feed(piece, take);
  splitter.finish(take);
  return lines;
}

}  // namespace

TEST_CASE("the level of a line is found where programs write it", "[logs]") {
  CHECK(level_of(
            "\x1b[2m2026-02-28T22:30:30.123456Z\x1b[0m \x1b[31mERROR\x1b[0m \x1b[2mapp::x\x1b[0m\x1b[2m:\x1b[0m x") ==
        Level::error);
  CHECK(level_of("2026-02-28T22:30:30.123456Z  INFO app: 0 ERROR left") == Level::info);
  CHECK(level_of("2026-02-28 22:30:30,123 [main] ERROR com.example.App - boom") == Level::error);
  CHECK(level_of("22:30:30.123 [http-nio-1] WARN  c.e.App - slow") == Level::warning);
  CHECK(level_of("ERROR:root:boom") == Level::error);
  CHECK(level_of("2026-02-28 22:30:30,123 - app.db - CRITICAL - boom") == Level::fatal);
  CHECK(level_of("2026-02-28 22:30:30.123 UTC [31] FATAL:  the role is gone") == Level::fatal);
  CHECK(level_of("2026-02-28 22:30:30.123 UTC [31] LOG:  ERROR is a word") == Level::info);
  CHECK(level_of("2026/02/28 22:30:30 [error] 31#31: *1 open() failed") == Level::error);
  CHECK(level_of("2026-02-28T22:30:30Z ERR Unable to reach the origin service") == Level::error);
  CHECK(level_of("E0228 22:30:30.123456       1 server.go:100] boom") == Level::error);
  CHECK(level_of("1:M 28 Feb 2026 22:30:30.123 # WARNING overcommit") == Level::warning);
  CHECK(level_of("1:M 28 Feb 2026 22:30:30.123 * Ready to accept connections") == Level::info);
  CHECK(level_of("time=\"2026-02-28T22:30:30Z\" level=fatal msg=\"boom\"") == Level::fatal);
  CHECK(level_of("ts=2026-02-28T22:30:30Z level=info msg=\"error\"") == Level::info);
  CHECK(level_of("Error: Permission denied (os error 13)") == Level::fatal);
  CHECK(level_of("thread 'main' panicked at src/main.rs:1:2:") == Level::fatal);
  CHECK(level_of("Traceback (most recent call last):") == Level::error);
  CHECK(level_of("panic: runtime error: index out of range") == Level::fatal);
}

TEST_CASE("prose has no level", "[logs]") {
  CHECK(level_of("the ERROR page was served") == Level::none);
  CHECK(level_of("10.0.0.1 - - [28/Feb/2026:22:30:30 +0000] \"GET /error HTTP/1.1\" 500 12") == Level::none);
  CHECK(level_of("no error: all is well") == Level::none);
  CHECK(level_of("Errors: 0") == Level::none);
  CHECK(level_of("thread 'main' started") == Level::none);
  CHECK(level_of("") == Level::none);
}

TEST_CASE("times in the forms that logs have", "[logs]") {
  constexpr std::int64_t at = 1772317830;  // 2026-02-28T22:30:30Z
  CHECK(time_of("2026-02-28T22:30:30Z x") == at);
  CHECK(time_of("2026-02-28T22:30:30.123456789Z x") == at);
  CHECK(time_of("2026-02-28T23:30:30+01:00 x") == at);
  CHECK(time_of("2026-02-28T23:30:30.5+0100 x") == at);
  CHECK(time_of("2026-02-28 22:30:30.123 UTC [1] LOG:  x") == at);
  CHECK(time_of("2026-02-28 22:30:30,123 [main] INFO x") == at);
  CHECK(time_of("[2026-02-28 22:30:30] x") == at);
  CHECK(time_of("2026/02/28 22:30:30 [error] x") == at);
  CHECK(LineReader{3600}.read("2026-02-28 23:30:30 x").at == at);
  CHECK(LineReader{3600}.read("2026-02-28 23:30:30 CET x").at == at);
  CHECK(LineReader{3600}.read("2026-02-28 22:30:30 UTC x").at == at);
  CHECK(time_of("2026-02-28 x") == 0);
  CHECK(time_of("2026-13-28T22:30:30Z x") == 0);
  CHECK(time_of("2026-02-28T22:61:30Z x") == 0);
  CHECK(time_of("2026-02-28T22:3") == 0);
  CHECK(time_of("22:30:30 x") == 0);
}

TEST_CASE("JSON lines", "[logs]") {
  LineReader reader;
  const auto line = reader.read(
      R"({"time":"2026-02-28T22:30:30Z","level":"error","msg":"user \"x\" said\tno","nested":{"msg":"inner"}})");
  CHECK(line.message == "user \"x\" said\tno");
  CHECK(line.level == Level::error);
  CHECK(line.at == 1772317830);
  CHECK(reader.read(R"({"level":50,"time":1772317830123,"msg":"pino"})").level == Level::error);
  CHECK(reader.read(R"({"level":50,"time":1772317830123,"msg":"pino"})").at == 1772317830);
  CHECK(reader.read(R"({"ts":1772317830.25,"severity":"WARNING","message":"zap"})").at == 1772317830);
  CHECK(reader.read(R"({"msg":"breaks o)").message.empty());
  CHECK(reader.read(R"({"level":"error","msg":"whole","rest":"breaks o)").message == "whole");
  CHECK(reader.read("{not json} ERROR").message.empty());
  CHECK(reader.read("{" + std::string(50'000, '[')).level == Level::none);
  CHECK(reader.read(R"({"msg":{"a":1},"level":["error"]})").level == Level::none);
}

TEST_CASE("colours and other terminal codes disappear", "[logs]") {
  LineReader reader;
  CHECK(reader.read("\x1b[1;31mred\x1b[0m and \x1b]0;title\a plain").text == "red and  plain");
  CHECK(reader.read("\x1b]0;title\x1b\\plain").text == "plain");
  CHECK(reader.read("\x1b[31").text.empty());
  CHECK(reader.read("x\x1b").text == "x");
}

TEST_CASE("lines end with LF, CR or both, wherever the stream is cut", "[logs]") {
  const std::vector<std::string> expected{"one", "two", "three"};
  CHECK(split({"one\ntwo\nthree\n"}) == expected);
  CHECK(split({"one\r\ntwo\r\nthree"}) == expected);
  CHECK(split({"one\rtwo\r\n\nthree\n"}) == expected);
  CHECK(split({"o", "ne\r", "\ntw", "o\n", "", "three"}) == expected);
  CHECK(split({}).empty());
}

TEST_CASE("a line is kept up to 64 KB", "[logs]") {
  const auto longest = LineSplitter::most_line;
  for (const auto& pieces :
       {std::vector<std::string>{std::string(3 * longest, 'x') + "\nnext\n"},
        std::vector<std::string>{std::string(2 * longest, 'x'), std::string(longest, 'x') + "\nnext\n"}}) {
    LineSplitter splitter;
    std::vector<std::size_t> sizes;
    for (const auto& piece : pieces) splitter.feed(piece, [&](std::string_view line) { sizes.push_back(line.size()); });
    CHECK(sizes == std::vector<std::size_t>{longest, 4});
    CHECK(splitter.skipped() == 2 * longest);
  }
}

TEST_CASE("the texts that every match must hold", "[logs]") {
  using Texts = std::vector<std::string>;
  CHECK(anchors_of("Permission denied \\(os error 13\\)", 7) == Texts{"permission denied (os error 13)"});
  CHECK(anchors_of("migration (?P<v>[0-9]+) was previously applied", 7) == Texts{" was previously applied"});
  CHECK(anchors_of("first text|second text", 7) == Texts{"first text", "second text"});
  CHECK(anchors_of("optional texts?", 7) == Texts{"optional text"});
  CHECK(anchors_of("abcdefgh+ijklmnopq", 7) == Texts{"ijklmnopq"});
  CHECK(anchors_of("[a-z]+(?:x|y)+", 7).empty());
  CHECK(anchors_of("long enough|short", 7).empty());
  CHECK(anchors_of("(?i)case does not matter", 7).empty());
  CHECK(anchors_of("\\Qquoted text\\E", 7).empty());
  CHECK(anchors_of("\\x41bcdefghi", 7).empty());
  CHECK(anchors_of("", 7).empty());
  CHECK(anchors_of("unclosed [class of text", 7).empty());
  CHECK(anchors_of("unclosed (group of text", 7).empty());
}

TEST_CASE("patterns are found at every position of a line, in both cases only where the pattern says so", "[logs]") {
  const Matcher matcher{{"needle text", "(?P<word>[a-z]+) is the Word", "no anchor|x{2}", "invalid("}};
  for (std::size_t before = 0; before < 9; ++before)
    for (std::size_t after = 0; after < 5; ++after) {
      std::vector<std::size_t> found;
      const auto text = std::string(before, '.') + "needle text" + std::string(after, '.');
      matcher.candidates(text, found);
      CHECK(found == std::vector<std::size_t>{0, 2});
      CHECK(matcher.matches(0, text));
    }
  std::vector<std::size_t> found;
  matcher.candidates("the NEEDLE TEXT", found);
  CHECK(found == std::vector<std::size_t>{0, 2});  // a candidate, and RE2 decides
  CHECK_FALSE(matcher.matches(0, "the NEEDLE TEXT"));
  CHECK(matcher.matches(2, "axxb"));
  CHECK_FALSE(matcher.matches(3, "invalid("));
  CHECK(matcher.groups(1, "this is the Word") == std::map<std::string, std::string>{{"word", "this"}});
  CHECK(matcher.groups(1, "nothing").empty());
}
