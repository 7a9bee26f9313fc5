#include "deployment/find_upstreams.hpp"

#include <algorithm>

#include "deployment/egress.hpp"
#include "doctor/outside.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;

namespace {

UpstreamRule rule(const std::string& id, const std::string& url, const std::string& setting = {}) {
  UpstreamRule made;
  made.id = id;
  made.url = url;
  made.setting = setting;
  return made;
}

/// A service in a container that doctor can enter, beside another named "rest".
class Stack {
 public:
  Deployment deployment;

  Stack() {
    Service gate;
    gate.name = "gate";
    gate.place = {"docker-compose.yml", 3, 3};
    gate.vantage = "container gate";
    Service rest = gate;
    rest.name = "rest";
    rest.vantage = "container rest";
    deployment.services = {gate, rest};
    engine.asked = true;
    engine.aliases["rest"] = {"rest-alias"};
  }

  Service& gate() { return deployment.services.front(); }

  Setting& set(const std::string& name, Value value, const std::string& role = {}) {
    Setting setting;
    setting.service = "gate";
    setting.name = name;
    setting.rule.name = name;
    setting.rule.role = role;
    setting.configured = std::move(value);
    return deployment.settings.emplace_back(std::move(setting));
  }
  Setting& set(const std::string& name, const std::string& value, const std::string& role = {}) {
    return set(name, Value::plain(value), role);
  }

  std::vector<Upstream> upstreams() const { return find_upstreams(deployment, engine); }
  Upstream only() const {
    const auto found = upstreams();
    REQUIRE(found.size() == 1);
    return found.front();
  }

  EngineView engine;
};

Stack calling(const UpstreamRule& rule) {
  Stack stack;
  stack.gate().rule.upstreams = {rule};
  return stack;
}

bool has_edge(const std::vector<Edge>& edges, const std::string& from, const std::string& to) {
  return std::find(edges.begin(), edges.end(), Edge{from, to}) != edges.end();
}

}  // namespace

TEST_CASE("an address of the description", "[upstream]") {
  auto one = rule("api", "https://api.example.net");
  one.path = "/v1/models?limit=1";
  const auto found = calling(one).only();
  CHECK(found.endpoint == "endpoint:gate:api");
  CHECK(found.setting.empty());
  CHECK(found.url == "https://api.example.net/v1/models?limit=1");
  CHECK(found.host == "api.example.net");
  CHECK(found.port == 443);
  CHECK(found.tls);
  CHECK_FALSE(found.own);
  CHECK(found.vantage == "container gate");
  CHECK(found.note.empty());
  CHECK(found.proxy.empty());
}

TEST_CASE("a setting wins over the address of the description", "[upstream]") {
  auto stack = calling(rule("beat", "https://api.example.net/beat", "BEAT_URL"));
  CHECK(stack.only().url == "https://api.example.net/beat");
  auto& setting = stack.set("BEAT_URL", "http://beats.example.org:8000/b?token=s3cret#x");
  CHECK(stack.only().url == "http://beats.example.org:8000/b");
  CHECK(stack.only().setting == "setting:gate/BEAT_URL");
  CHECK(stack.only().port == 8000);
  CHECK_FALSE(stack.only().tls);
  setting.configured = Value::plain("");
  CHECK(stack.upstreams().empty());  // it is used as it is
  setting.rule.may_be_empty = true;
  CHECK(stack.only().url == "https://api.example.net/beat");
  setting.configured = Value::plain("https://your-project.example.org");
  setting.rule.examples = {"your-project"};
  CHECK(stack.upstreams().empty());
}

TEST_CASE("a setting without a value leads nowhere, a fallback does", "[upstream]") {
  auto stack = calling(rule("store", "", "STORE_URL"));
  CHECK(stack.upstreams().empty());
  auto& setting = stack.set("STORE_URL", "x");
  setting.configured.reset();
  CHECK(stack.upstreams().empty());
  setting.rule.fallback = "http://127.0.0.1:3000";
  CHECK(stack.only().url == "http://127.0.0.1:3000");
}

TEST_CASE("the ending of a URL is replaced", "[upstream]") {
  auto one = rule("license", "https://api.example.net/validate", "ANALYZE_URL");
  one.from = "/v1/analyze";
  one.to = "/v1/validate";
  auto stack = calling(one);
  CHECK(stack.only().url == "https://api.example.net/validate");
  auto& setting = stack.set("ANALYZE_URL", "https://inner.example.org/v1/analyze");
  CHECK(stack.only().url == "https://inner.example.org/v1/validate");
  setting.configured = Value::plain("https://inner.example.org/other");
  CHECK(stack.only().url == "https://inner.example.org/other");
}

