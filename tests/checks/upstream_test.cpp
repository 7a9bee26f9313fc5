#include <algorithm>

#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

using namespace std::chrono_literals;

Upstream made(const std::string& id, const std::string& host) {
  Upstream upstream;
  upstream.service = "gate";
  upstream.id = id;
  upstream.endpoint = "endpoint:gate:" + id;
  upstream.host = host;
  upstream.port = 443;
  upstream.tls = true;
  upstream.url = "https://" + host + "/v1";
  upstream.vantage = "container gate";
  upstream.rule.id = id;
  return upstream;
}

Upstream& add(World& world, const std::string& id, const std::string& host) {
  world.service("gate");
  return world.deployment.upstreams.emplace_back(made(id, host));
}

/// Named by a setting, and asked with its key.
Upstream& add_with_key(World& world, const std::string& id, const std::string& host) {
  auto& upstream = add(world, id, host);
  upstream.setting = world.plain("gate", "STORE_URL", "https://" + host).subject();
  world.secret("gate", "STORE_KEY");
  upstream.rule.credentials = {{"apikey", "", "STORE_KEY"}};
  return upstream;
}

HttpAnswer answered(int status, const std::string& type = "application/json", const std::string& body = "{}") {
  HttpAnswer answer;
  answer.status = status;
  answer.headers = {{"content-type", type}};
  answer.body = body;
  answer.address = "203.0.113.7:443";
  answer.took = 80ms;
  return answer;
}

void says(World& world, Outcome<HttpAnswer> answer) {
  world.fakes.on<HttpQuestion>().answer_all(std::move(answer));
}

Failed way(FailureKind kind, const std::string& phase, const std::string& code = {}) {
  auto failure = failed(kind, code, "203.0.113.7:443", "what went wrong", 3000ms);
  failure.value().phase = phase;
  return failure;
}

Scenario fails(const std::string& name, FailureKind kind, const std::string& phase, const std::string& code) {
  return {name,
          [kind, phase](World& world) {
            add(world, "one", "api.example.net");
            says(world, way(kind, phase));
          },
          {code + " endpoint:gate:one"},
          {}};
}

Scenario answers(const std::string& name, const HttpAnswer& answer, const std::vector<std::string>& codes) {
  auto findings = codes;
  for (auto& one : findings) one += " endpoint:gate:one";
  return {name,
          [answer](World& world) {
            add(world, "one", "api.example.net");
            says(world, answer);
          },
          findings,
          {}};
}

/// A store that must answer 200 to whoever has the key.
Upstream& add_store(World& world) {
  auto& store = add_with_key(world, "store", "store.example.net");
  store.rule.status = {200};
  store.rule.slow = 1s;
  AnswerRule wrong_site;
  wrong_site.type = "text/html";
  wrong_site.violated = "wrong-site";
  AnswerRule missing;
  missing.status = {404};
  missing.json = {{"/code", "\"PGRST205\""}};
  missing.violated = "table-missing";
  AnswerRule refused;
  refused.status = {401};
  refused.violated = "key-refused";
  AnswerRule fine;
  fine.status = {404};
  store.rule.answers = {wrong_site, missing, refused, fine};
  return store;
}

Scenario store(const std::string& name, const HttpAnswer& answer, const std::vector<std::string>& findings) {
  return {name,
          [answer](World& world) {
            add_store(world);
            says(world, answer);
          },
          findings,
          {}};
}

void three(World& world) {
  add(world, "one", "api.example.net");
  add(world, "two", "api.example.com");
  add(world, "three", "api.example.org");
}

const std::string at_store = " endpoint:gate:store";

HttpAnswer slow_answer() {
  auto answer = answered(200);
  answer.took = 1500ms;
  return answer;
}

HttpAnswer limited() {
  auto answer = answered(429);
  answer.headers.emplace_back("retry-after", "17");
  return answer;
}

