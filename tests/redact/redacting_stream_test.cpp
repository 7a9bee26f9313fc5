#include "redact/redacting_stream.hpp"

#include <sstream>

#include "support/catch.hpp"

using doctor::redact::RedactingBuffer;
using doctor::redact::RedactingStream;
using doctor::redact::Redactor;

namespace {

std::shared_ptr<const Redactor> redactor() {
  return std::make_shared<const Redactor>(
      std::vector<doctor::redact::KnownSecret>{{"DB_PASSWORD", "correct-horse-battery"}});
}

std::string written(const std::string& text, std::size_t piece) {
  std::ostringstream sink;
  {
    RedactingStream stream{redactor(), sink};
    for (std::size_t at = 0; at < text.size(); at += piece) stream << text.substr(at, piece) << std::flush;
  }
  return sink.str();
}

}  // namespace

TEST_CASE("the pieces in which text is written make no difference") {
  const std::string text =
      "first correct-horse-battery\nDATABASE_URL=postgres://u:pa@h/x\n-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIFakeFakeFakeFake\nabcdefghijklmnop\n-----END PRIVATE KEY-----\nlast correct-horse-battery";
  const std::string expected =
      "first [redacted:DB_PASSWORD]\nDATABASE_URL=postgres://u:[redacted:url-password]@h/x\n[redacted:private-key]\n"
      "last [redacted:DB_PASSWORD]";
  CHECK(redactor()->redact(text) == expected);
  for (std::size_t piece = 1; piece <= text.size(); ++piece) CHECK(written(text, piece) == expected);
}

TEST_CASE("a flush lets whole lines go and keeps the rest") {
  std::ostringstream sink;
  RedactingStream stream{redactor(), sink};
  stream << "one\ncorrect-horse" << std::flush;
  CHECK(sink.str() == "one\n");
  stream << "-battery\n" << std::flush;
  CHECK(sink.str() == "one\n[redacted:DB_PASSWORD]\n");
  stream << "rest";
  stream.finish();
  CHECK(sink.str() == "one\n[redacted:DB_PASSWORD]\nrest");
}

TEST_CASE("characters one by one and empty writes") {
  std::ostringstream sink;
  {
    RedactingStream stream{redactor(), sink};
    stream << "" << std::flush;
    for (const char c : std::string{"x correct-horse-battery y"}) stream.put(c);
  }
  CHECK(sink.str() == "x [redacted:DB_PASSWORD] y");
}

TEST_CASE("a key without END does not hold the log back for ever") {
  std::ostringstream sink;
  RedactingStream stream{redactor(), sink};
  stream << "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFake\n" << std::flush;
  CHECK(sink.str().empty());
  stream << "a line of a log\n" << std::flush;
  CHECK(sink.str() == "[redacted:private-key]\na line of a log\n");
}

TEST_CASE("a line without end is bounded in memory and loses no secret") {
  std::ostringstream sink;
  std::string text;
  std::size_t count = 0;
  {
    RedactingStream stream{redactor(), sink};
    while (text.size() < 4 * RedactingBuffer::most_held) {
      std::string part = std::string(997 + count % 13, 'x') + "\"password\": \"hidden" + std::to_string(count) +
                         "\" correct-horse-battery ";
      stream << part;
      text += part;
      ++count;
      if (text.size() == 3 * RedactingBuffer::most_held) CHECK_FALSE(sink.str().empty());
    }
    CHECK(sink.str().size() > 2 * RedactingBuffer::most_held);
  }
  CHECK(sink.str() == redactor()->redact(text));
  CHECK(sink.str().find("hidden") == std::string::npos);
  CHECK(sink.str().find("battery") == std::string::npos);
}

TEST_CASE("a sink that fails shows in the stream") {
  std::ostringstream sink;
  RedactingStream stream{redactor(), sink};
  sink.setstate(std::ios::badbit);
  stream << "line\n" << std::flush;
  CHECK_FALSE(stream.good());
}
