#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "probes/resolve.hpp"
#include "probes/tcp.hpp"
#include "probes/transport.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"

using namespace std::chrono_literals;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::Outcome;
using doctor::ResolveAnswer;
namespace probes = doctor::probes;
namespace test = doctor::test;

namespace {

doctor::TcpQuestion to(const std::string& host, std::uint16_t port) {
  doctor::TcpQuestion question;
  question.host = host;
  question.port = port;
  return question;
}

probes::Resolver answering(std::vector<std::string> addresses) {
  return probes::Resolver{
      [addresses](const std::string&) -> Outcome<ResolveAnswer> { return ResolveAnswer{addresses}; }};
}

}  // namespace

TEST_CASE("localhost has a loopback address", "[resolve]") {
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::ResolveProbe probe{vantages};
  doctor::ResolveQuestion question;
  question.name = "localhost";
  const auto answer = probe.ask(question, Deadline::after(5s));
  REQUIRE(answer);
  for (const auto& address : answer->addresses) CHECK((address == "::1" || address.starts_with("127.")));
  CHECK(!answer->addresses.empty());
}

TEST_CASE("a numeric address is its own answer", "[resolve]") {
  probes::Resolver resolver;
  const auto deadline = Deadline::after(1s);
  CHECK(resolver.resolve("192.0.2.7", deadline)->addresses == std::vector<std::string>{"192.0.2.7"});
  CHECK(resolver.resolve("[::1]", deadline)->addresses == std::vector<std::string>{"::1"});
}

TEST_CASE("a name that cannot exist is not resolved, within the limit", "[resolve]") {
  probes::Resolver resolver;
  const auto started = Deadline::Clock::now();
  const auto answer = resolver.resolve("doctor-test.invalid", Deadline::after(2s));
  REQUIRE(!answer);
  // With a resolver that never answers, no name is ever known not to exist (RFC 6761 asks resolvers to know this one).
  const bool silent_resolver = answer.error().kind == FailureKind::timed_out;
  CHECK((answer.error().kind == FailureKind::name_not_resolved || silent_resolver));
  CHECK(answer.error().phase == "resolve");
  CHECK(Deadline::Clock::now() - started < 2500ms);
}

TEST_CASE("what cannot be a name is not looked up", "[resolve]") {
  probes::Resolver resolver{[](const std::string&) -> Outcome<ResolveAnswer> { throw std::logic_error{"asked"}; }};
  for (const auto& name : {std::string{}, std::string{"a\0b", 3}, std::string(300, 'a')})
    CHECK(resolver.resolve(name, Deadline::after(1s)).error().kind == FailureKind::name_not_resolved);
}

TEST_CASE("a resolver that hangs costs the deadline, and its late answer is kept", "[resolve]") {
  auto asked = std::make_shared<std::atomic<int>>(0);
  probes::Resolver resolver{[asked](const std::string&) -> Outcome<ResolveAnswer> {
    ++*asked;
    std::this_thread::sleep_for(400ms);
    return ResolveAnswer{{"192.0.2.1"}};
  }};
  const auto started = Deadline::Clock::now();
  const auto early = resolver.resolve("slow.example", Deadline::after(100ms));
  CHECK(early.error().kind == FailureKind::timed_out);
  CHECK(Deadline::Clock::now() - started < 300ms);
  std::stop_source source;
  source.request_stop();
  CHECK(resolver.resolve("slow.example", Deadline::after(1s, source.get_token())).error().kind ==
        FailureKind::cancelled);
  CHECK(resolver.resolve("slow.example", Deadline::after(2s)).has_value());
  CHECK(*asked == 1);
}

TEST_CASE("a port that listens accepts", "[tcp]") {
  const test::ScriptedServer server{test::silent()};
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::TcpProbe probe{vantages};
  const auto answer = probe.ask(to("127.0.0.1", server.port()), Deadline::after(5s));
  REQUIRE(answer);
  CHECK(answer->address == "127.0.0.1:" + std::to_string(server.port()));
}