void unread_authorities(World& world) {
  auto& upstream = add(world, "one", "api.example.net");
  auto& setting = world.plain("gate", "EXTRA_CA", "/certs/ca.pem");
  setting.rule.role = "extra-authorities";
  upstream.authorities = "/certs/ca.pem";
  auto& http = world.fakes.on<HttpQuestion>();
  http.answer_all(way(FailureKind::tls_rejected, "tls", "certificate-untrusted"));
  auto missing = failed(FailureKind::not_found, "authorities", "", "no such file");
  missing.value().phase = "authorities";
  http.answer_if([](const HttpQuestion& question) { return !question.authorities.empty(); }, missing);
}

void shown_certificate(World& world) {
  add(world, "one", "api.example.net");
  says(world, way(FailureKind::tls_rejected, "tls", "certificate-untrusted"));
  CertificateAnswer certificate;
  certificate.issuer = "Example Corp Inspection";
  world.fakes.on<CertificateQuestion>().answer_all(certificate);
}

void dispensable(World& world) {
  auto& upstream = add(world, "one", "api.example.net");
  upstream.rule.unless_claim = "LICENSE.is_offline";
  world.secret("gate", "LICENSE");
  TokenAnswer token;
  token.parts = 3;
  token.claims = {{"is_offline", "boolean", "true"}};
  world.fakes.on<TokenQuestion>().answer_all(token);
}

const bool added = add_scenarios(
    "upstream",
    {
        answers("a good answer", answered(200), {}),
        answers("a refusal for the want of a key is a good answer", answered(401), {}),
        answers("a page that is not there is a good answer", answered(404), {}),
        {"nothing is called", [](World& world) { world.service("gate"); }, {}, {}},
        fails("no address", FailureKind::name_not_resolved, "resolve", "upstream-name-not-resolved"),
        fails("refused", FailureKind::refused, "connect", "upstream-refused"),
        fails("silent", FailureKind::timed_out, "connect", "upstream-no-answer"),
        fails("no route", FailureKind::unreachable, "connect", "upstream-unreachable"),
        fails("no HTTP", FailureKind::protocol_error, "answer", "upstream-protocol-error"),
        fails("a proxy that refuses", FailureKind::auth_rejected, "proxy", "upstream-proxy-failed"),
        fails("a proxy that is down", FailureKind::refused, "proxy", "upstream-proxy-failed"),
        {"a certificate that is not trusted", shown_certificate, {"upstream-tls-rejected endpoint:gate:one"}, {}},
        answers("a server error", answered(502), {"upstream-status-unexpected"}),
        answers("too many requests", limited(), {"upstream-rate-limited"}),
        {"407 of a proxy",
         [](World& world) {
           add(world, "one", "api.example.net").proxy = "proxy:3128";
           says(world, answered(407));
         },
         {"upstream-proxy-failed endpoint:gate:one"},
         {}},
        store("the store is well", answered(200), {}),
        store("another site", answered(200, "text/html; charset=utf-8"), {"upstream-answer-unexpected" + at_store}),
        store("a table is missing", answered(404, "application/json", R"({"code":"PGRST205"})"),
              {"upstream-answer-unexpected" + at_store}),
        store("an answer that the description calls good", answered(404), {}),
        store("the key is refused", answered(401), {"upstream-answer-unexpected" + at_store}),
        store("a status that nobody expects", answered(301), {"upstream-status-unexpected" + at_store}),
        store("slow", slow_answer(), {"upstream-slow" + at_store}),
        {"a key that is not set is not sent",
         [](World& world) {
           add_store(world);
           auto& http = world.fakes.on<HttpQuestion>();
           http.answer_all(answered(401));
           auto unset = failed(FailureKind::not_found, "unset");
           unset.value().phase = "login";
           http.answer_if([](const HttpQuestion& question) { return !question.secrets.empty(); }, unset);
         },
         {},
         {}},
        {"a key with a line break",
         [](World& world) {
           add_store(world);
           says(world, way(FailureKind::protocol_error, "login", "not-a-header"));
         },
         {"upstream-credential-unusable" + at_store},
         {}},
        {"the file of authorities is missing",
         unread_authorities,
         {"upstream-authorities-unreadable setting:gate/EXTRA_CA", "upstream-tls-rejected endpoint:gate:one"},
         {}},
        {"a URL that is none",
         [](World& world) {
           auto& upstream = add_with_key(world, "one", "");
           upstream.url.clear();
           upstream.note = "it names no host";
         },
         {"upstream-url-invalid endpoint:gate:one"},
         {}},
        {"a URL that is none, and that the check of settings judges",
         [](World& world) {
           auto& upstream = add_with_key(world, "one", "");
           world.setting("gate", "STORE_URL").rule.form = "http-url";
           upstream.url.clear();
           upstream.note = "it names no host";
         },
         {},
         {}},
        {"a URL that holds a secret",
         [](World& world) {
           auto& upstream = add(world, "one", "");
           upstream.setting = world.secret("gate", "STORE_URL").subject();
           upstream.url.clear();
           upstream.note = "STORE_URL holds a secret";
         },
         {},
         {"endpoint:gate:one"}},
        {"nowhere to stand",
         [](World& world) {
           auto& upstream = add(world, "one", "api.example.net");
           upstream.vantage.clear();
           upstream.note = "no container of gate is running";
         },
         {},
         {"endpoint:gate:one"}},
        {"the bundle does not say",
         [](World& world) { add(world, "one", "api.example.net"); },
         {},
         {"endpoint:gate:one"}},
        {"everything outside is silent",
         [](World& world) {
           three(world);
           auto& own = add(world, "own", "rest");
           own.own = true;
           auto& http = world.fakes.on<HttpQuestion>();
           http.answer_all(way(FailureKind::timed_out, "connect"));
           http.answer_if([](const HttpQuestion& question) { return question.url == "https://rest/v1"; },
                          answered(200));
         },
         {"upstream-no-answer endpoint:gate:egress", "upstream-no-answer endpoint:gate:one",
          "upstream-no-answer endpoint:gate:three", "upstream-no-answer endpoint:gate:two"},
         {}},
        {"one of them answers",
         [](World& world) {
           three(world);
           auto& http = world.fakes.on<HttpQuestion>();
           http.answer_all(way(FailureKind::timed_out, "connect"));
           http.answer_if([](const HttpQuestion& question) { return question.url == "https://api.example.org/v1"; },
                          answered(401));
         },
         {"upstream-no-answer endpoint:gate:one", "upstream-no-answer endpoint:gate:two"},
         {}},
        {"two at one address",
         [](World& world) {
           add(world, "one", "api.example.net");
           add(world, "beat", "api.example.net").url = "https://api.example.net/beat";
           says(world, way(FailureKind::refused, "connect"));
         },
         {"upstream-refused endpoint:gate:one"},
         {}},
        {"a license that makes it dispensable", dispensable, {}, {}},
        {"--offline",
         [](World& world) {
           three(world);
           world.deployment.offline = true;
         },
         {},
         {}},
    });

