#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string direct = "endpoint:web:8080";
const std::string outside = "endpoint:web:public";
const std::string direct_url = "ws://127.0.0.1:8080/ws";
const std::string public_url = "wss://chat.example.com/ws";

WebSocketAnswer opened(const std::string& text = R"({"type":"error","code":"unauthorized"})") {
  WebSocketAnswer answer;
  answer.status = 101;
  answer.messages = {{"text", text, std::chrono::milliseconds{2}}};
  answer.ended = "listened";
  answer.took = std::chrono::milliseconds{3};
  return answer;
}

WebSocketAnswer ended(const std::string& how, int code = 0, const std::string& reason = {}) {
  auto answer = opened();
  answer.messages.clear();
  answer.ended = how;
  answer.close_code = code;
  answer.close_reason = reason;
  return answer;
}

WebSocketAnswer refused(int status, const std::string& type = "text/plain", const std::string& body = "no",
                        std::pair<std::string, std::string> header = {"server", "nginx"}) {
  WebSocketAnswer answer;
  answer.status = status;
  answer.headers = {{"content-type", type}, std::move(header)};
  answer.body = body;
  return answer;
}

HttpAnswer page(int status, const std::string& body = {},
                std::pair<std::string, std::string> header = {"server", "x"}) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers = {std::move(header)};
  answer.body = body;
  return answer;
}

void socket_answers(World& world, const std::string& url, Outcome<WebSocketAnswer> answer) {
  world.fakes.on<WebSocketQuestion>().answer_if([url](const auto& question) { return question.url == url; },
                                                std::move(answer));
}

void page_answers(World& world, const std::string& url, Outcome<HttpAnswer> answer) {
  world.fakes.on<HttpQuestion>().answer_if([url](const auto& question) { return question.url == url; },
                                           std::move(answer));
}

/// A service with a described WebSocket that answers as it should.
void healthy(World& world) {
  HttpBase base;
  base.service = "web";
  base.endpoint = direct;
  base.url = "http://127.0.0.1:8080";
  base.dial.host = "127.0.0.1";
  base.dial.port = 8080;
  base.dial.vantage = "host";
  world.deployment.http = {base};
  Expectation expected;
  expected.websocket = "/ws";
  expected.send = "hello";
  expected.json = {{"/code", "\"unauthorized\""}};
  expected.timeout = std::chrono::seconds{3};
  expected.violated = "app-socket";
  world.service("web").rule.expect = {expected};
  socket_answers(world, direct_url, opened());
}

/// The same behind a public address.
void behind_proxy(World& world) {
  healthy(world);
  PublicUrl url;
  url.service = "web";
  url.setting = "setting:web/PUBLIC_URL";
  url.url = "https://chat.example.com";
  url.host = "chat.example.com";
  url.port = 443;
  url.tls = true;
  url.endpoint = outside;
  world.deployment.public_urls = {url};
  page_answers(world, "https://chat.example.com/", page(200));
  page_answers(world, "http://127.0.0.1:8080/ws", page(400, "Connection header did not include 'upgrade'"));
  socket_answers(world, public_url, opened());
}

Scenario directly(const std::string& name, const Outcome<WebSocketAnswer>& answer, const std::string& code) {
  return {name,
          [answer](World& world) {
            behind_proxy(world);
            socket_answers(world, direct_url, answer);
          },
          {code + " " + direct},
          {}};
}

Scenario by_proxy(const std::string& name, const Outcome<WebSocketAnswer>& answer, const std::string& code) {
  return {name,
          [answer](World& world) {
            behind_proxy(world);
            socket_answers(world, public_url, answer);
          },
          {code + " " + outside},
          {}};
}

WebSocketAnswer broken(const std::string& problem, const std::string& how) {
  auto answer = ended(how);
  answer.problem = problem;
  return answer;
}