TEST_CASE("a port on which nothing listens refuses", "[tcp]") {
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::TcpProbe probe{vantages};
  const auto port = test::closed_port();
  for (const auto* host : {"127.0.0.1", "localhost"}) {
    const auto answer = probe.ask(to(host, port), Deadline::after(5s));
    REQUIRE(!answer);
    CHECK(answer.error().kind == FailureKind::refused);
    CHECK(answer.error().code == "ECONNREFUSED");
    CHECK(answer.error().phase == "connect");
    CHECK(answer.error().address.find(":" + std::to_string(port)) != std::string::npos);
  }
}

TEST_CASE("a host that drops packets times out within the limit", "[tcp]") {
  const test::DeafListener listener;
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::TcpProbe probe{vantages};
  const auto started = Deadline::Clock::now();
  const auto answer = probe.ask(to("127.0.0.1", listener.port()), Deadline::after(500ms));
  REQUIRE(!answer);
  CHECK(answer.error().kind == FailureKind::timed_out);
  CHECK(answer.error().phase == "connect");
  CHECK(answer.error().address == "127.0.0.1:" + std::to_string(listener.port()));
  CHECK(answer.error().waited >= 450ms);
  CHECK(Deadline::Clock::now() - started < 700ms);
}

TEST_CASE("a stop ends a connect within 100 ms", "[tcp]") {
  const test::DeafListener listener;
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::TcpProbe probe{vantages};
  std::stop_source source;
  std::thread stopper{[&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  }};
  const auto started = Deadline::Clock::now();
  const auto answer = probe.ask(to("127.0.0.1", listener.port()), Deadline::after(5s, source.get_token()));
  CHECK(answer.error().kind == FailureKind::cancelled);
  CHECK(Deadline::Clock::now() - started < 350ms);
  stopper.join();
}

TEST_CASE("of several addresses the one that accepts wins", "[tcp]") {
  const test::ScriptedServer server{test::silent()};
  auto refused_first = answering({"127.0.0.2", "127.0.0.1"});
  probes::Vantages vantages{refused_first, {}};
  probes::TcpProbe probe{vantages};
  const auto started = Deadline::Clock::now();
  const auto answer = probe.ask(to("two.example", server.port()), Deadline::after(5s));
  REQUIRE(answer);
  CHECK(answer->address.starts_with("127.0.0.1:"));
  CHECK(Deadline::Clock::now() - started < 1s);
}

TEST_CASE("a dead first address delays, but does not hide, the second", "[tcp]") {
  const test::DeafListener deaf;
  const auto started = Deadline::Clock::now();
  // The same port on another loopback address: nothing listens there.
  const auto answer = probes::connect_to({"127.0.0.1", "127.0.0.2"}, deaf.port(), Deadline::after(1s));
  REQUIRE(!answer);
  CHECK(answer.error().kind == FailureKind::refused);
  CHECK(answer.error().address.starts_with("127.0.0.2:"));
  CHECK(Deadline::Clock::now() - started < 1300ms);
}

TEST_CASE("no address is a name that is not resolved", "[tcp]") {
  CHECK(probes::connect_to({}, 1, Deadline::after(1s)).error().kind == FailureKind::name_not_resolved);
}

TEST_CASE("doctor does not pretend to stand elsewhere", "[tcp][resolve]") {
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::TcpProbe tcp{vantages};
  auto question = to("127.0.0.1", 1);
  question.vantage = "container:\x1b[31m";
  const auto answer = tcp.ask(question, Deadline::after(1s));
  CHECK(answer.error().kind == FailureKind::permission_denied);
  CHECK(answer.error().detail.find('\x1b') == std::string::npos);
}

TEST_CASE("every errno has one kind", "[tcp]") {
  CHECK(probes::kind_of_errno(ECONNREFUSED) == FailureKind::refused);
  CHECK(probes::kind_of_errno(EHOSTUNREACH) == FailureKind::unreachable);
  CHECK(probes::kind_of_errno(ENETUNREACH) == FailureKind::unreachable);
  CHECK(probes::kind_of_errno(ETIMEDOUT) == FailureKind::timed_out);
  CHECK(probes::kind_of_errno(EACCES) == FailureKind::permission_denied);
  CHECK(probes::kind_of_errno(ECONNRESET) == FailureKind::protocol_error);
  CHECK(probes::failure_of_errno(ECONNREFUSED, "connect", "a", 5ms).code == "ECONNREFUSED");
  CHECK(probes::shown_address("::1", 5432) == "[::1]:5432");
}
