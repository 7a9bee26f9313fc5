#include "probes/recorder.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "probes/recorder_template.hpp"
#include "probes/replayer_template.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::Outcome;
using doctor::TcpAnswer;
using doctor::TcpQuestion;
namespace probes = doctor::probes;

namespace {

Outcome<TcpAnswer> failed(FailureKind kind) {
  doctor::ProbeFailure failure;
  failure.kind = kind;
  failure.code = "ECONNREFUSED";
  failure.address = "127.0.0.1:5432";
  failure.waited = 12ms;
  return doctor::Failed{failure};
}

/// A probe that counts and answers as it is told.
class LiveProbe final : public doctor::Probe<TcpQuestion> {
 public:
  explicit LiveProbe(std::function<Outcome<TcpAnswer>(const Deadline&)> answer) : answer_{std::move(answer)} {}
  Outcome<TcpAnswer> ask(const TcpQuestion&, const Deadline& deadline) override {
    ++asked;
    return answer_(deadline);
  }
  std::atomic<int> asked{0};

 private:
  std::function<Outcome<TcpAnswer>(const Deadline&)> answer_;
};

TcpQuestion question(std::uint16_t port = 5432) {
  TcpQuestion asked;
  asked.host = "db";
  asked.port = port;
  return asked;
}

/// Sleeps as a probe does: until its own end or the asker's.
bool sleep_within(std::chrono::milliseconds span, const Deadline& deadline) {
  const auto end = Deadline::Clock::now() + span;
  while (Deadline::Clock::now() < end) {
    if (deadline.expired()) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

}  // namespace

TEST_CASE("the key of a question is its probe and its fields as compact JSON", "[recorder]") {
  CHECK(probes::canonical_key(question()) == R"(tcp {"host":"db","port":5432,"vantage":"host"})");
}

TEST_CASE("identical questions are asked once, failures included", "[recorder]") {
  probes::Tape tape;
  LiveProbe live{[](const Deadline&) { return failed(FailureKind::refused); }};
  probes::Recorder<TcpQuestion> recorder{live, tape};
  const auto deadline = Deadline::after(1s);
  for (int i = 0; i < 3; ++i) CHECK(recorder.ask(question(), deadline).error().kind == FailureKind::refused);
  CHECK(live.asked == 1);
  CHECK(!recorder.ask(question(1), deadline));
  CHECK(live.asked == 2);
  CHECK(tape.size() == 2);
}

TEST_CASE("what the world was asked is timed, what was remembered is not", "[recorder]") {
  probes::Tape tape;
  probes::ProbeTimes times;
  auto span = 30ms;
  LiveProbe live{[&](const Deadline& deadline) -> Outcome<TcpAnswer> {
    sleep_within(span, deadline);
    return TcpAnswer{"127.0.0.1:5432", span};
  }};
  probes::Recorder<TcpQuestion> recorder{live, tape, &times};
  CHECK(times.kinds().empty());
  for (int i = 0; i < 3; ++i) CHECK(recorder.ask(question(), Deadline::after(2s)));
  span = 0ms;
  CHECK(recorder.ask(question(1), Deadline::after(2s)));
  const auto kinds = times.kinds();
  REQUIRE(kinds.size() == 1);
  const auto& tcp = kinds.at("tcp");
  CHECK(tcp.asked == 2);
  CHECK(tcp.longest >= 30ms);
  CHECK(tcp.together >= tcp.longest);
  CHECK(tcp.slowest == probes::canonical_key(question()));
}

TEST_CASE("threads that ask the same at the same time share one answer", "[recorder]") {
  probes::Tape tape;
  LiveProbe live{[](const Deadline& deadline) -> Outcome<TcpAnswer> {
    sleep_within(50ms, deadline);
    return TcpAnswer{"127.0.0.1:5432", 50ms};
  }};
  probes::Recorder<TcpQuestion> recorder{live, tape};
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      const auto answer = recorder.ask(question(), Deadline::after(2s));
      if (answer && answer->address == "127.0.0.1:5432") ++right;
    });
  for (auto& thread : threads) thread.join();
  CHECK(right == 8);
  CHECK(live.asked == 1);
}