Judgement judged(const std::function<void(World&)>& arrange, World& world) {
  arrange(world);
  return run_check(check_named("upstream"), world);
}

bool sends_secrets(World& world, Upstream& upstream) {
  upstream.rule.credentials = {{"x-api-key", "", "PROVIDER_KEY"}};
  world.secret("gate", "PROVIDER_KEY");
  says(world, answered(401));
  run_check(check_named("upstream"), world);
  const auto asked = world.fakes.on<HttpQuestion>().asked();
  REQUIRE(asked.size() == 1);
  if (asked.front().secrets.empty()) return false;
  CHECK(asked.front().secrets.front().setting == "setting:gate/PROVIDER_KEY");
  return true;
}

TEST_CASE("upstream judges what services call outside", "[upstream]") {
  expect_scenarios("upstream");
}

TEST_CASE("keys go to hosts that the deployment names, to others only with --deep", "[upstream]") {
  World fixed;
  CHECK_FALSE(sends_secrets(fixed, add(fixed, "one", "api.example.net")));
  World named;
  auto& upstream = add(named, "one", "api.example.net");
  upstream.setting = named.plain("gate", "API_URL", "https://api.example.net").subject();
  CHECK(sends_secrets(named, upstream));
  World deep;
  deep.deployment.deep = true;
  CHECK(sends_secrets(deep, add(deep, "one", "api.example.net")));
}

