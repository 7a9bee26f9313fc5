#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string web = "endpoint:web:8080";

void base(World& world) {
  world.service("web");
  HttpBase http;
  http.service = "web";
  http.endpoint = web;
  http.url = "http://127.0.0.1:8080";
  http.dial.host = "127.0.0.1";
  http.dial.port = 8080;
  http.dial.vantage = "host";
  world.deployment.http = {http};
}

void answers(World& world, const std::string& path, Outcome<HttpAnswer> answer) {
  world.fakes.on<HttpQuestion>().answer_if(
      [url = "http://127.0.0.1:8080" + path](const HttpQuestion& question) { return question.url == url; },
      std::move(answer));
}

HttpAnswer reply(int status, const std::string& type, const std::string& body) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers = {{"content-type", type}};
  answer.body = body;
  answer.took = std::chrono::milliseconds{12};
  return answer;
}

const std::string good = R"({"status": "ok", "db_healthy": true, "version": "1.0"})";

/// A service with a described health page.
void healthy(World& world) {
  base(world);
  Expectation expected;
  expected.http = "/api/health";
  expected.type = "application/json";
  expected.json = {{"/db_healthy", "true"}, {"/status", "\"ok\""}};
  expected.present = {"/version"};
  expected.slow = std::chrono::seconds{2};
  expected.violated = "app-degraded";
  world.service("web").rule.expect = {expected};
  answers(world, "/api/health", reply(200, "application/json; charset=utf-8", good));
}

/// The healthy service, behind an address that users have.
void in_public(World& world, Outcome<HttpAnswer> answer) {
  healthy(world);
  PublicUrl url;
  url.service = "web";
  url.setting = "setting:web/PUBLIC_URL";
  url.url = "https://chat.example.org";
  url.host = "chat.example.org";
  url.port = 443;
  url.tls = true;
  url.endpoint = "endpoint:web:public";
  world.deployment.public_urls = {url};
  world.fakes.on<HttpQuestion>().answer_if(
      [](const HttpQuestion& question) { return question.url == "https://chat.example.org/api/health"; },
      std::move(answer));
}

Scenario fails(const std::string& name, FailureKind kind, const std::string& code) {
  return {name,
          [kind](World& world) {
            healthy(world);
            answers(world, "/api/health", failed(kind, "", "127.0.0.1:8080", "", std::chrono::seconds{8}));
          },
          {code + " " + web},
          {}};
}

Scenario replies(const std::string& name, const HttpAnswer& answer, std::vector<std::string> codes) {
  for (auto& code : codes) code += " " + web;
  return {name,
          [answer](World& world) {
            healthy(world);
            answers(world, "/api/health", answer);
          },
          codes,
          {}};
}

HttpAnswer late(HttpAnswer answer) {
  answer.took = std::chrono::seconds{3};
  return answer;
}

const std::string degraded = R"({"status":"degraded","checks":{"redis":{"ok":false},"db":{"ok":true,"ms":7}}})";

/// A page that says what it depends on, and three expectations about it.
void described(World& world, const HttpAnswer& answer) {
  base(world);
  Expectation ready;
  ready.http = "/ready";
  ready.timeout = std::chrono::seconds{25};
  AnswerRule starting;
  starting.status = {503};
  starting.json = {{"/status", "\"starting\""}};
  starting.violated = "app-starting";
  AnswerRule ill;
  ill.status = {503};
  ill.violated = "app-degraded";
  AnswerRule resting;
  resting.status = {418};
  ready.answers = {starting, ill, resting};
  Expectation stalls;
  stalls.http = "/ready";
  stalls.status = {200, 503};
  stalls.timeout = std::chrono::seconds{20};
  stalls.given = {{"/checks/redis/ok", "false"}};
  stalls.slow = std::chrono::seconds{3};
  stalls.violated = "app-stalls";
  Expectation quick;
  quick.http = "/ready";
  quick.status = {200, 503};
  quick.given = {{"/checks/db/ok", "true"}};
  quick.at_most = {{"/checks/db/ms", "3000"}};
  quick.violated = "app-slow-database";
  world.service("web").rule.expect = {ready, stalls, quick};
  answers(world, "/ready", answer);
}

HttpAnswer after(std::chrono::milliseconds took, HttpAnswer answer) {
  answer.took = took;
  return answer;
}

