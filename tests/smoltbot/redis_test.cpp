// What goes wrong between a smoltbot gateway and its Redis.

#include <chrono>
#include <stdexcept>
#include <thread>

#include "lab/smoltbot_lab.hpp"
#include "lab/smoltbot_world.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"

namespace doctor::lab {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

std::string server(const SmoltbotLab& lab) {
  const auto url = lab.value("REDIS_URL");
  const auto end = url.find('/', url.rfind(':'));
  const auto port = url.substr(url.rfind(':') + 1, end == std::string::npos ? end : end - url.rfind(':') - 1);
  return "endpoint:redis:" + port;
}

Root about_server(const SmoltbotLab& lab, const std::string& entry, const std::string& code) {
  return {entry, code, "redis", server(lab)};
}

Root about_login(const SmoltbotLab& lab, const std::string& entry, const std::string& code) {
  return {entry, code, "redis", lab.setting("REDIS_URL")};
}

test::RedisServer::Options with(Settings settings) {
  test::RedisServer::Options options;
  options.settings = std::move(settings);
  return options;
}

/// Until the server refuses more.
void fill_up(test::RedisServer& redis) {
  redis.command({"CONFIG", "SET", "maxmemory", "4mb"});
  const std::string value(50'000, 'x');
  for (int i = 0; i < 1000; ++i)
    if (redis.command({"SET", "filling:" + std::to_string(i), value}).starts_with("-OOM")) return;
}

/// A rule of this test program's own network that swallows what is sent to a port.
class DroppedPort {
 public:
  explicit DroppedPort(std::uint16_t port) : port_{std::to_string(port)} { change("-A"); }
  ~DroppedPort() { run({"iptables", "-D", "INPUT", "-p", "tcp", "--dport", port_, "-j", "DROP"}); }
  DroppedPort(const DroppedPort&) = delete;
  DroppedPort& operator=(const DroppedPort&) = delete;

 private:
  void change(const std::string& action) const {
    const auto result = run({"iptables", action, "INPUT", "-p", "tcp", "--dport", port_, "-j", "DROP"});
    if (result.exit != 0) throw std::runtime_error("no packet filter: " + result.err);
  }

  std::string port_;
};

/// The URL of the lab's Redis without what stands before the host.
std::string url_without_login(const SmoltbotLab& lab, const std::string& scheme = "redis") {
  const auto url = lab.redis_url();
  return scheme + "://" + url.substr(url.find('@') + 1);
}

}  // namespace

TEST_CASE("Redis is gone while the gateway runs", "[redis]") {
  SmoltbotLab lab;
  lab.start();
  lab.redis().stop();
  lab.get("/health/ready");
  lab.wait_for_log("ECONNREFUSED");
  const auto result = check(lab);
  expect_roots(result, {about_server(lab, "smoltbot-redis-unreachable", "redis-refused")}, 1);
  expect_consequence(result, {"smoltbot-health-degraded", "health-answer-unexpected", "health", lab.endpoint()},
                     "smoltbot-redis-unreachable");
}

TEST_CASE("what the log tells of a Redis that was gone", "[redis]") {
  SmoltbotLab lab;
  lab.start();
  lab.redis().stop();
  lab.get("/health/ready");
  lab.wait_for_log("ECONNREFUSED");
  const auto result = check(lab, {"--only", "logs"});
  expect_roots(result, {{"smoltbot-redis-unreachable", "log-signature", "logs", "service:gateway"}}, 1);
  CHECK(result.evidence("smoltbot-redis-unreachable", "address") == "127.0.0.1:" + std::to_string(lab.redis().port()));
}

TEST_CASE("a URL of Redis with the scheme of another protocol", "[redis]") {
  SmoltbotLab lab;
  lab.set("REDIS_URL", url_without_login(lab, "http")).start();
  lab.get("/health/ready");
  const auto result = check(lab);
  expect_finding(result, {"smoltbot-redis-url-invalid", "env-value-malformed", "env", lab.setting("REDIS_URL")});
  CHECK(result.run.exit == 1);
  expect_finding(check(lab, {"--only", "redis"}), about_login(lab, "smoltbot-redis-url-invalid", "redis-url-invalid"));
  expect_finding(check(lab, {"--only", "logs"}),
                 {"smoltbot-redis-url-invalid", "log-signature", "logs", "service:gateway"});
}

TEST_CASE("a password with characters that break the URL of Redis", "[redis]") {
  test::RedisServer::Options guarded;
  guarded.password = "sl/ash-and-h#ash";
  SmoltbotLab lab{guarded};
  lab.secrets().add(guarded.password);
  lab.set("REDIS_URL", "redis://:" + guarded.password + "@127.0.0.1:" + std::to_string(lab.redis().port())).start();
  const auto result = check(lab);
  expect_finding(result, {"smoltbot-redis-url-invalid", "env-value-malformed", "env", lab.setting("REDIS_URL")});
  CHECK(result.run.exit == 1);
}

TEST_CASE("a firewall between the gateway and Redis", "[redis]") {
  SmoltbotLab lab;
  const DroppedPort dropped{lab.redis().port()};
  lab.start();
  const auto result = check(lab);
  expect_finding(result, about_server(lab, "smoltbot-redis-port-blocked", "redis-no-answer"));
  CHECK(result.run.exit == 1);
}

TEST_CASE("a host of Redis that nobody knows", "[redis]") {
  SmoltbotLab lab;
  lab.set("REDIS_URL", "redis://cache.internal.invalid:6379").start();
  const auto result = check(lab);
  expect_finding(result, about_server(lab, "smoltbot-redis-host-unresolved", "redis-name-not-resolved"));
  CHECK(result.run.exit == 1);
}

TEST_CASE("TLS to a Redis that has none", "[redis]") {
  SmoltbotLab lab;
  lab.set("REDIS_URL", "rediss" + lab.redis_url().substr(5)).start();
  const auto result = check(lab);
  expect_finding(result, about_login(lab, "smoltbot-redis-tls-mismatch", "redis-tls-on-plain-port"));
  CHECK(result.run.exit == 1);
}

TEST_CASE("a Redis that wants TLS, and a URL without", "[redis]") {
  const auto certificate = test::make_certificate({"127.0.0.1"});
  test::RedisServer::Options encrypted;
  encrypted.certificate = certificate.certificate;
  encrypted.key = certificate.key;
  SmoltbotLab lab{encrypted};
  lab.set("REDIS_URL", "redis" + lab.redis_url().substr(6)).start();
  const auto result = check(lab);
  expect_finding(result, about_login(lab, "smoltbot-redis-tls-mismatch", "redis-plain-on-tls-port"));
  CHECK(result.run.exit == 1);
}

TEST_CASE("no password for a Redis that demands one", "[redis]") {
  SmoltbotLab lab;
  lab.set("REDIS_URL", url_without_login(lab)).start();
  lab.get("/health/ready");
  const auto result = check(lab);
  expect_finding(result, about_login(lab, "smoltbot-redis-auth-failed", "redis-auth-required"));
  CHECK(result.run.exit == 1);
  expect_finding(check(lab, {"--only", "logs"}),
                 {"smoltbot-redis-auth-failed", "log-signature", "logs", "service:gateway"});
}

TEST_CASE("the wrong password for Redis", "[redis]") {
  SmoltbotLab lab;
  const auto wrong = random_alphanumeric(24);
  lab.secrets().add(wrong);
  lab.set("REDIS_URL", "redis://:" + wrong + "@127.0.0.1:" + std::to_string(lab.redis().port())).start();
  lab.get("/health/ready");
  const auto result = check(lab);
  expect_finding(result, about_login(lab, "smoltbot-redis-auth-failed", "redis-auth-failed"));
  CHECK(result.run.exit == 1);
}

TEST_CASE("a Redis without memory left, and readiness that does not notice", "[redis]") {
  SmoltbotLab lab;
  lab.start();
  fill_up(lab.redis());
  CHECK(lab.get("/health/ready").status == 200);
  expect_roots(check(lab), {about_server(lab, "smoltbot-redis-memory-full", "redis-memory-full")}, 0);
}

TEST_CASE("what the log tells of a full Redis", "[redis]") {
  SmoltbotLab lab;
  fill_up(lab.redis());
  lab.start();
  lab.get("/models.json");
  lab.wait_for_log("OOM command not allowed");
  expect_finding(check(lab, {"--only", "logs"}),
                 {"smoltbot-redis-memory-full", "log-signature", "logs", "service:gateway"});
}

TEST_CASE("a replica in the place of Redis", "[redis]") {
  const test::RedisServer master;
  SmoltbotLab lab{with({{"replicaof", "127.0.0.1 " + std::to_string(master.port())}})};
  lab.start();
  lab.get("/models.json");
  const auto result = check(lab);
  expect_finding(result, about_server(lab, "smoltbot-redis-read-only", "redis-read-only"));
  CHECK(result.run.exit == 0);
}

TEST_CASE("a database index that Redis does not have", "[redis]") {
  SmoltbotLab lab;
  auto url = lab.redis_url();
  url.resize(url.rfind('/'));
  lab.set("REDIS_URL", url + "/77").start();
  CHECK(lab.get("/health/ready").status == 200);
  const auto result = check(lab);
  expect_finding(result, about_login(lab, "smoltbot-redis-db-index-invalid", "redis-database-index-invalid"));
  CHECK(result.run.exit == 0);
}

TEST_CASE("a Redis for everybody", "[redis]") {
  SmoltbotLab lab;
  lab.redis().command({"CONFIG", "SET", "requirepass", ""});
  lab.set("REDIS_URL", url_without_login(lab)).start();
  expect_silent(check(lab), 0);
  SECTION("that listens on all addresses") {
    lab.redis().command({"CONFIG", "SET", "protected-mode", "no"});
    lab.redis().command({"CONFIG", "SET", "bind", "*"});
  }
  SECTION("that is reached over a network") {
    run({"ip", "address", "add", "192.0.2.7/32", "dev", "lo"});
    lab.redis().command({"CONFIG", "SET", "protected-mode", "no"});
    lab.redis().command({"CONFIG", "SET", "bind", "127.0.0.1 192.0.2.7"});
    lab.set("REDIS_URL", "redis://192.0.2.7:" + std::to_string(lab.redis().port())).start();
  }
  expect_roots(check(lab), {about_server(lab, "smoltbot-redis-without-password", "redis-unprotected")}, 0);
}

TEST_CASE("a password that Redis does not ask for", "[redis]") {
  SmoltbotLab lab;
  lab.redis().command({"CONFIG", "SET", "requirepass", ""});
  lab.start();
  CHECK(lab.get("/health/ready").status == 200);
  const auto result = check(lab);
  expect_roots(result, {about_login(lab, "smoltbot-redis-without-password", "redis-password-unexpected")}, 0);
}

TEST_CASE("a cache in memory", "[redis]") {
  SmoltbotLab lab;
  lab.unset("REDIS_URL").start();
  const auto result = check(lab);
  expect_finding(result, {"smoltbot-cache-in-memory", "env-recommended-missing", "env", lab.setting("REDIS_URL")});
  for (const auto& root : result.roots()) CHECK(root.starts_with("smoltbot-cache-in-memory "));
  CHECK(result.run.exit == 0);
}

}  // namespace doctor::lab