const bool added = add_scenarios(
    "websocket",
    {
        {"a WebSocket that answers is silent", healthy, {}, {}},
        {"so it is through a proxy", behind_proxy, {}, {}},
        {"no description names a WebSocket", [](World& world) { world.service("web"); }, {}, {}},
        {"a connection that is dropped after the expected message",
         [](World& world) {
           healthy(world);
           auto answer = opened();
           answer.ended = "connection lost";
           socket_answers(world, direct_url, answer);
         },
         {},
         {}},
        {"nothing is expected but an open WebSocket",
         [](World& world) {
           healthy(world);
           world.service("web").rule.expect.front().json.clear();
           socket_answers(world, direct_url, ended("listened"));
         },
         {},
         {}},
        directly("nothing listens", failed(FailureKind::refused, "", "127.0.0.1:8080"), "websocket-refused"),
        directly("silence", failed(FailureKind::timed_out), "websocket-no-answer"),
        directly("no route", failed(FailureKind::unreachable), "websocket-unreachable"),
        by_proxy("no such name", failed(FailureKind::name_not_resolved), "websocket-unreachable"),
        by_proxy("a bad certificate", failed(FailureKind::tls_rejected), "websocket-tls-rejected"),
        by_proxy("not HTTP", failed(FailureKind::protocol_error), "websocket-protocol-error"),
        by_proxy("upgrade headers dropped", refused(400, "text/plain", "Connection header did not include 'upgrade'"),
                 "websocket-upgrade-missing"),
        by_proxy("HTTP/1.0 to the service", refused(426), "websocket-upgrade-missing"),
        directly("no WebSocket is offered here", refused(400), "websocket-upgrade-missing"),
        by_proxy("the web page", refused(200, "text/html; charset=utf-8", "<html>"), "websocket-path-wrong"),
        by_proxy("no such page", refused(404, "text/html", "<html>"), "websocket-path-wrong"),
        {"a 404 that the service itself gives to what is no upgrade",
         [](World& world) {
           behind_proxy(world);
           page_answers(world, "http://127.0.0.1:8080/ws", page(404, "Not Found"));
           socket_answers(world, public_url, refused(404, "text/plain", "Not Found"));
         },
         {"websocket-upgrade-missing " + outside},
         {}},
        by_proxy("a login", refused(401, "text/html", "", {"www-authenticate", "Basic realm=\"x\""}),
                 "websocket-unauthorized"),
        by_proxy("forbidden", refused(403), "websocket-unauthorized"),
        {"a login before the page only",
         [](World& world) {
           behind_proxy(world);
           page_answers(world, "https://chat.example.com/", page(401, "", {"www-authenticate", "Basic realm=\"x\""}));
         },
         {"websocket-page-unauthorized " + outside},
         {}},
        by_proxy("too many requests", refused(429), "websocket-rate-limited"),
        by_proxy("a bad gateway", refused(502), "websocket-gateway-error"),
        by_proxy("a login page", refused(302, "text/html", "", {"location", "https://login.example.com/"}),
                 "websocket-redirected"),
        by_proxy("back to clear text", refused(301, "text/html", "", {"location", "http://chat.example.com/ws"}),
                 "websocket-mixed-content"),
        by_proxy("a wrong accept key", broken("the Sec-WebSocket-Accept header is missing", ""),
                 "websocket-handshake-invalid"),
        by_proxy("a masked frame", broken("a frame is masked", "listened"), "websocket-protocol-error"),
        by_proxy("messages that are kept back", ended("listened"), "websocket-silent"),
        directly("another message", opened(R"({"code":"gone"})"), "websocket-answer-unexpected"),
        directly("no JSON", opened("\x1b[31mhello"), "websocket-answer-unexpected"),
        directly("closed by policy", ended("server closed", 1008, "origin"), "websocket-closed-early"),
        by_proxy("cut at once", ended("connection lost"), "websocket-closed-early"),
        {"a subprotocol that nobody chose",
         [](World& world) {
           healthy(world);
           world.service("web").rule.expect.front().subprotocol = "chat";
         },
         {"websocket-handshake-invalid " + direct},
         {}},
        {"http:// sends browsers to https://, where it works",
         [](World& world) {
           behind_proxy(world);
           auto& url = world.deployment.public_urls.front();
           url.url = "http://chat.example.com";
           url.tls = false;
           page_answers(world, "http://chat.example.com/", page(301, "", {"location", "https://chat.example.com/"}));
         },
         {},
         {}},
        {"the container may be meant to be down",
         [](World& world) {
           healthy(world);
           world.deployment.http.front().dial.doubt = "the Docker Engine could not be asked";
           socket_answers(world, direct_url, failed(FailureKind::refused));
         },
         {},
         {direct}},
        {"no way to get there",
         [](World& world) {
           healthy(world);
           world.deployment.http.front().url.clear();
           world.deployment.http.front().dial.reason = "no port is published";
         },
         {},
         {direct}},
        {"the bundle does not say",
         [](World& world) {
           healthy(world);
           socket_answers(world, direct_url, failed(FailureKind::not_recorded));
         },
         {},
         {direct}},
    });

TEST_CASE("websocket judges the ladder of handshakes", "[websocket]") {
  expect_scenarios("websocket");
}

TEST_CASE("websocket asks nothing behind the first broken rung", "[websocket]") {
  World world;
  behind_proxy(world);
  socket_answers(world, direct_url, refused(404));
  run_check(check_named("websocket"), world);
  CHECK(world.fakes.on<WebSocketQuestion>().asked().size() == 1);
  CHECK(world.fakes.on<HttpQuestion>().asked().empty());
}

TEST_CASE("websocket follows a redirect to no other host", "[websocket]") {
  World world;
  behind_proxy(world);
  auto& url = world.deployment.public_urls.front();
  url.url = "http://chat.example.com";
  url.tls = false;
  page_answers(world, "http://chat.example.com/", page(301, "", {"location", "https://chat.example.com.evil.org/"}));
  socket_answers(world, "ws://chat.example.com/ws", opened());
  const auto judgement = run_check(check_named("websocket"), world);
  CHECK(judgement.findings.empty());
  for (const auto& question : world.fakes.on<WebSocketQuestion>().asked())
    CHECK(question.url.find("evil") == std::string::npos);
}

TEST_CASE("websocket names the entry of the description for the message only", "[websocket]") {
  World world;
  healthy(world);
  socket_answers(world, direct_url, opened("{}"));
  const auto judgement = run_check(check_named("websocket"), world);
  REQUIRE(judgement.findings.size() == 1);
  CHECK(judgement.findings.front().entry == "app-socket");
  CHECK(evidence_of(judgement, "websocket-answer-unexpected", "message") == "{}");
}

}  // namespace
}  // namespace doctor::test