TEST_CASE("a waiter gives up at its own deadline or stop", "[recorder]") {
  probes::Tape tape;
  LiveProbe live{[](const Deadline& deadline) -> Outcome<TcpAnswer> {
    sleep_within(600ms, deadline);
    return TcpAnswer{"127.0.0.1:5432", 600ms};
  }};
  probes::Recorder<TcpQuestion> recorder{live, tape};
  std::thread first{[&] { recorder.ask(question(), Deadline::after(2s)); }};
  while (live.asked == 0) std::this_thread::sleep_for(1ms);

  const auto started = Deadline::Clock::now();
  const auto late = recorder.ask(question(), Deadline::after(60ms));
  CHECK(late.error().kind == FailureKind::timed_out);
  CHECK(late.error().waited >= 50ms);
  std::stop_source source;
  source.request_stop();
  CHECK(recorder.ask(question(), Deadline::after(2s, source.get_token())).error().kind == FailureKind::cancelled);
  CHECK(Deadline::Clock::now() - started < 400ms);
  first.join();
  CHECK(recorder.ask(question(), Deadline::after(60ms)).has_value());
  CHECK(live.asked == 1);
}

TEST_CASE("an asker's own deadline or stop does not spoil the answer for others", "[recorder]") {
  probes::Tape tape;
  LiveProbe live{[](const Deadline& deadline) -> Outcome<TcpAnswer> {
    if (!sleep_within(100ms, deadline))
      return failed(deadline.stopped() ? FailureKind::cancelled : FailureKind::timed_out);
    return TcpAnswer{"127.0.0.1:5432", 100ms};
  }};
  probes::Recorder<TcpQuestion> recorder{live, tape};

  SECTION("deadline") {
    CHECK(recorder.ask(question(), Deadline::after(20ms)).error().kind == FailureKind::timed_out);
    CHECK(tape.size() == 1);  // observed, until something better is known
  }
  SECTION("stop") {
    std::stop_source source;
    source.request_stop();
    CHECK(recorder.ask(question(), Deadline::after(1s, source.get_token())).error().kind == FailureKind::cancelled);
    CHECK(tape.size() == 0);
  }
  SECTION("a waiter takes over") {
    std::thread hasty{[&] { recorder.ask(question(), Deadline::after(40ms)); }};
    while (live.asked == 0) std::this_thread::sleep_for(1ms);
    CHECK(recorder.ask(question(), Deadline::after(1s)).has_value());
    hasty.join();
  }
  CHECK(recorder.ask(question(), Deadline::after(1s)).has_value());
  CHECK(live.asked == 2);
  CHECK(tape.find(probes::canonical_key(question()))->find("\"answer\"") != std::string::npos);
}

TEST_CASE("a timeout of the probe itself is kept", "[recorder]") {
  probes::Tape tape;
  LiveProbe live{[](const Deadline&) { return failed(FailureKind::timed_out); }};
  probes::Recorder<TcpQuestion> recorder{live, tape};
  for (int i = 0; i < 3; ++i) recorder.ask(question(), Deadline::after(10s));
  CHECK(live.asked == 1);
}

TEST_CASE("an exception of a probe leaves the question open", "[recorder]") {
  probes::Tape tape;
  LiveProbe live{[](const Deadline&) -> Outcome<TcpAnswer> { throw std::logic_error{"bug"}; }};
  probes::Recorder<TcpQuestion> recorder{live, tape};
  CHECK_THROWS_AS(recorder.ask(question(), Deadline::after(1s)), std::logic_error);
  CHECK_THROWS_AS(recorder.ask(question(), Deadline::after(1s)), std::logic_error);
  CHECK(live.asked == 2);
  CHECK(tape.size() == 0);
}