TEST_CASE("a key that nobody sent is named", "[upstream]") {
  World world;
  auto& upstream = add(world, "one", "api.example.net");
  upstream.rule.credentials = {{"x-api-key", "", "PROVIDER_KEY"}};
  says(world, answered(200));
  CHECK(run_check(check_named("upstream"), world).skipped.empty());  // there is none
  world.secret("gate", "PROVIDER_KEY");
  const auto skipped = run_check(check_named("upstream"), world).skipped;
  REQUIRE(skipped.size() == 1);
  CHECK(skipped.front().subject == "setting:gate/PROVIDER_KEY");
  world.deployment.deep = true;
  CHECK(run_check(check_named("upstream"), world).skipped.empty());
}

TEST_CASE("a key that is refused is a finding where it was sent", "[upstream]") {
  World world;
  world.deployment.deep = true;
  auto& upstream = add(world, "one", "api.example.net");
  upstream.rule.credentials = {{"x-api-key", "", "PROVIDER_KEY"}};
  world.secret("gate", "PROVIDER_KEY");
  says(world, answered(401));
  const auto judgement = run_check(check_named("upstream"), world);
  CHECK(evidence_of(judgement, "upstream-status-unexpected", "status") == "401");
  CHECK(evidence_of(judgement, "upstream-status-unexpected", "login") == "sent");
}

TEST_CASE("evidence of an upstream", "[upstream]") {
  World tls;
  const auto untrusted = judged(shown_certificate, tls);
  CHECK(evidence_of(untrusted, "upstream-tls-rejected", "issuer") == "Example Corp Inspection");
  CHECK(evidence_of(untrusted, "upstream-tls-rejected", "problem") == "certificate-untrusted");
  CHECK(evidence_of(untrusted, "upstream-tls-rejected", "authorities") == "none");
  World all;
  const auto silent = judged(
      [](World& world) {
        three(world);
        says(world, way(FailureKind::timed_out, "connect"));
      },
      all);
  CHECK(evidence_of(silent, "upstream-no-answer", "upstream") == "all");
  CHECK(evidence_of(silent, "upstream-no-answer", "host") == "api.example.net, api.example.com, api.example.org");
  World limits;
  add(limits, "one", "api.example.net");
  says(limits, limited());
  CHECK(evidence_of(run_check(check_named("upstream"), limits), "upstream-rate-limited", "retry_after") == "17");
}

TEST_CASE("the figure of an upstream that is well", "[upstream]") {
  World world;
  add(world, "one", "api.example.net");
  says(world, answered(401));
  const auto judgement = run_check(check_named("upstream"), world);
  REQUIRE(judgement.healthy.size() == 1);
  CHECK(judgement.healthy.front().figure == "answered 401 in 80 ms");
}

TEST_CASE("each upstream is asked once, as its service would ask", "[upstream]") {
  World world;
  auto& upstream = add(world, "one", "api.example.net");
  upstream.proxy = "proxy:3128";
  upstream.authorities = "/certs/ca.pem";
  upstream.rule.timeout = 4s;
  says(world, answered(401));
  run_check(check_named("upstream"), world);
  const auto asked = world.fakes.on<HttpQuestion>().asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().method == "HEAD");
  CHECK(asked.front().proxy == "proxy:3128");
  CHECK(asked.front().authorities == "/certs/ca.pem");
  CHECK(asked.front().vantage == "container gate");
  CHECK(asked.front().limit == 4s);
  CHECK(asked.front().secrets.empty());
}

TEST_CASE("with --offline nothing outside is asked, and what is the deployment's own is", "[upstream]") {
  World world;
  three(world);
  add(world, "own", "rest").own = true;
  world.deployment.offline = true;
  says(world, answered(200));
  const auto judgement = run_check(check_named("upstream"), world);
  CHECK(judgement.findings.empty());
  CHECK(judgement.healthy.size() == 1);
  REQUIRE(judgement.skipped.size() == 3);
  CHECK(judgement.skipped.front().reason == "--offline");
  const auto asked = world.fakes.on<HttpQuestion>().asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().url == "https://rest/v1");
}

}  // namespace
}  // namespace doctor::test