TEST_CASE("what is called only sometimes", "[upstream]") {
  auto one = rule("license", "https://api.example.net");
  one.when = "LICENSE";
  auto stack = calling(one);
  CHECK(stack.upstreams().empty());
  stack.set("LICENSE", Value::secret("eyJ"));
  CHECK(stack.upstreams().size() == 1);
  stack.gate().rule.upstreams.front().without = "MODE";
  CHECK(stack.upstreams().size() == 1);
  stack.set("MODE", "local");
  CHECK(stack.upstreams().empty());
  stack.deployment.settings.pop_back();
  stack.gate().enabled = false;
  CHECK(stack.upstreams().empty());
}

TEST_CASE("a URL that cannot be asked says why", "[upstream]") {
  auto stack = calling(rule("store", "", "STORE_URL"));
  auto& setting = stack.set("STORE_URL", "ftp://store.example.org");
  for (const auto* text : {"ftp://store.example.org", "store.example.org", "https://", "https://h:0"}) {
    setting.configured = Value::plain(text);
    CHECK(stack.only().url.empty());
    CHECK_FALSE(stack.only().note.empty());
  }
  setting.configured = Value::secret("https://user:hidden@store.example.org");
  CHECK(stack.only().url.empty());
  CHECK(stack.only().note.find("hidden") == std::string::npos);
  CHECK(stack.only().host.empty());
}

TEST_CASE("where doctor cannot stand", "[upstream]") {
  auto stack = calling(rule("api", "https://api.example.net"));
  stack.gate().vantage.clear();
  stack.gate().vantage_note = "no container of gate is running";
  CHECK(stack.only().note == "no container of gate is running");
  CHECK(stack.only().url == "https://api.example.net");
}

TEST_CASE("hosts of the deployment are its own", "[upstream]") {
  auto stack = calling(rule("store", "", "STORE_URL"));
  auto& setting = stack.set("STORE_URL", "");
  const auto is_own = [&](const std::string& host) {
    setting.configured = Value::plain("http://" + host + ":3000");
    return stack.only().own;
  };
  for (const auto* host : {"rest", "rest-alias", "localhost", "127.0.0.2", "[::1]", "10.1.2.3", "192.168.0.9",
                           "172.20.0.3", "host.docker.internal"})
    CHECK(is_own(host));
  for (const auto* host : {"store.example.org", "8.8.8.8", "172.32.0.1", "[2001:db8::1]", "rest.example.org"})
    CHECK_FALSE(is_own(host));
}

TEST_CASE("hosts that can only be near", "[upstream]") {
  for (const auto* host : {"localhost", "LOCALHOST.", "x.localhost", "127.9.9.9", "::1", "fe80::1", "fd00::1",
                           "::ffff:10.0.0.1", "100.64.0.1", "169.254.1.1", "0.0.0.0"})
    CHECK(is_private_host(host));
  for (const auto* host :
       {"", "localhost.example.org", "100.128.0.1", "2001:db8::1", "::ffff:8.8.8.8", "127.0.0.1.nip"})
    CHECK_FALSE(is_private_host(host));
  Deployment deployment;
  CHECK_FALSE(is_kept_from(deployment, "example.org"));
  deployment.offline = true;
  CHECK(is_kept_from(deployment, "example.org"));
  CHECK_FALSE(is_kept_from(deployment, "localhost"));
}

TEST_CASE("a proxy counts when the service looks at it", "[upstream]") {
  auto stack = calling(rule("api", "https://api.example.net"));
  stack.deployment.settings.reserve(10);
  auto& proxy = stack.set("HTTPS_PROXY", Value::secret("http://proxy.lan:3128/"), "egress-proxy");
  CHECK(stack.only().proxy == "proxy.lan:3128");
  proxy.rule.needs = SettingCondition{"USE_PROXY", {"1"}};
  CHECK(stack.only().proxy.empty());
  auto& use = stack.set("USE_PROXY", "0");
  CHECK(stack.only().proxy.empty());
  use.configured = Value::plain("1");
  CHECK(stack.only().proxy == "proxy.lan:3128");
  auto& except = stack.set("NO_PROXY", "localhost, .example.org");
  CHECK(stack.only().proxy == "proxy.lan:3128");
  for (const auto* list : {"api.example.net", "x,API.example.net", ".example.net", "*.example.net", "*",
                           "api.example.net:443", "a b api.example.net"}) {
    except.configured = Value::plain(list);
    CHECK(stack.only().proxy.empty());
  }
  for (const auto* list : {"example.net", "api.example.net:8443", "pi.example.net", ""}) {
    except.configured = Value::plain(list);
    CHECK_FALSE(stack.only().proxy.empty());
  }
}