Scenario says(const std::string& name, const HttpAnswer& answer, std::vector<std::string> codes) {
  for (auto& code : codes) code += " " + web;
  return {name, [answer](World& world) { described(world, answer); }, codes, {}};
}

std::string ready_body(const std::string& redis, const std::string& milliseconds) {
  return R"({"status":"ok","checks":{"redis":{"ok":)" + redis + R"(},"db":{"ok":true,"ms":)" + milliseconds + "}}}";
}

/// The service of `described` in a container whose health check says `health`.
void in_container(World& world, const HttpAnswer& answer, const std::string& health, const std::string& output) {
  described(world, answer);
  auto& container = world.container("web");
  world.service("web").rule.name = "web";
  container.health = health;
  container.health_log = {output};
}

Scenario contained(const std::string& name, const HttpAnswer& answer, const std::string& health,
                   const std::string& output, std::vector<std::string> findings) {
  return {name, [=](World& world) { in_container(world, answer, health, output); }, std::move(findings), {}};
}

const HttpAnswer well = reply(200, "application/json", ready_body("true", "7"));
const std::string nobody_there = "wget: can't connect to remote host: Connection refused";

const bool added = add_scenarios("health", {
                                               {"a healthy service is silent", healthy, {}, {}},
                                               {"nothing answers HTTP here",
                                                [](World& world) { world.service("web"); },
                                                {},
                                                {}},
                                               fails("no such name", FailureKind::name_not_resolved,
                                                     "health-name-not-resolved"),
                                               fails("nothing listens", FailureKind::refused, "health-refused"),
                                               fails("silence", FailureKind::timed_out, "health-no-answer"),
                                               fails("no route", FailureKind::unreachable, "health-unreachable"),
                                               fails("a bad certificate", FailureKind::tls_rejected,
                                                     "health-tls-rejected"),
                                               fails("not HTTP", FailureKind::protocol_error, "health-protocol-error"),
                                               fails("an endless answer", FailureKind::too_large,
                                                     "health-protocol-error"),
                                               replies("a server error", reply(503, "application/json", good),
                                                       {"health-status-unexpected"}),
                                               replies("a page instead of JSON", reply(200, "text/html", "<html>"),
                                                       {"health-type-unexpected"}),
                                               replies("no type at all", reply(200, "", good),
                                                       {"health-type-unexpected"}),
                                               replies(
                                                   "the database is down behind a green light",
                                                   reply(200, "application/json",
                                                         R"({"status":"degraded","db_healthy":false,"version":"1"})"),
                                                   {"health-body-unexpected"}),
                                               replies("not JSON in spite of its type",
                                                       reply(200, "application/json", "<html>"),
                                                       {"health-body-unexpected"}),
                                               replies("a value is missing",
                                                       reply(200, "application/json",
                                                             R"({"status":"ok","db_healthy":true})"),
                                                       {"health-body-unexpected"}),
                                               replies("a bomb",
                                                       reply(200, "application/json", std::string(100'000, '[')),
                                                       {"health-body-unexpected"}),
                                               replies("late but right", late(reply(200, "application/json", good)),
                                                       {"health-slow"}),
                                               {"the proxy demands a login",
                                                [](World& world) {
                                                  auto answer = reply(401, "text/html", "<html>");
                                                  answer.headers.emplace_back("www-authenticate",
                                                                              "Basic realm=\"members\"");
                                                  in_public(world, answer);
                                                },
                                                {"health-login-demanded endpoint:web:public"},
                                                {}},
                                               {"an unknown application may answer anything but a server error",
                                                [](World& world) {
                                                  base(world);
                                                  answers(world, "/", reply(404, "text/plain", "not found"));
                                                },
                                                {},
                                                {}},
                                               {"an unknown application that fails",
                                                [](World& world) {
                                                  base(world);
                                                  answers(world, "/", reply(502, "text/html", "bad gateway"));
                                                },
                                                {"health-status-unexpected " + web},
                                                {}},
                                               {"a service that is switched off is not asked",
                                                [](World& world) {
                                                  base(world);
                                                  world.service("web").enabled = false;
                                                },
                                                {},
                                                {}},
                                               {"no way to get there",
                                                [](World& world) {
                                                  healthy(world);
                                                  world.deployment.http.front().url.clear();
                                                  world.deployment.http.front().dial.reason = "no port is published";
                                                },
                                                {},
                                                {web}},
                                               {"the public address answers as the service does",
                                                [](World& world) {
                                                  in_public(world, reply(200, "application/json", good));
                                                },
                                                {},
                                                {}},
                                               {"the public address has no name in the DNS",
                                                [](World& world) {
                                                  in_public(world,
                                                            failed(FailureKind::name_not_resolved, "EAI_NONAME"));
                                                },
                                                {"health-name-not-resolved endpoint:web:public"},
                                                {}},
                                               {"the proxy sends visitors somewhere else",
                                                [](World& world) {
                                                  in_public(world, reply(200, "text/html", "<html>"));
                                                },
                                                {"health-type-unexpected endpoint:web:public"},
                                                {}},
                                               {"what the service itself says wrongly is said once",
                                                [](World& world) {
                                                  in_public(world, reply(500, "application/json", good));
                                                  answers(world, "/api/health", reply(500, "application/json", good));
                                                },
                                                {"health-status-unexpected " + web},
                                                {}},
                                               {"a service that does not answer is not looked for in public",
                                                [](World& world) {
                                                  in_public(world, failed(FailureKind::refused));
                                                  answers(world, "/api/health", failed(FailureKind::refused));
                                                },
                                                {"health-refused " + web},
                                                {}},
                                               {"nor is one that is not known to run",
                                                [](World& world) {
                                                  in_public(world, failed(FailureKind::refused));
                                                  world.deployment.http.clear();
                                                },
                                                {},
                                                {}},
                                               {"a container that only its proxy can reach is asked through it",
                                                [](World& world) {
                                                  in_public(world, failed(FailureKind::refused));
                                                  world.deployment.http.front().url.clear();
                                                  world.deployment.http.front().dial.reason = "no port is published";
                                                  world.container("web");
                                                },
                                                {"health-refused endpoint:web:public"},
                                                {web}},
                                               says("every expectation about one page holds", well, {}),
                                               says("an answer with a meaning of its own",
                                                    reply(503, "application/json", R"({"status":"starting"})"),
                                                    {"health-answer-unexpected"}),
                                               says("the first answer that fits is the verdict",
                                                    reply(503, "application/json", degraded),
                                                    {"health-answer-unexpected"}),
                                               says("an unusual answer that is good",
                                                    reply(418, "text/plain", "short and stout"), {}),
                                               says("late in a state in which it matters",
                                                    after(std::chrono::seconds{14},
                                                          reply(503, "application/json", degraded)),
                                                    {"health-answer-unexpected", "health-slow"}),
                                               says("late in another state", after(std::chrono::seconds{4}, well), {}),
                                               says(
                                                   "a number that is too large",
                                                   reply(200, "application/json", ready_body("true", "3000.5")),
                                                   {"health-body-unexpected"}),
                                               says("a number in place",
                                                    reply(200, "application/json", ready_body("true", "3000")), {}),
                                               says("no number at all",
                                                    reply(200, "application/json", ready_body("true", "\"much\"")),
                                                    {"health-body-unexpected"}),
                                               {"who has waited for one page does not wait for another",
                                                [](World& world) {
                                                  auto answer = well;
                                                  answer.took = std::chrono::seconds{20};
                                                  described(world, answer);
                                                  auto models = world.service("web").rule.expect.front();
                                                  models.http = "/models";
                                                  world.service("web").rule.expect.push_back(models);
                                                },
                                                {},
                                                {web}},
                                               {"a page that is not for the public is not asked there",
                                                [](World& world) {
                                                  in_public(world, reply(404, "text/html", "closed"));
                                                  world.service("web").rule.proxy.emplace().hidden = {"/api/health"};
                                                },
                                                {},
                                                {}},
                                               contained("a container that is well", well, "healthy", "ok", {}),
                                               contained("a health check that asks where nobody listens", well,
                                                         "unhealthy", nobody_there,
                                                         {"health-container-check-wrong service:web"}),
                                               contained("a health check that cannot run", well, "unhealthy",
                                                         "exec: curl: executable file not found",
                                                         {"health-container-check-wrong service:web"}),
                                               contained("a health check that asks where nobody listens, and a fault",
                                                         reply(503, "application/json", degraded), "unhealthy",
                                                         nobody_there,
                                                         {"health-container-check-wrong service:web",
                                                          "health-answer-unexpected " + web}),
                                               contained("a health check that sees the fault",
                                                         reply(503, "application/json", degraded), "unhealthy",
                                                         "HTTP/1.1 503", {"health-answer-unexpected " + web}),
                                               contained("a health check that does not see it",
                                                         reply(503, "application/json", degraded), "healthy", "ok",
                                                         {"health-answer-unexpected " + web,
                                                          "health-container-check-blind " + web}),
                                               {"the bundle does not say", base, {}, {web}},
                                           });

TEST_CASE("health judges what services answer", "[health]") {
  expect_scenarios("health");
}

TEST_CASE("health names the entry of the description for content only", "[health]") {
  World world;
  healthy(world);
  answers(world, "/api/health", reply(200, "application/json", R"({"status":"x","db_healthy":false,"version":"1"})"));
  auto judgement = run_check(check_named("health"), world);
  REQUIRE(judgement.findings.size() == 1);
  CHECK(judgement.findings.front().entry == "app-degraded");
  CHECK(evidence_of(judgement, "health-body-unexpected", "pointer") == "/db_healthy");
  CHECK(evidence_of(judgement, "health-body-unexpected", "value") == "false");
  answers(world, "/api/health", failed(FailureKind::refused));
  judgement = run_check(check_named("health"), world);
  REQUIRE(judgement.findings.size() == 1);
  CHECK(judgement.findings.front().entry.empty());
}

TEST_CASE("health merges what several pages of one endpoint show", "[health]") {
  World world;
  healthy(world);
  auto second = world.service("web").rule.expect.front();
  second.http = "/metrics";
  second.violated.clear();
  world.service("web").rule.expect.push_back(second);
  world.service("web").rule.expect.front().violated.clear();
  answers(world, "/api/health", reply(500, "text/plain", ""));
  answers(world, "/metrics", reply(500, "text/plain", ""));
  const auto judgement = run_check(check_named("health"), world);
  REQUIRE(judgement.findings.size() == 1);
  CHECK(judgement.findings.front().evidence.size() == 6);
}

TEST_CASE("health asks a service that is silent only once, and leaves time for the next", "[health]") {
  World world;
  healthy(world);
  world.service("web").rule.expect.push_back(world.service("web").rule.expect.front());
  world.service("api");
  auto second = world.deployment.http.front();
  second.service = "api";
  second.endpoint = "endpoint:api:9000";
  second.url = "http://127.0.0.1:9000";
  world.deployment.http.push_back(second);
  world.fakes.on<HttpQuestion>().answer_all(failed(FailureKind::timed_out));
  run_check(check_named("health"), world);
  const auto asked = world.fakes.on<HttpQuestion>().asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked.front().limit + asked.back().limit < std::chrono::seconds{10});
}

TEST_CASE("health asks with the limit of the expectation", "[health]") {
  World world;
  healthy(world);
  world.service("web").rule.expect.front().timeout = std::chrono::seconds{20};
  run_check(check_named("health"), world);
  REQUIRE(world.fakes.on<HttpQuestion>().asked().size() == 1);
  CHECK(world.fakes.on<HttpQuestion>().asked().front().limit == std::chrono::seconds{20});
}

TEST_CASE("health asks for a page once, with the longest of the limits", "[health]") {
  World world;
  described(world, well);
  run_check(check_named("health"), world);
  const auto asked = world.fakes.on<HttpQuestion>().asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().limit == std::chrono::seconds{25});
}

TEST_CASE("health names the entry of the answer that fits, and of a slow one in a given state", "[health]") {
  World world;
  described(world, after(std::chrono::seconds{14}, reply(503, "application/json", degraded)));
  const auto judgement = run_check(check_named("health"), world);
  REQUIRE(judgement.findings.size() == 2);
  CHECK(judgement.findings.front().entry == "app-degraded");
  CHECK(judgement.findings.back().entry == "app-stalls");
  CHECK(evidence_of(judgement, "health-answer-unexpected", "fits") == "503");
  CHECK(evidence_of(judgement, "health-answer-unexpected", "said") == degraded);
  CHECK(evidence_of(judgement, "health-slow", "took") == "14.0 s");
}

}  // namespace
}  // namespace doctor::test
