#include "probes/http.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "probes/http_url.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/scripted_server.hpp"

using namespace std::chrono_literals;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::HttpQuestion;
namespace probes = doctor::probes;
namespace test = doctor::test;

namespace {

HttpQuestion get(std::string url, std::chrono::milliseconds limit = 8000ms) {
  HttpQuestion question;
  question.url = std::move(url);
  question.limit = limit;
  return question;
}

doctor::Outcome<doctor::HttpAnswer> ask(const HttpQuestion& question, std::chrono::milliseconds span = 10s) {
  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::HttpProbe probe{vantages};
  return probe.ask(question, Deadline::after(span));
}

/// The failure of a request, which must come within the time given and be safe to print.
doctor::ProbeFailure failure_of(const HttpQuestion& question, std::chrono::milliseconds span = 10s) {
  const auto started = Deadline::Clock::now();
  const auto answer = ask(question, span);
  CHECK(Deadline::Clock::now() - started < span + 500ms);
  REQUIRE(!answer);
  CHECK(answer.error().detail.find('\x1b') == std::string::npos);
  CHECK(answer.error().detail.find("hidden") == std::string::npos);
  return answer.error();
}

/// Answers every request with these bytes once its head is complete, and closes.
test::Behaviour serving(std::string bytes) {
  return [bytes = std::move(bytes)](test::Peer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.send(bytes);
  };
}

std::string page(const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

std::string output_of(const char* command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command, "r"), pclose};
  std::string out;
  std::array<char, 4096> buffer{};
  while (const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) out.append(buffer.data(), count);
  return out;
}

/// Makes a certificate the only trusted authority while it lives.
class Trust {
 public:
  explicit Trust(const test::Certificate& authority)
      : path_{(std::filesystem::temp_directory_path() / ("doctor-trust-" + std::to_string(getpid()) + ".pem"))} {
    std::ofstream{path_} << authority.certificate;
    setenv("SSL_CERT_FILE", path_.c_str(), 1);
  }
  ~Trust() {
    unsetenv("SSL_CERT_FILE");
    std::filesystem::remove(path_);
  }
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("only http and https URLs are requested", "[http][url]") {
  CHECK(probes::parse_http_url("http://h/a?b#c")->text == "http://h/a?b");
  CHECK(probes::parse_http_url("https://h/")->port == 443);
  CHECK(probes::parse_http_url("http://[::1]:81/")->host == "::1");
  CHECK(probes::parse_http_url("http://user:hidden@h/")->text == "http://h/");
  for (const auto& text : {std::string{}, std::string{"file:///etc/hidden"}, std::string{"ftp://hidden/"},
                           std::string{"http://h/hid den"}, std::string{"http://h/\r\nhidden"}, std::string{"http:///"},
                           std::string{"http://h:99999/hidden"}, "http://h/" + std::string(9000, 'a')}) {
    const auto failure = failure_of(get(text), 1s);
    CHECK(failure.kind == FailureKind::protocol_error);
    CHECK(failure.code == "invalid-url");
  }
}

TEST_CASE("an answer has status, headers and body", "[http]") {
  const test::ScriptedServer server{serving(page("hello \x1b[31m", "Content-Type: text/plain\r\nX-Two:  b \r\n"))};
  auto question = get(server.url("/api/health?x=1"));
  question.headers = {{"Accept", "application/json"}};
  const auto answer = ask(question);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->header("content-type") == "text/plain");
  CHECK(answer->header("x-two") == "b");
  CHECK(answer->body == "hello \x1b[31m");
  CHECK(answer->address == "127.0.0.1:" + std::to_string(server.port()));
  const auto request = server.received();
  CHECK(request.starts_with("GET /api/health?x=1 HTTP/1.1\r\n"));
  CHECK(request.find("User-Agent: doctor/0.1\r\n") != std::string::npos);
  CHECK(request.find("Accept: application/json\r\n") != std::string::npos);
  CHECK(server.connections() == 1);
}

TEST_CASE("userinfo of a URL is not sent", "[http]") {
  const test::ScriptedServer server{serving(page("ok"))};
  CHECK(ask(get("http://user:hidden@127.0.0.1:" + std::to_string(server.port()) + "/")));
  CHECK(server.received().find("uthorization") == std::string::npos);
}

TEST_CASE("a HEAD request asks for the headers only", "[http]") {
  const test::ScriptedServer server{serving("HTTP/1.1 413 Too Large\r\nContent-Length: 100\r\n\r\n")};
  auto question = get(server.url());
  question.method = "HEAD";
  question.headers = {{"Content-Length", "5000"}};
  const auto answer = ask(question);
  REQUIRE(answer);
  CHECK(answer->status == 413);
  CHECK(answer->body.empty());
  CHECK(server.received().find("Content-Length: 5000\r\n") != std::string::npos);
}