TEST_CASE("proxies in other forms", "[upstream]") {
  auto stack = calling(rule("api", "https://api.example.net"));
  auto& proxy = stack.set("HTTPS_PROXY", Value::secret("proxy.lan"), "egress-proxy");
  CHECK(stack.only().proxy == "proxy.lan:80");
  proxy.configured = Value::secret("http://[::1]:3128");
  CHECK(stack.only().proxy == "[::1]:3128");
  for (const auto* text : {"https://proxy.lan:3128", "socks5://proxy.lan", "http://user:hidden@proxy.lan:3128"}) {
    proxy.configured = Value::secret(text);
    CHECK(stack.only().proxy.empty());
    CHECK_FALSE(stack.only().note.empty());
    CHECK(stack.only().note.find("hidden") == std::string::npos);
  }
  proxy.name = proxy.rule.name = "HTTP_PROXY";
  CHECK(stack.only().note.empty());  // that one is for http://
}

TEST_CASE("further authorities are those that the service names", "[upstream]") {
  auto stack = calling(rule("api", "https://api.example.net"));
  auto& file = stack.set("EXTRA_CA", "/certs/ca.pem", "extra-authorities");
  CHECK(stack.only().authorities == "/certs/ca.pem");
  file.configured = Value::plain("certs/ca.pem");
  CHECK(stack.only().authorities.empty());
  CHECK_FALSE(stack.only().note.empty());
  stack.gate().process = Process{};
  stack.gate().process->directory = "/srv/gate";
  CHECK(stack.only().authorities == "/srv/gate/certs/ca.pem");
  stack.gate().rule.upstreams.front().url = "http://api.example.net";
  CHECK(stack.only().authorities.empty());
}

TEST_CASE("what depends on an upstream, and what it depends on", "[upstream]") {
  auto outside = rule("store", "", "STORE_URL");
  outside.credentials = {{"apikey", "", "STORE_KEY"}};
  auto stack = calling(outside);
  stack.deployment.settings.reserve(10);
  stack.set("STORE_URL", "https://store.example.org");
  stack.set("STORE_KEY", Value::secret("k"));
  stack.set("EXTRA_CA", "/certs/ca.pem", "extra-authorities");
  stack.deployment.upstreams = stack.upstreams();
  const auto edges = upstream_edges(stack.deployment, stack.engine);
  CHECK(has_edge(edges, "service:gate", "endpoint:gate:store"));
  CHECK(has_edge(edges, "service:gate", "endpoint:gate:egress"));
  CHECK(has_edge(edges, "endpoint:gate:store", "endpoint:gate:egress"));
  CHECK(has_edge(edges, "endpoint:gate:store", "setting:gate/STORE_URL"));
  CHECK(has_edge(edges, "endpoint:gate:store", "setting:gate/STORE_KEY"));
  CHECK(has_edge(edges, "endpoint:gate:store", "setting:gate/EXTRA_CA"));
  CHECK(has_edge(edges, "endpoint:gate:store", "host:clock"));
  CHECK_FALSE(has_edge(edges, "endpoint:gate:store", "service:gate"));
}

TEST_CASE("an upstream inside the deployment depends on the service there", "[upstream]") {
  auto stack = calling(rule("store", "http://rest:3000"));
  stack.deployment.upstreams = stack.upstreams();
  const auto edges = upstream_edges(stack.deployment, stack.engine);
  CHECK(has_edge(edges, "endpoint:gate:store", "service:rest"));
  CHECK(has_edge(edges, "endpoint:gate:store", "endpoint:rest:3000"));
  CHECK_FALSE(has_edge(edges, "endpoint:gate:store", "endpoint:gate:egress"));

  auto bare = calling(rule("store", "http://127.0.0.1:3000"));
  bare.gate().vantage = "host";
  HttpBase base;
  base.endpoint = "endpoint:rest:3000";
  base.dial = {"127.0.0.1", 3000, "host", "as configured", "", ""};
  bare.deployment.http = {base};
  bare.deployment.upstreams = bare.upstreams();
  CHECK(has_edge(upstream_edges(bare.deployment, bare.engine), "endpoint:gate:store", "endpoint:rest:3000"));
}

TEST_CASE("of a service of which only an address is known nothing is asked", "[upstream]") {
  auto stack = calling(rule("api", "https://api.example.net"));
  stack.gate().place = {};
  CHECK(stack.upstreams().empty());
  stack.set("ANY", "value");
  CHECK(stack.upstreams().size() == 1);
}
