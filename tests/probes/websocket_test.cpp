#include "probes/websocket.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "doctor/format/websocket.hpp"
#include "probes/websocket_handshake.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/scripted_server.hpp"

using namespace std::chrono_literals;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::WebSocketAnswer;
using doctor::WebSocketQuestion;
namespace formats = doctor::formats;
namespace probes = doctor::probes;
namespace test = doctor::test;
using Milliseconds = std::chrono::milliseconds;

namespace {

WebSocketQuestion question_to(const std::string& url) {
  WebSocketQuestion question;
  question.url = url;
  question.listen = 500ms;
  return question;
}

WebSocketQuestion question_to(const test::ScriptedServer& server) {
  return question_to(server.url("/ws", "ws"));
}

doctor::Outcome<WebSocketAnswer> ask(const WebSocketQuestion& question, Milliseconds span = 10s) {
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::WebSocketProbe probe{vantages};
  return probe.ask(question, Deadline::after(span));
}

WebSocketAnswer answer_of(const WebSocketQuestion& question, Milliseconds span = 10s) {
  auto answer = ask(question, span);
  if (!answer) FAIL(to_string(answer.error().kind) << " " << answer.error().detail);
  return std::move(*answer);
}

/// The failure must come within the time given and be safe to print.
doctor::ProbeFailure failure_of(const WebSocketQuestion& question, Milliseconds span = 10s) {
  const auto started = Deadline::Clock::now();
  const auto answer = ask(question, span);
  CHECK(Deadline::Clock::now() - started < span + 500ms);
  REQUIRE(!answer);
  CHECK(answer.error().detail.find('\x1b') == std::string::npos);
  return answer.error();
}

std::string key_in(const std::string& request) {
  const std::string name = "Sec-WebSocket-Key: ";
  const auto found = request.find(name);
  if (found == std::string::npos) return {};  // the client left before it asked
  const auto begin = found + name.size();
  return request.substr(begin, request.find('\r', begin) - begin);
}

std::string switching(const std::string& accept, const std::string& more = {}) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         accept + "\r\n" + more + "\r\n";
}

/// Answers the handshake as it should be, and then does the rest.
test::Behaviour opening(std::function<void(test::Peer&)> then) {
  return [then = std::move(then)](test::Peer& peer) {
    const auto request = peer.receive_until("\r\n\r\n");
    if (peer.send(switching(probes::accept_of(key_in(request))))) then(peer);
  };
}

test::Behaviour opening_and_sending(const std::string& frames) {
  return opening([frames](test::Peer& peer) {
    peer.send(frames);
    peer.stay_silent();
  });
}

/// Answers any request with these bytes.
test::Behaviour serving(const std::string& bytes) {
  return [bytes](test::Peer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send(bytes);
  };
}

/// Answers with a head made for the key.
test::Behaviour heading(std::function<std::string(const std::string& accept)> head) {
  return [head = std::move(head)](test::Peer& peer) {
    const auto request = peer.receive_until("\r\n\r\n");
    peer.send(head(probes::accept_of(key_in(request))));
    peer.stay_silent();
  };
}

std::string frame(int first, const std::string& payload) {
  std::string text;
  text += static_cast<char>(first);
  text += static_cast<char>(payload.size());
  return text + payload;
}