TEST_CASE("errors and redirects are answers, and nothing is followed", "[http]") {
  const test::ScriptedServer server{
      serving("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")};
  const auto answer = ask(get(server.url()));
  REQUIRE(answer);
  CHECK(answer->status == 302);
  CHECK(answer->header("location") == "file:///etc/passwd");
  CHECK(server.connections() == 1);
}

TEST_CASE("a proxy of the environment is not used", "[http]") {
  const test::ScriptedServer server{serving(page("direct"))};
  const auto proxy = "http://127.0.0.1:" + std::to_string(test::closed_port());
  for (const auto* name : {"http_proxy", "all_proxy"}) setenv(name, proxy.c_str(), 1);
  const auto answer = ask(get(server.url()));
  for (const auto* name : {"http_proxy", "all_proxy"}) unsetenv(name);
  REQUIRE(answer);
  CHECK(answer->body == "direct");
}

TEST_CASE("encoded and chunked bodies are decoded", "[http]") {
  const auto packed = output_of("printf 'hello hello' | gzip -c");
  const test::ScriptedServer gzip{serving(page(packed, "Content-Encoding: gzip\r\n"))};
  CHECK(ask(get(gzip.url()))->body == "hello hello");
  const test::ScriptedServer chunked{
      serving("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")};
  CHECK(ask(get(chunked.url()))->body == "hello");
  const test::ScriptedServer interim{serving("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" + page("late"))};
  const auto answer = ask(get(interim.url()));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->header("x-early").empty());
}

TEST_CASE("requests that doctor does not send", "[http]") {
  const test::ScriptedServer server{serving(page("ok"))};
  auto post = get(server.url());
  post.method = "POST";
  CHECK(failure_of(post).kind == FailureKind::permission_denied);
  auto smuggled = get(server.url());
  smuggled.headers = {{"X", "a\r\nY: hidden"}};
  CHECK(failure_of(smuggled).kind == FailureKind::permission_denied);
  CHECK(server.connections() == 0);

  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::HttpProbe probe{vantages};
  for (int i = 0; i < 3; ++i) CHECK(probe.ask(get(server.url()), Deadline::after(5s)));
  CHECK(probe.ask(get(server.url()), Deadline::after(5s)).error().kind == FailureKind::permission_denied);
  CHECK(probe.ask(get(server.url("/other")), Deadline::after(5s)));
  CHECK(server.connections() == 4);
}

TEST_CASE("ways not to reach an HTTP server", "[http][hostile]") {
  const auto refused = failure_of(get("http://127.0.0.1:" + std::to_string(test::closed_port()) + "/"));
  CHECK(refused.kind == FailureKind::refused);
  CHECK(refused.phase == "connect");
  const test::DeafListener deaf;
  const auto dropped = failure_of(get("http://127.0.0.1:" + std::to_string(deaf.port()) + "/"), 500ms);
  CHECK(dropped.kind == FailureKind::timed_out);
  CHECK(dropped.phase == "connect");
}

TEST_CASE("HTTP servers that misbehave", "[http][hostile]") {
  struct Case {
    const char* what;
    test::Behaviour behaviour;
    FailureKind kind;
    const char* code;
  };
  const std::string endless_head = "HTTP/1.1 200 OK\r\n";
  const std::string endless_body = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
  const auto bomb = output_of("head -c 40000000 /dev/zero | gzip -c");
  REQUIRE(bomb.size() > 1000);
  const std::vector<Case> cases{
      {"silent", test::silent(), FailureKind::timed_out, ""},
      {"closes", serving(""), FailureKind::protocol_error, "closed"},
      {"resets", test::resetting(), FailureKind::protocol_error, "ECONNRESET"},
      {"drips", test::dripping(page(std::string(500, 'x'))), FailureKind::timed_out, ""},
      {"SSH", test::sending("SSH-2.0-OpenSSH_9.2\r\n"), FailureKind::protocol_error, "not-http"},
      {"garbage", test::answering("\x01\x02\x03\xff\xfe\r\n\r\n"), FailureKind::protocol_error, "not-http"},
      {"HTTP/0.9", serving("<html>hidden</html>"), FailureKind::protocol_error, "not-http"},
      {"TLS alert", test::answering("\x15\x03\x01\x02\x02\x46\r\n\r\n"), FailureKind::protocol_error, "not-http"},
      {"endless headers", test::endless(endless_head, "X-A: \x1b[31mhidden\r\n"), FailureKind::too_large, "headers"},
      {"endless header line", test::endless(endless_head + "X-A: ", std::string(4096, 'a')), FailureKind::too_large,
       "headers"},
      {"endless interim answers", test::endless("", "HTTP/1.1 102 Processing\r\n\r\n"), FailureKind::too_large,
       "headers"},
      {"endless body", test::endless(endless_body, std::string(65536, 'a')), FailureKind::too_large, "body"},
      {"bomb", serving(page(bomb, "Content-Encoding: gzip\r\n")), FailureKind::too_large, "body"},
      {"lies about length", serving("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"), FailureKind::protocol_error,
       "cut"},
      {"broken gzip", serving(page("hidden garbage", "Content-Encoding: gzip\r\n")), FailureKind::protocol_error,
       "encoding"},
      {"unknown encoding", serving(page("x", "Content-Encoding: hidden\r\n")), FailureKind::protocol_error, "encoding"},
      {"broken chunks", serving("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhidden\r\n"),
       FailureKind::protocol_error, ""},
  };
  for (const auto& one : cases) {
    INFO(one.what);
    const test::ScriptedServer server{one.behaviour};
    const auto failure = failure_of(get(server.url("/?token=hidden"), 1500ms), 4s);
    INFO(failure.code << " " << failure.detail);
    CHECK(failure.kind == one.kind);
    if (*one.code != '\0') CHECK(failure.code == one.code);
    CHECK(failure.phase == "answer");
    CHECK(failure.address == "127.0.0.1:" + std::to_string(server.port()));
  }
}

