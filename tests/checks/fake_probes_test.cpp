#include "support/fake_probes.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

TEST_CASE("a fake answers the question that it knows and records every one", "[fakes]") {
  Fakes fakes;
  FileAnswer answer;
  answer.kind = "file";
  fakes.on<FileQuestion>().answer(FileQuestion{"/a"}, answer);
  auto probes = fakes.probes();
  const auto deadline = Deadline::after(std::chrono::seconds{1});
  CHECK(probes.ask(FileQuestion{"/a"}, deadline)->kind == "file");
  CHECK(probes.ask(FileQuestion{"/b"}, deadline).error().kind == FailureKind::not_recorded);
  REQUIRE(fakes.on<FileQuestion>().asked().size() == 2);
  CHECK(fakes.on<FileQuestion>().asked().back().path == "/b");
}

TEST_CASE("the newest rule of a fake wins", "[fakes]") {
  Fakes fakes;
  fakes.on<ClockQuestion>().answer_all(ClockAnswer{1});
  fakes.on<ClockQuestion>().answer_all(ClockAnswer{2});
  auto probes = fakes.probes();
  CHECK(probes.ask(ClockQuestion{}, Deadline::after(std::chrono::seconds{1}))->now == 2);
}

TEST_CASE("questions with other fields have other keys", "[fakes]") {
  PostgresRowsQuestion question;
  question.sql = "SELECT 1";
  auto other = question;
  CHECK(key_of(question) == key_of(other));
  other.session.port = 5433;
  CHECK(key_of(question) != key_of(other));
  other = question;
  other.parameters = {"1"};
  CHECK(key_of(question) != key_of(other));
}

}  // namespace
}  // namespace doctor::test
