#include "redact/stream_filter.hpp"

#include "support/catch.hpp"
#include "support/disguise.hpp"

using doctor::redact::Counts;
using doctor::redact::Redactor;
using doctor::redact::StreamFilter;

namespace {

const Redactor& redactor() {
  static const Redactor one{{{"DB_PASSWORD", "correct-horse-battery"}, {"DB_PASSWORD", "other-battery-horse"}}};
  return one;
}

struct Filtered {
  std::string text;
  Counts counts;
  std::size_t most = 0;  ///< bytes behind what has come
};

Filtered filtered(std::string_view text, std::size_t piece, StreamFilter::Mode mode = StreamFilter::Mode::everything) {
  Filtered out;
  StreamFilter filter{redactor(),
                      [&](std::string_view part) {
                        out.text += part;
                        return true;
                      },
                      mode};
  for (std::size_t at = 0; at < text.size(); at += piece) {
    filter.write(text.substr(at, piece));
    out.most = std::max(out.most, std::min(text.size(), at + piece) - std::min(out.text.size(), at));
  }
  filter.finish();
  out.counts = filter.counts();
  return out;
}

}  // namespace

TEST_CASE("a filter gives what the redactor gives, and counts by name") {
  const std::string text =
      "a correct-horse-battery b other-battery-horse\n-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFake\n"
      "abcdefghijklmnop\n-----END PRIVATE KEY-----\nurl postgres://u:pw12@h/x correct-horse-battery";
  const Counts counts{{"DB_PASSWORD", 2}, {"DB_PASSWORD:2", 1}, {"private-key", 1}, {"url-password", 1}};
  for (const std::size_t piece : {1U, 3U, 50U, 1000U}) {
    const auto out = filtered(text, piece);
    CHECK(out.text == redactor().redact(text));
    CHECK(out.counts == counts);
  }
  CHECK(redactor().redact("other-battery-horse") == "[redacted:DB_PASSWORD:2]");
}

TEST_CASE("what a filter counts stands in what it writes") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i) + " password=abc" + std::to_string(i) + " end\n";
  const auto out = filtered(text, 4096);
  CHECK(out.counts == Counts{{"password", 5000}});
  CHECK(out.text == redactor().redact(text));
}

TEST_CASE("a secret over the border of a batch, in every disguise") {
  for (const auto& [name, secret] : doctor::test::disguises("correct-horse-battery"))
    for (const std::size_t before : {64UL * 1024 - 60, 64UL * 1024 - 10, 128UL * 1024 - 33}) {
      std::string text;
      while (text.size() + 50 < before) text += "an ordinary line of a log, of 49 characters.....\n";
      text += "tail of it: " + secret + "\n" + std::string(70'000, '.') + "\n";
      const auto out = filtered(text, 64UL * 1024);
      CAPTURE(name, before);
      const bool same = out.text == redactor().redact(text);  // not shown: it is long
      CHECK(same);
      CHECK(out.counts == Counts{{"DB_PASSWORD", 1}});
    }
}

TEST_CASE("known values alone where doctor speaks itself") {
  const auto out = filtered("set password=abc1 to correct-horse-battery\n", 7, StreamFilter::Mode::known);
  CHECK(out.text == "set password=abc1 to [redacted:DB_PASSWORD]\n");
  CHECK(out.counts == Counts{{"DB_PASSWORD", 1}});
}

TEST_CASE("a line of nothing but secrets is bounded in memory") {
  std::string text = "first\n";
  while (text.size() < 2 * StreamFilter::most_held) text += "correct-horse-battery";
  text += "\nlast\n";
  const auto out = filtered(text, 10'000);
  CHECK(out.most <= StreamFilter::most_held);
  CHECK(out.text.find("battery") == std::string::npos);
  CHECK(out.text.starts_with("first\n"));
  CHECK(out.text.ends_with("\nlast\n"));
}

TEST_CASE("a long line is bounded in memory when secrets stand near each other") {
  std::string text;
  for (int i = 0; text.size() < 2 * StreamFilter::most_held; ++i)
    text += "\"password\": \"hidden" + std::to_string(i) + "\", ";
  const auto out = filtered(text, 10'000);
  CHECK(out.most <= StreamFilter::most_held);
  const bool same = out.text == redactor().redact(text);  // not shown: it is long
  CHECK(same);
}

TEST_CASE("a sink that wants no more ends it") {
  int calls = 0;
  StreamFilter filter{redactor(), [&](std::string_view) {
                        ++calls;
                        return false;
                      }};
  CHECK_FALSE(filter.write(std::string(100'000, '.') + "\n"));
  CHECK_FALSE(filter.write("more\n"));
  CHECK_FALSE(filter.finish());
  CHECK(calls == 1);
}