/// A certificate authority that this process trusts for the time of a test.
class Trusted {
 public:
  explicit Trusted(const std::string& pem) {
    path_ = std::filesystem::temp_directory_path() / ("doctor-ws-ca-" + std::to_string(::getpid()) + ".pem");
    std::ofstream{path_} << pem;
    ::setenv("SSL_CERT_FILE", path_.c_str(), 1);
  }
  Trusted(const Trusted&) = delete;
  Trusted& operator=(const Trusted&) = delete;
  ~Trusted() {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove(path_);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("the handshake follows RFC 6455", "[websocket]") {
  CHECK(probes::accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // section 1.3
  const test::ScriptedServer server{opening_and_sending(frame(0x81, "hello"))};
  auto question = question_to(server);
  question.headers = {{"Origin", "https://chat.example.com"}};
  question.send = "hi";
  const auto answer = answer_of(question);
  CHECK(answer.status == 101);
  CHECK(answer.problem.empty());
  REQUIRE(answer.messages.size() == 1);
  CHECK(answer.messages[0].kind == "text");
  CHECK(answer.messages[0].text == "hello");
  CHECK(answer.ended == "listened");
  CHECK(answer.address == "127.0.0.1:" + std::to_string(server.port()));
  const auto request = server.received();
  CHECK(request.starts_with("GET /ws HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
  for (const auto* line : {"Upgrade: websocket\r\n", "Connection: Upgrade\r\n", "Sec-WebSocket-Version: 13\r\n",
                           "Origin: https://chat.example.com\r\n"})
    CHECK(request.find(line) != std::string::npos);
  CHECK(key_in(request).size() == 24);
  CHECK(request.find("Sec-WebSocket-Extensions") == std::string::npos);
  CHECK(request.find("hi", request.find("\r\n\r\n")) == std::string::npos);  // masked
}

TEST_CASE("every handshake has a key of its own", "[websocket]") {
  const test::ScriptedServer server{opening_and_sending("")};
  auto question = question_to(server);
  question.listen = 10ms;
  answer_of(question);
  const auto first = key_in(server.received());
  answer_of(question);
  const auto second = key_in(server.received().substr(server.received().rfind("GET /ws")));
  CHECK(first != second);
}

TEST_CASE("a wss handshake dials another address and keeps the name of its URL", "[websocket]") {
  const auto certificate = test::make_certificate({"chat.example.com"});
  const Trusted trusted{certificate.certificate};
  const test::ScriptedServer server{opening_and_sending(frame(0x81, "hello")), certificate};
  auto question = question_to("wss://chat.example.com/ws");
  question.connect = "127.0.0.1:" + std::to_string(server.port());
  const auto answer = answer_of(question);
  CHECK(answer.status == 101);
  CHECK(answer.messages.size() == 1);
  CHECK(server.received().find("Host: chat.example.com\r\n") != std::string::npos);
}

TEST_CASE("a bad certificate is told as what it is", "[websocket]") {
  const auto code = [](const test::Certificate& certificate, bool trusted) {
    const Trusted authority{trusted ? certificate.certificate : test::make_certificate({"other"}).certificate};
    const test::ScriptedServer server{opening_and_sending(""), certificate};
    const auto failure = failure_of(question_to(server.url("/ws", "wss")));
    CHECK(failure.kind == FailureKind::tls_rejected);
    CHECK(failure.phase == "tls");
    return failure.code;
  };
  CHECK(code(test::make_certificate({"127.0.0.1"}), false) == "certificate-untrusted");
  CHECK(code(test::make_certificate({"127.0.0.1"}, -30, -1), true) == "certificate-expired");
  CHECK(code(test::make_certificate({"127.0.0.1"}, 5, 30), true) == "certificate-not-yet-valid");
  CHECK(code(test::make_certificate({"other.example.com"}), true) == "certificate-name");
  const test::ScriptedServer plain{test::answering("HTTP/1.1 400 Bad Request\r\n\r\n")};
  CHECK(failure_of(question_to(plain.url("/ws", "wss"))).code == "not-tls");
  const test::ScriptedServer leaving{test::closing()};
  CHECK(failure_of(question_to(leaving.url("/ws", "wss"))).kind == FailureKind::tls_rejected);
}

TEST_CASE("a refusal is a value with the beginning of its body", "[websocket]") {
  const std::string text = "Connection header did not include 'upgrade'";
  const auto body_of = [](const std::string& bytes) {
    const test::ScriptedServer server{serving(bytes)};
    return answer_of(question_to(server));
  };
  SECTION("with a length") {
    const auto answer =
        body_of("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 43\r\n\r\n" + text + "more");
    CHECK(answer.status == 400);
    CHECK(answer.header("content-type") == "text/plain");
    CHECK(answer.body == text);
    CHECK(answer.problem.empty());
  }
  SECTION("in chunks") {
    const auto answer = body_of(
        "HTTP/1.1 426 Upgrade Required\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n "
        "world\r\n0\r\n\r\n");
    CHECK(answer.status == 426);
    CHECK(answer.body == "hello world");
  }
  SECTION("until the end") {
    CHECK(body_of("HTTP/1.0 502 Bad Gateway\r\n\r\n<html>").body == "<html>");
  }
  SECTION("after interim answers") {
    CHECK(body_of("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").status == 403);
  }
  SECTION("an endless one is cut at 64 KB") {
    const test::ScriptedServer server{
        test::endless("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", std::string(4096, 'x'))};
    CHECK(answer_of(question_to(server)).body.size() == 64UL * 1024);
  }
  SECTION("one that never comes") {
    const test::ScriptedServer server{[](test::Peer& peer) {
      peer.receive_until("\r\n\r\n");
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
      peer.stay_silent();
    }};
    CHECK(answer_of(question_to(server)).body == "ab");
  }
}

TEST_CASE("a 101 that is no handshake says why", "[websocket]") {
  const auto problem = [](std::function<std::string(const std::string&)> head) {
    const test::ScriptedServer server{heading(std::move(head))};
    const auto answer = answer_of(question_to(server));
    CHECK(answer.status == 101);
    return answer.problem;
  };
  const std::string line = "HTTP/1.1 101 Switching Protocols\r\n";
  CHECK(problem([&](const auto& accept) {
          return line + "Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n";
        }) == "the Upgrade header is missing");
  CHECK(problem([&](const auto& accept) {
          return line + "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n";
        }) == "the Upgrade header does not say websocket");
  CHECK(problem([&](const auto& accept) {
          return line + "Upgrade: websocket\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n";
        }) == "the Connection header is missing");
  CHECK(problem([&](const auto& accept) {
          return line + "Upgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: " + accept + "\r\n\r\n";
        }) == "the Connection header does not say upgrade");
  CHECK(problem([&](const auto&) { return line + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"; }) ==
        "the Sec-WebSocket-Accept header is missing");
  CHECK(problem([](const auto&) { return switching("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }) ==
        "the Sec-WebSocket-Accept header does not answer the key that was sent");
  CHECK(problem([](const auto& accept) { return switching(accept, "Sec-WebSocket-Accept: x\r\n"); }) ==
        "there is more than one Sec-WebSocket-Accept header");
  CHECK(problem([](const auto& accept) {
          return switching(accept, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
        }) == "an extension was chosen that nobody asked for");
  CHECK(problem([](const auto& accept) { return switching(accept, "Sec-WebSocket-Protocol: chat\r\n"); }) ==
        "a subprotocol was chosen that nobody asked for");
  CHECK(problem([](const auto& accept) { return "HTTP/1.0" + switching(accept).substr(8); }) ==
        "the answer is HTTP/1.0");
  CHECK(problem([](const auto& accept) {  // case and order do not matter (RFC 9110, 7.6.1 and 7.8)
          return "HTTP/1.1 101\r\nUPGRADE: WebSocket\r\nconnection: keep-alive\r\nconnection: uPGRADE\r\n"
                 "sec-websocket-accept:" +
                 accept + "  \r\n\r\n";
        })
            .empty());
}

TEST_CASE("a subprotocol is asked for and must be the one that is chosen", "[websocket]") {
  const auto ask_for = [](const std::string& chosen) {
    const test::ScriptedServer server{
        heading([&](const auto& accept) { return switching(accept, "Sec-WebSocket-Protocol: " + chosen + "\r\n"); })};
    auto question = question_to(server);
    question.subprotocol = "chat";
    const auto answer = answer_of(question);
    CHECK(server.received().find("Sec-WebSocket-Protocol: chat\r\n") != std::string::npos);
    return answer;
  };
  CHECK(ask_for("chat").subprotocol == "chat");
  CHECK(ask_for("chat").problem.empty());
  CHECK(ask_for("other").problem == "another subprotocol was chosen than was asked for");
}

TEST_CASE("what ends a websocket, and who", "[websocket]") {
  SECTION("the server closes with a code and a reason") {
    const test::ScriptedServer server{
        opening_and_sending(frame(0x88, formats::websocket_close_payload(1008, "policy")))};
    const auto answer = answer_of(question_to(server));
    CHECK(answer.ended == "server closed");
    CHECK(answer.close_code == 1008);
    CHECK(answer.close_reason == "policy");
  }
  SECTION("the connection is lost") {
    const test::ScriptedServer server{opening([](test::Peer& peer) { peer.pause(20ms); })};
    const auto answer = answer_of(question_to(server));
    CHECK(answer.ended == "connection lost");
    CHECK(answer.close_code == 0);
    CHECK(answer.problem.empty());
  }
  SECTION("a reset after a message") {
    const test::ScriptedServer server{opening([](test::Peer& peer) {
      peer.send(frame(0x81, "bye"));
      peer.pause(50ms);
      peer.reset();
    })};
    auto question = question_to(server);
    question.messages = 0;
    const auto answer = answer_of(question);
    CHECK(answer.ended == "connection lost");
    REQUIRE(answer.messages.size() == 1);
    CHECK(answer.messages[0].text == "bye");
  }
  SECTION("nobody: doctor leaves when its time is up, with a close frame") {
    const test::ScriptedServer server{opening_and_sending("")};
    const auto answer = answer_of(question_to(server));
    CHECK(answer.ended == "listened");
    CHECK(answer.open_for >= 500ms);
    CHECK(answer.messages.empty());
    CHECK(answer.close_code == 0);
    const auto sent = server.received();
    CHECK(sent.find("\x88\x82", sent.find("\r\n\r\n")) != std::string::npos);
  }
  SECTION("a message is cut") {
    const test::ScriptedServer server{opening([](test::Peer& peer) { peer.send(frame(0x01, "Hel")); })};
    const auto answer = answer_of(question_to(server));
    CHECK(answer.problem == "the connection ends within a message");
    CHECK(answer.ended == "connection lost");
  }
}

TEST_CASE("pings are answered and do not count as messages", "[websocket]") {
  const test::ScriptedServer server{opening([](test::Peer& peer) {
    peer.send(frame(0x89, "you there?"));
    const auto pong = peer.receive(64);
    if (pong.size() == 16 && pong[0] == '\x8a' && pong[1] == '\x8a') peer.send(frame(0x81, "thanks"));
    peer.stay_silent();
  })};
  const auto answer = answer_of(question_to(server));
  REQUIRE(answer.messages.size() == 2);
  CHECK(answer.messages[0].kind == "ping");
  CHECK(answer.messages[1].text == "thanks");
}

TEST_CASE("the frames may come with the head", "[websocket]") {
  const test::ScriptedServer server{
      heading([](const auto& accept) { return switching(accept) + frame(0x82, "\x01") + frame(0x81, "x"); })};
  auto question = question_to(server);
  question.messages = 2;
  const auto answer = answer_of(question);
  REQUIRE(answer.messages.size() == 2);
  CHECK(answer.messages[0].kind == "binary");
  CHECK(answer.messages[0].text.empty());
}

TEST_CASE("a server that breaks the rules of frames is not healthy", "[websocket]") {
  for (const auto& [bytes, problem] : std::vector<std::pair<std::string, std::string>>{
           {std::string{"\x81\x85\x01\x02\x03\x04"} + "Hello", "a frame is masked, which only a client may do"},
           {frame(0xC1, "x"), "a frame has a reserved bit set"},
           {frame(0x83, "x"), "a frame has an opcode that is not defined"},
           {frame(0x09, ""), "a control frame is fragmented"},
           {frame(0x88, "x"), "a close frame has half a code"},
           {frame(0x81, "\xff"), "a text message is not UTF-8"},
           {"HTTP/1.1 200 OK\r\n", "a frame has a reserved bit set"}}) {
    const test::ScriptedServer server{opening_and_sending(bytes)};
    const auto answer = answer_of(question_to(server));
    CHECK(answer.problem == problem);
    CHECK(answer.messages.empty());
  }
}

TEST_CASE("floods end at their bounds", "[websocket]") {
  const auto flood = [](const std::string& bytes) {
    const test::ScriptedServer server{opening([bytes](test::Peer& peer) {
      while (peer.send(bytes)) continue;
    })};
    auto question = question_to(server);
    question.messages = 0;
    question.listen = 8s;
    const auto started = Deadline::Clock::now();
    const auto answer = answer_of(question);
    CHECK(Deadline::Clock::now() - started < 8s);
    CHECK(answer.messages.size() <= 101);
    return answer.problem;
  };
  CHECK(flood(frame(0x89, "")) == "there are more than 100 control frames");
  CHECK(flood(frame(0x01, std::string(125, 'x')) + frame(0x80, "")) == "there are more than 8 MB of messages");
  CHECK(flood(std::string{"\x82\x7f\0\0\0\0\x7f\xff\xff\xff", 10}) == "a message is longer than 1 MB");
}

TEST_CASE("servers that never get to an answer are told with their reason", "[websocket]") {
  SECTION("nothing listens") {
    const auto failure = failure_of(question_to("ws://127.0.0.1:" + std::to_string(test::closed_port()) + "/ws"));
    CHECK(failure.kind == FailureKind::refused);
    CHECK(failure.phase == "connect");
  }
  SECTION("silence") {
    const test::ScriptedServer server{test::silent()};
    const auto failure = failure_of(question_to(server), 700ms);
    CHECK(failure.kind == FailureKind::timed_out);
    CHECK(failure.phase == "handshake");
    CHECK(failure.address == "127.0.0.1:" + std::to_string(server.port()));
  }
  SECTION("closes and resets") {
    const test::ScriptedServer closing{serving("")};
    CHECK(failure_of(question_to(closing)).code == "closed");
    const test::ScriptedServer cut{serving("HTTP/1.1 101 Swit")};
    CHECK(failure_of(question_to(cut)).code == "closed");
    const test::ScriptedServer resetting{test::resetting()};
    CHECK(failure_of(question_to(resetting)).kind == FailureKind::protocol_error);
  }
  SECTION("a byte every 100 ms") {
    const test::ScriptedServer server{test::dripping("HTTP/1.1 101 Switching Protocols\r\n")};
    CHECK(failure_of(question_to(server), 1s).kind == FailureKind::timed_out);
  }
  SECTION("other protocols and broken heads") {
    for (const std::string bytes :
         {"SSH-2.0-OpenSSH_9.2\r\n", "220 mail ESMTP\r\n", "-ERR unknown command\r\n", "\x15\x03\x01", "HTTP/2",
          "HTTP/1.1 1x1 \r\n\r\n", "HTTP/1.1 101 \x1b[31m\r\n\r\n", "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nname : x\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nx: \x01\r\n\r\n", "HTTP/1.1 000 x\r\n\r\n"}) {
      INFO(bytes);
      const test::ScriptedServer server{serving(bytes)};
      CHECK(failure_of(question_to(server)).kind == FailureKind::protocol_error);
    }
  }
  SECTION("endless heads") {
    const test::ScriptedServer server{test::endless("HTTP/1.1 101 Switching Protocols\r\n", "a: b\r\n")};
    CHECK(failure_of(question_to(server)).kind == FailureKind::too_large);
    const test::ScriptedServer interim{test::endless("", "HTTP/1.1 100 Continue\r\n\r\n")};
    CHECK(failure_of(question_to(interim)).kind == FailureKind::too_large);
  }
}

TEST_CASE("what doctor does not send over a websocket", "[websocket]") {
  const test::ScriptedServer server{opening_and_sending("")};
  auto question = question_to(server);
  for (const std::pair<std::string, std::string> header :
       {std::pair{"Host", "x"}, {"sec-websocket-key", "x"}, {"X", "a\r\nb: c"}, {"X\n", "y"}, {"", "y"}}) {
    question.headers = {header};
    CHECK(failure_of(question).code == "not-allowed");
  }
  question.headers.clear();
  for (const std::string url : {"http://127.0.0.1/ws", "ws://", "ws://a b/", "", "127.0.0.1"}) {
    question.url = url;
    CHECK(failure_of(question).code == "invalid-url");
  }
  question = question_to(server);
  question.connect = "no port";
  CHECK(failure_of(question).code == "invalid-url");
  CHECK(server.connections() == 0);
}

TEST_CASE("a fourth handshake with one URL is not sent", "[websocket]") {
  const test::ScriptedServer server{serving("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")};
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::WebSocketProbe probe{vantages};
  const auto question = question_to(server);
  for (int i = 0; i < 3; ++i) CHECK(probe.ask(question, Deadline::after(5s)).has_value());
  const auto fourth = probe.ask(question, Deadline::after(5s));
  REQUIRE(!fourth);
  CHECK(fourth.error().code == "not-allowed");
  CHECK(server.connections() == 3);
}

TEST_CASE("a stop ends a websocket at once", "[websocket]") {
  const test::ScriptedServer server{opening_and_sending("")};
  std::stop_source source;
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::WebSocketProbe probe{vantages};
  auto question = question_to(server);
  question.listen = 10s;
  std::jthread stopper{[&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  }};
  const auto started = Deadline::Clock::now();
  const auto answer = probe.ask(question, Deadline::after(10s, source.get_token()));
  CHECK(Deadline::Clock::now() - started < 1s);
  REQUIRE(!answer);
  CHECK(answer.error().kind == FailureKind::cancelled);
}