TEST_CASE("progress does not extend the limit, and a stop ends a request", "[http][hostile]") {
  const test::ScriptedServer server{test::dripping(page(std::string(500, 'x')))};
  const auto started = Deadline::Clock::now();
  const auto failure = failure_of(get(server.url(), 400ms));
  CHECK(failure.kind == FailureKind::timed_out);
  CHECK(failure.waited >= 350ms);
  CHECK(Deadline::Clock::now() - started < 800ms);

  probes::Resolver resolver;
  probes::Vantages vantages{resolver, {}};
  probes::HttpProbe probe{vantages};
  std::stop_source source;
  std::thread stopper{[&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  }};
  const auto begun = Deadline::Clock::now();
  CHECK(probe.ask(get(server.url()), Deadline::after(8s, source.get_token())).error().kind == FailureKind::cancelled);
  CHECK(Deadline::Clock::now() - begun < 400ms);
  stopper.join();
}

TEST_CASE("a trusted certificate for the name is accepted", "[http][tls]") {
  const auto authority = test::make_certificate({"Test Authority"});
  const Trust trust{authority};
  const test::ScriptedServer server{serving(page("private")),
                                    test::make_certificate({"127.0.0.1", "localhost"}, -1, 30, &authority)};
  const auto answer = ask(get(server.url("/", "https")));
  REQUIRE(answer);
  CHECK(answer->body == "private");
  CHECK(ask(get("https://localhost:" + std::to_string(server.port()) + "/")));
}

TEST_CASE("refused certificates are told apart", "[http][tls]") {
  const auto authority = test::make_certificate({"Test Authority"});
  const Trust trust{authority};
  struct Case {
    test::Certificate certificate;
    const char* code;
  };
  const std::vector<Case> cases{
      {test::make_certificate({"127.0.0.1"}, -30, -1, &authority), "certificate-expired"},
      {test::make_certificate({"127.0.0.1"}, 1, 30, &authority), "certificate-not-yet-valid"},
      {test::make_certificate({"127.0.0.1"}), "certificate-untrusted"},
      {test::make_certificate({"chat.example"}, -1, 30, &authority), "certificate-name"},
  };
  for (const auto& one : cases) {
    INFO(one.code);
    const test::ScriptedServer server{serving(page("hidden")), one.certificate};
    const auto failure = failure_of(get(server.url("/", "https")));
    CHECK(failure.kind == FailureKind::tls_rejected);
    CHECK(failure.code == one.code);
    CHECK(failure.phase == "tls");
    CHECK(server.received().empty());
  }
}

TEST_CASE("TLS to servers that have none", "[http][tls][hostile]") {
  struct Case {
    const char* what;
    test::Behaviour behaviour;
    FailureKind kind;
    const char* code;
  };
  const std::vector<Case> cases{
      {"plain HTTP", test::answering("HTTP/1.1 400 Bad Request\r\n\r\n"), FailureKind::tls_rejected, "not-tls"},
      {"SSH", test::sending("SSH-2.0-OpenSSH_9.2\r\n"), FailureKind::tls_rejected, "not-tls"},
      {"alert", test::answering(std::string{"\x15\x03\x03\x00\x02\x02\x28", 7}), FailureKind::tls_rejected,
       "handshake"},
      {"closes", test::answering(""), FailureKind::tls_rejected, "handshake"},
      {"resets", test::resetting(), FailureKind::tls_rejected, "handshake"},
      {"silent", test::silent(), FailureKind::timed_out, ""},
  };
  for (const auto& one : cases) {
    INFO(one.what);
    const test::ScriptedServer server{one.behaviour};
    const auto failure = failure_of(get(server.url("/", "https")), 1s);
    INFO(failure.code << " " << failure.detail);
    CHECK(failure.kind == one.kind);
    CHECK(failure.code == one.code);
    CHECK(failure.phase == "tls");
  }
}

TEST_CASE("HTTP to a port that speaks TLS", "[http][tls][hostile]") {
  const test::ScriptedServer server{serving(page("x")), test::make_certificate({"127.0.0.1"})};
  CHECK(failure_of(get(server.url()), 3s).kind == FailureKind::protocol_error);
}
