// --offline is a promise of the whole program: no check asks anything of a host outside.
#include <chrono>
#include <string>

#include "checks/registry.hpp"
#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string outside = "chat.example.org";
const std::string provider = "api.example.net";

HttpAnswer page() {
  HttpAnswer answer;
  answer.status = 200;
  answer.headers = {{"content-type", "application/json"}, {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}};
  answer.body = "{}";
  answer.took = std::chrono::milliseconds{12};
  return answer;
}

/// A service that runs, has a public address, and calls a provider.
void arrange(World& world) {
  auto& service = world.service("web");
  service.rule.name = "web";
  world.process("web");
  Expectation health;
  health.http = "/health";
  Expectation socket;
  socket.websocket = "/ws";
  service.rule.expect = {health, socket};
  HttpBase base;
  base.service = "web";
  base.endpoint = "endpoint:web:8080";
  base.url = "http://127.0.0.1:8080";
  base.dial = {"127.0.0.1", 8080, "host", "as configured", "", ""};
  world.deployment.http = {base};
  PublicUrl url;
  url.service = "web";
  url.setting = "setting:web/PUBLIC_URL";
  url.url = "https://" + outside;
  url.host = outside;
  url.port = 443;
  url.tls = true;
  url.endpoint = "endpoint:web:public";
  world.deployment.public_urls = {url};
  Upstream upstream;
  upstream.service = "web";
  upstream.id = "provider";
  upstream.endpoint = "endpoint:web:provider";
  upstream.url = "https://" + provider + "/v1";
  upstream.host = provider;
  upstream.port = 443;
  upstream.tls = true;
  upstream.vantage = "host";
  world.deployment.upstreams = {upstream};
  world.fakes.on<HttpQuestion>().answer_all(page());
  WebSocketAnswer opened;
  opened.status = 101;
  world.fakes.on<WebSocketQuestion>().answer_all(opened);
  world.fakes.on<CertificateQuestion>().answer_all(CertificateAnswer{});
}

bool is_outside(const std::string& text) {
  return text.find(outside) != std::string::npos || text.find(provider) != std::string::npos;
}

/// How many questions lead outside, of all checks together.
int asked_outside(World& world) {
  for (const auto* check : checks::all()) run_check(*check, world);
  int count = 0;
  for (const auto& question : world.fakes.on<HttpQuestion>().asked()) count += is_outside(question.url) ? 1 : 0;
  for (const auto& question : world.fakes.on<WebSocketQuestion>().asked()) count += is_outside(question.url) ? 1 : 0;
  for (const auto& question : world.fakes.on<CertificateQuestion>().asked()) count += is_outside(question.host) ? 1 : 0;
  for (const auto& question : world.fakes.on<TcpQuestion>().asked()) count += is_outside(question.host) ? 1 : 0;
  for (const auto& question : world.fakes.on<ResolveQuestion>().asked()) count += is_outside(question.name) ? 1 : 0;
  return count;
}

TEST_CASE("with --offline no check asks anything outside", "[contract][offline]") {
  World online;
  arrange(online);
  CHECK(asked_outside(online) > 4);
  World offline;
  arrange(offline);
  offline.deployment.offline = true;
  CHECK(asked_outside(offline) == 0);
  CHECK_FALSE(offline.fakes.on<HttpQuestion>().asked().empty());
}

TEST_CASE("what --offline leaves out is said", "[contract][offline]") {
  World world;
  arrange(world);
  world.deployment.offline = true;
  for (const auto* id : {"tls", "health", "upstream"}) {
    INFO(id);
    const auto judgement = run_check(check_named(id), world);
    REQUIRE(judgement.skipped.size() == 1);
    CHECK(judgement.skipped.front().reason == "--offline");
  }
}

}  // namespace
}  // namespace doctor::test
