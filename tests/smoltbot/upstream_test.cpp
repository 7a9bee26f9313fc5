// What a smoltbot gateway calls: its REST front end, the licence server, the providers.

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include "lab/smoltbot_lab.hpp"
#include "lab/smoltbot_world.hpp"
#include "support/catch.hpp"
#include "support/proxy_server.hpp"

namespace doctor::lab {
namespace {

constexpr const char* supabase_address = "127.0.0.7";
constexpr const char* supabase_host = "abcdefghijklmnopqrst.supabase.co";

Root at(const std::string& id, const std::string& entry, const std::string& code) {
  return {entry, code, "upstream", "endpoint:gateway:" + id};
}

/// Supabase as its makers run it: outside, over TLS.
class HostedSupabase {
 public:
  explicit HostedSupabase(SmoltbotLab& lab, Site::Answer answer = {200, "[]"})
      : site_{supabase_host, supabase_address, site_authority(),
              [key = lab.service_key(), answer](const std::string& head) -> Site::Answer {
                if (head.find(key) == std::string::npos) return {401, R"({"message":"No API key found in request"})"};
                return answer;
              }} {
    static const bool known = [] {
      add_host(supabase_address, supabase_host);
      return true;
    }();
    static_cast<void>(known);
    lab.set("SUPABASE_URL", std::string{"https://"} + supabase_host);
  }
  Site& site() { return site_; }

 private:
  Site site_;
};

/// /etc/hosts of this test's own namespace without the lines that hold a word, until the end of the test.
class Forgotten {
 public:
  explicit Forgotten(const std::vector<std::string>& words) : before_{read_file(file)} {
    std::string kept;
    std::istringstream lines{before_};
    for (std::string line; std::getline(lines, line);) {
      bool hit = false;
      for (const auto& word : words) hit = hit || line.find(word) != std::string::npos;
      if (!hit) kept += line + "\n";
    }
    std::ofstream{file} << kept;
  }
  ~Forgotten() { std::ofstream{file} << before_; }
  Forgotten(const Forgotten&) = delete;
  Forgotten& operator=(const Forgotten&) = delete;