TEST_CASE("what was recorded is replayed, through JSON", "[recorder]") {
  probes::Tape tape;
  LiveProbe live{[](const Deadline&) { return failed(FailureKind::refused); }};
  probes::Recorder<TcpQuestion> recorder{live, tape};
  recorder.ask(question(), Deadline::after(1s));

  const auto read = probes::Tape::from_json(tape.to_json());
  REQUIRE(read);
  probes::ReplayingProbes replayed{*read};
  const auto answer = replayed.probes().ask(question(), Deadline::after(1s));
  REQUIRE(!answer);
  CHECK(answer.error().kind == FailureKind::refused);
  CHECK(answer.error().code == "ECONNREFUSED");
  CHECK(answer.error().address == "127.0.0.1:5432");
  CHECK(answer.error().waited == 12ms);
  CHECK(read->to_json() == tape.to_json());
}

TEST_CASE("a question that was not asked is not recorded", "[recorder]") {
  const probes::Tape tape;
  probes::ReplayingProbes replayed{tape};
  const auto answer = replayed.probes().ask(question(), Deadline::after(1s));
  CHECK(answer.error().kind == FailureKind::not_recorded);
  CHECK(answer.error().detail == "not in the bundle");
}

TEST_CASE("every kind of question is recorded and replayed by the sets", "[recorder]") {
  probes::Tape tape;
  tape.write(probes::canonical_key(doctor::ClockQuestion{}), R"({"answer":{"now":77}})");
  doctor::PostgresRowsQuestion rows;
  rows.sql = "SELECT 1";
  tape.write(probes::canonical_key(rows), R"({"answer":{"columns":["a"],"rows":[["1"],[null]]}})");
  probes::ReplayingProbes replayed{tape};
  probes::Tape second;
  probes::RecordingProbes recording{replayed.probes(), second};

  CHECK(recording.probes().ask(doctor::ClockQuestion{}, Deadline::after(1s))->now == 77);
  const auto answer = recording.probes().ask(rows, Deadline::after(1s));
  REQUIRE(answer);
  REQUIRE(answer->rows.size() == 2);
  CHECK(answer->rows[0][0] == "1");
  CHECK(!answer->rows[1][0]);
  CHECK(second.to_json() == tape.to_json());
}

TEST_CASE("bytes that are not UTF-8 can be recorded", "[recorder]") {
  probes::Tape tape;
  doctor::HttpAnswer body;
  body.body = "a\xff\x1b";
  tape.write("http {}", probes::encoded(Outcome<doctor::HttpAnswer>{body}));
  const auto read = probes::Tape::from_json(tape.to_json());
  REQUIRE(read);
  CHECK(probes::decoded<doctor::HttpAnswer>(*read->find("http {}"))->body == "a\xef\xbf\xbd\x1b");
}

TEST_CASE("a broken tape is refused with its position and without its text", "[recorder]") {
  const auto error = [](const std::string& text) {
    const auto tape = probes::Tape::from_json(text);
    REQUIRE(!tape);
    return tape.error();
  };
  CHECK(error("{\n  \"secret\" oops").find("line 2, column ") == 0);
  CHECK(error("{\n  \"secret\" oops").find("secret") == std::string::npos);
  CHECK(error("").find("line 1") == 0);
  CHECK(error(std::string(100'000, '[')) == "line 1, column 65: deeper than 64 levels");
  CHECK(error(std::string(probes::Tape::most_bytes + 1, ' ')) == "larger than 64 MB");
  for (const auto* text : {"[]", "{}", "7", "{\"schema\":1,\"answers\":{}}", "{\"schema\":\"doctor-tape/v1\"}",
                           "{\"schema\":\"doctor-tape/v1\",\"answers\":[]}"})
    CHECK(!error(text).empty());
}

TEST_CASE("an answer of the wrong form is not recorded", "[recorder]") {
  for (const auto* text :
       {"", "null", "7", "[]", "{}", R"({"answer":7})", R"({"answer":{"address":7}})",
        R"({"failure":{"kind":"fancy"}})", R"({"failure":{}})", R"({"failure":7})", R"({"answer":{"took":"x"}})"}) {
    INFO(text);
    probes::Tape tape;
    tape.write(probes::canonical_key(question()), text);
    probes::Replayer<TcpQuestion> replayer{tape};
    CHECK(replayer.ask(question(), Deadline::after(1s)).error().kind == FailureKind::not_recorded);
  }
}