 private:
  static constexpr const char* file = "/etc/hosts";
  std::string before_;
};

std::vector<Site*> providers(SmoltbotLab& lab) {
  return {&lab.anthropic(), &lab.openai(), &lab.gemini()};
}

std::vector<Site*> outside(SmoltbotLab& lab) {
  auto sites = providers(lab);
  sites.push_back(&lab.mnemom());
  return sites;
}

void all(const std::vector<Site*>& sites, const std::string& mode) {
  for (auto* site : sites) site->mode(mode);
}

/// The first heartbeat of a gateway that has just started must not meet what is injected.
void settle(SmoltbotLab& lab) {
  while (lab.mnemom().requests() < 1) std::this_thread::sleep_for(std::chrono::milliseconds{10});
}

int requests(const std::vector<Site*>& sites) {
  int count = 0;
  for (const auto* site : sites) count += site->requests();
  return count;
}

}  // namespace

TEST_CASE("a hosted Supabase that is well", "[upstream]") {
  SmoltbotLab lab;
  HostedSupabase supabase{lab};
  lab.start();
  expect_silent(check(lab), 0);
  CHECK(supabase.site().received().find("GET /rest/v1/agents?select=id&limit=1 ") != std::string::npos);
  CHECK(supabase.site().received().find("Bearer " + lab.service_key()) != std::string::npos);
}

TEST_CASE("a Supabase that cannot be reached", "[upstream]") {
  for (const auto& [mode, code] :
       std::vector<std::pair<std::string, std::string>>{{"refuse", "upstream-refused"},
                                                        {"drop", "upstream-no-answer"},
                                                        {"untrusted", "upstream-tls-rejected"},
                                                        {"expired", "upstream-tls-rejected"},
                                                        {"503", "upstream-status-unexpected"}}) {
    INFO(mode);
    SmoltbotLab lab;
    HostedSupabase supabase{lab};
    lab.start();
    supabase.site().mode(mode);
    const auto result = check(lab);
    expect_roots(result, {at("supabase", "smoltbot-supabase-unreachable", code)}, 1);
    if (mode != "503")
      expect_consequence(result, {"smoltbot-health-degraded", "health-answer-unexpected", "health", lab.endpoint()},
                         "smoltbot-supabase-unreachable");
  }
}

TEST_CASE("a Supabase whose name has no address", "[upstream]") {
  SmoltbotLab lab;
  HostedSupabase supabase{lab};
  lab.start();
  settle(lab);
  const Forgotten hosts{{supabase_host}};
  expect_roots(check(lab), {at("supabase", "smoltbot-supabase-unreachable", "upstream-name-not-resolved")}, 1);
}

TEST_CASE("a key that the REST front end refuses", "[upstream]") {
  SmoltbotLab lab;
  lab.set("SUPABASE_KEY", token({{"role", "service_role"}, {"ref", "other"}, {"exp", 4102444800}}));
  lab.start();
  CHECK(lab.get("/health/ready").status == 200);
  const auto result = check(lab);
  expect_roots(result, {at("supabase", "smoltbot-supabase-key-invalid", "upstream-answer-unexpected")}, 1);
  CHECK(result.evidence("smoltbot-supabase-key-invalid", "status") == "401");
  CHECK(result.evidence("smoltbot-supabase-key-invalid", "login") == "sent");
}

TEST_CASE("a REST address that leads to a web site", "[upstream]") {
  SmoltbotLab lab;
  lab.start().rest("site");
  expect_roots(check(lab), {at("supabase", "smoltbot-supabase-wrong-site", "upstream-answer-unexpected")}, 1);
}

TEST_CASE("a REST front end without the prefix of Supabase", "[upstream]") {
  SmoltbotLab lab;
  lab.start().rest("bare");
  expect_roots(check(lab), {at("supabase", "smoltbot-rest-prefix-missing", "upstream-answer-unexpected")}, 1);
}

TEST_CASE("a hosted Supabase without the tables", "[upstream]") {
  SmoltbotLab lab;
  HostedSupabase supabase{lab, {404, R"({"code":"PGRST205","message":"Could not find the table 'public.agents'"})"}};
  lab.start();
  expect_roots(check(lab), {at("supabase", "smoltbot-migration-pending", "upstream-answer-unexpected")}, 1);
}

TEST_CASE("a Supabase that takes its time", "[upstream]") {
  SmoltbotLab lab;
  HostedSupabase supabase{lab};
  lab.start();
  supabase.site().mode("slow");
  const auto result = check(lab, {"--fail-on", "warning"});
  expect_roots(result, {at("supabase", "smoltbot-supabase-slow", "upstream-slow")}, 1);
}

TEST_CASE("PostgreSQL in the place of the REST front end", "[upstream]") {
  SmoltbotLab lab;
  const auto before_packet_ends = [](test::Peer& peer) { static_cast<void>(peer.receive(8)); };
  const test::ScriptedServer postgres{before_packet_ends, test::Place{"127.0.0.1", 5432}};
  lab.set("SUPABASE_URL", "http://127.0.0.1:5432");
  lab.start();
  const auto result = check(lab);
  expect_roots(result,
               {{"smoltbot-supabase-url-raw-postgres", "env-value-refused", "env", lab.setting("SUPABASE_URL")}}, 1);
  const auto rest = result.consequences();
  CHECK(std::count(rest.begin(), rest.end(), "smoltbot-supabase-url-raw-postgres endpoint:gateway:supabase") == 1);
}

TEST_CASE("a real PostgreSQL at a port of its own in the place of the REST front end", "[upstream]") {
  SmoltbotLab lab;
  lab.set("SUPABASE_URL", "http://127.0.0.1:" + std::to_string(lab.postgres().port()));
  lab.start();
  expect_roots(check(lab), {at("supabase", "smoltbot-supabase-unreachable", "upstream-protocol-error")}, 1);
}

TEST_CASE("a provider that refuses connections", "[upstream]") {
  SmoltbotLab lab;
  lab.start();
  lab.openai().mode("refuse");
  const auto result = check(lab);
  expect_roots(result, {at("openai", "smoltbot-upstream-unreachable", "upstream-refused")}, 1);
  CHECK(result.evidence("smoltbot-upstream-unreachable", "host") == "api.openai.com");
}

TEST_CASE("all providers refuse connections, and the licence server too", "[upstream]") {
  SmoltbotLab lab;
  lab.start();
  all(outside(lab), "refuse");
  const auto result = check(lab);
  expect_roots(result, {at("egress", "smoltbot-upstream-unreachable", "upstream-refused")}, 1);
  expect_consequence(result, at("license", "smoltbot-license-server-unreachable", "upstream-refused"),
                     "smoltbot-upstream-unreachable");
}

TEST_CASE("packets to one provider are dropped", "[upstream]") {
  SmoltbotLab lab;
  lab.start();
  lab.gemini().mode("drop");
  const auto result = check(lab);
  expect_roots(result, {at("gemini", "smoltbot-upstream-egress-blocked", "upstream-no-answer")}, 1);
  CHECK(result.evidence("smoltbot-upstream-egress-blocked", "phase") == "connect");
}

TEST_CASE("a firewall drops everything that goes out", "[upstream]") {
  SmoltbotLab lab;
  lab.start();
  all(outside(lab), "drop");
  const auto result = check(lab);
  expect_roots(result, {at("egress", "smoltbot-upstream-egress-blocked", "upstream-no-answer")}, 1);
  CHECK(result.evidence("smoltbot-upstream-egress-blocked", "upstream") == "all");
}

TEST_CASE("no name outside can be resolved", "[upstream]") {
  SmoltbotLab lab;
  lab.start();
  settle(lab);
  const Forgotten hosts{{"api.", "googleapis"}};
  const auto result = check(lab);
  expect_roots(result, {at("egress", "smoltbot-dns-failed", "upstream-name-not-resolved")}, 1);
}

TEST_CASE("the licence server cannot be reached", "[upstream]") {
  for (const auto& [mode, code] : std::vector<std::pair<std::string, std::string>>{{"refuse", "upstream-refused"},
                                                                                   {"drop", "upstream-no-answer"}}) {
    INFO(mode);
    SmoltbotLab lab;
    lab.mnemom().mode(mode);
    lab.start();
    const auto result = check(lab);
    expect_roots(result, {at("license", "smoltbot-license-server-unreachable", code)}, 1);
  }
}

TEST_CASE("an offline licence needs no licence server, and heartbeats fail without harm", "[upstream]") {
  SmoltbotLab lab;
  auto claims = lab.license_claims();
  claims["is_offline"] = true;
  lab.license(claims);
  lab.mnemom().mode("refuse");
  lab.start();
  const auto result = check(lab);
  expect_roots(result, {at("heartbeat", "smoltbot-heartbeat-failing", "upstream-refused")}, 0);
}

TEST_CASE("heartbeats to a server that is not well", "[upstream]") {
  SmoltbotLab lab;
  lab.mnemom().mode("503 /v1/deployments");
  lab.start();
  const auto result = check(lab);
  expect_roots(result, {at("heartbeat", "smoltbot-heartbeat-failing", "upstream-status-unexpected")}, 0);
  CHECK(result.evidence("smoltbot-heartbeat-failing", "status") == "503");
}

TEST_CASE("heartbeats to an address of one's own where nothing listens", "[upstream]") {
  SmoltbotLab lab;
  lab.set("HEARTBEAT_URL", "http://127.0.0.1:" + std::to_string(test::closed_port()) + "/beat");
  lab.start();
  expect_roots(check(lab), {at("heartbeat", "smoltbot-heartbeat-failing", "upstream-refused")}, 0);
}

TEST_CASE("somebody opens the connections on their way", "[upstream]") {
  SmoltbotLab lab;
  lab.start();
  all(outside(lab), "untrusted");
  const auto result = check(lab);
  expect_roots(result, {at("egress", "smoltbot-tls-interception-untrusted", "upstream-tls-rejected")}, 1);
  CHECK(result.evidence("smoltbot-tls-interception-untrusted", "issuer") == "Corporate Proxy Authority");
}

TEST_CASE("the authority of the way out is not named, or the file is not there", "[upstream]") {
  SmoltbotLab lab;
  lab.unset("NODE_EXTRA_CA_CERTS").start();
  const auto unnamed = check(lab);
  expect_roots(unnamed, {at("egress", "smoltbot-tls-interception-untrusted", "upstream-tls-rejected")}, 1);
  CHECK(unnamed.evidence("smoltbot-tls-interception-untrusted", "issuer") == "Doctor Lab Authority");
  CHECK(unnamed.evidence("smoltbot-tls-interception-untrusted", "authorities") == "none");
  lab.set("NODE_EXTRA_CA_CERTS", lab.directory().path("certs/other.pem")).start();
  const auto missing = check(lab);
  expect_roots(missing,
               {{"upstream-authorities-unreadable", "upstream-authorities-unreadable", "upstream",
                 lab.setting("NODE_EXTRA_CA_CERTS")}},
               1);
  expect_consequence(missing, at("egress", "smoltbot-tls-interception-untrusted", "upstream-tls-rejected"),
                     "upstream-authorities-unreadable");
}

TEST_CASE("the way out through an HTTP proxy", "[upstream]") {
  SmoltbotLab lab;
  const test::ProxyServer proxy;
  lab.set("HTTPS_PROXY", "http://" + proxy.address()).set("NODE_USE_ENV_PROXY", "1").start();
  expect_silent(check(lab), 0);
  std::vector<std::string> asked;
  for (const auto* host : {"api.anthropic.com", "api.openai.com", "generativelanguage.googleapis.com"}) {
    const auto line = std::string{"CONNECT "} + host + ":443 HTTP/1.1";
    const auto lines = proxy.requested();
    INFO(line);
    CHECK(std::count(lines.begin(), lines.end(), line) > 0);
  }
}

TEST_CASE("an HTTP proxy that lets nobody out", "[upstream]") {
  SmoltbotLab lab;
  const test::ProxyServer proxy{{0, 403}};
  lab.set("HTTPS_PROXY", "http://" + proxy.address()).set("NODE_USE_ENV_PROXY", "1").start();
  const auto result = check(lab);
  expect_roots(result, {at("egress", "smoltbot-upstream-unreachable", "upstream-proxy-failed")}, 1);
  CHECK(result.evidence("smoltbot-upstream-unreachable", "proxy") == proxy.address());
}

TEST_CASE("a key of a provider is tried with --deep alone", "[upstream]") {
  SmoltbotLab lab;
  lab.start();
  const auto key = lab.value("ANTHROPIC_API_KEY");
  expect_silent(check(lab), 0);
  CHECK(lab.anthropic().received().find(key) == std::string::npos);
  expect_silent(check(lab, {"--deep"}), 0);
  CHECK(lab.anthropic().received().find(key) != std::string::npos);
  lab.anthropic().mode("401");
  expect_silent(check(lab), 0);
  const auto result = check(lab, {"--deep"});
  expect_roots(result, {at("anthropic", "smoltbot-analysis-key-invalid", "upstream-status-unexpected")}, 1);
}

TEST_CASE("a provider that takes no more requests", "[upstream]") {
  SmoltbotLab lab;
  lab.start();
  lab.openai().mode("429");
  const auto result = check(lab);
  expect_roots(result, {at("openai", "smoltbot-upstream-rate-limited", "upstream-rate-limited")}, 0);
  CHECK(result.evidence("smoltbot-upstream-rate-limited", "retry_after") == "30");
}

TEST_CASE("with --offline nothing outside is contacted", "[upstream]") {
  SmoltbotLab lab;
  HostedSupabase supabase{lab};
  lab.start();
  // The gateway itself: its first heartbeat, its licence, and Supabase each time that it is asked whether it is ready.
  lab.get("/models.json");
  while (lab.mnemom().requests() < 2) std::this_thread::sleep_for(std::chrono::milliseconds{10});
  const auto before = requests(outside(lab));
  const auto result = check(lab, {"--offline"});
  CHECK(requests(outside(lab)) == before);
  CHECK(supabase.site().received().find("GET /rest/v1/agents") == std::string::npos);
  expect_silent(result, 0);
}

}  // namespace doctor::lab
