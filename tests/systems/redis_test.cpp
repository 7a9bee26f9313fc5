// An application with Redis: the real server, and what goes wrong with it.

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>

#include "lab/check.hpp"
#include "lab/files.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/redis_server.hpp"
#include "support/scripted_server.hpp"

namespace doctor::lab {
namespace {

constexpr const char* password = "pl4nted-S3cret";

using Settings = std::vector<std::pair<std::string, std::string>>;

const std::string setting = "setting:shop/REDIS_URL";

std::string endpoint(std::uint16_t port) {
  return "endpoint:redis:" + std::to_string(port);
}

/// An application that its own doctor.yaml describes: one service with a queue, without containers.
class Shop {
 public:
  explicit Shop(const std::string& url, const std::string& expect = "{redis: jobs, most: 100}") {
    directory_.write("doctor.yaml",
                     "system:\n  name: shop\n  services:\n    shop:\n      settings:\n"
                     "        REDIS_URL: {role: redis-url, required: true, secret: true}\n      expect:\n        - " +
                         expect + "\n",
                     0644);
    directory_.write(".env", "REDIS_URL=" + url + "\n", 0600);
  }

  const Directory& directory() const { return directory_; }

  /// `authorities`: a file of those that are trusted; "": those of this host.
  Result check(const std::string& authorities = {}) const {
    Secrets secrets;
    secrets.add(password);
    CommandOptions options;
    if (!authorities.empty())
      options.environment = Environment{{"PATH", "/usr/bin:/bin"},
                                        {"HOME", "/"},
                                        {"DOCKER_HOST", "unix:///nonexistent/docker.sock"},
                                        {"SSL_CERT_FILE", authorities}};
    return lab::check(directory_.path(), secrets, {"--allow-incomplete"}, options);
  }

 private:
  Directory directory_{"shop"};
};

std::string url(std::uint16_t port, const std::string& scheme = "redis", const std::string& login = {}) {
  return scheme + "://" + login + "127.0.0.1:" + std::to_string(port);
}

const std::string own_login = ":" + std::string{password} + "@";

/// False, after saying why, when no server can run here.
bool can_run() {
  const auto here = test::RedisServer::available();
  if (!here.ok) skip(here.reason);
  return here.ok;
}

Root about_server(const std::string& code, std::uint16_t port) {
  return {code, code, "redis", endpoint(port)};
}
Root about_login(const std::string& code) {
  return {code, code, "redis", setting};
}

void expect_only(const Result& result, const Root& root, int exit = 1) {
  expect_roots(result, {root}, exit);
}

test::RedisServer::Options options(Settings settings) {
  test::RedisServer::Options made;
  made.settings = std::move(settings);
  return made;
}

test::RedisServer::Options encrypted_with(const test::Certificate& certificate) {
  test::RedisServer::Options made;
  made.certificate = certificate.certificate;
  made.key = certificate.key;
  return made;
}

/// About 115 KB each.
void fill(const test::RedisServer& server, int values) {
  for (int i = 0; i < values; ++i) server.command({"SET", "filling:" + std::to_string(i), std::string(100'000, 'x')});
}

/// Until it refuses more.
void fill_up(const test::RedisServer& server) {
  const std::string value(50'000, 'x');
  for (int i = 0; i < 1000; ++i)
    if (server.command({"SET", "filling:" + std::to_string(i), value}).starts_with("-OOM")) return;
}

/// A server that cannot write its snapshot: its directory is not its own any more.
class FullDisk {
 public:
  explicit FullDisk(Settings settings) : server_{with(std::move(settings))} {
    server_.command({"SET", "a", "b"});
    ::chmod(server_.directory().c_str(), 0555);
    server_.command({"BGSAVE"});
    for (int i = 0; i < 200 && server_.command({"INFO", "persistence"}).find("bgsave_status:err") == std::string::npos;
         ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  ~FullDisk() { ::chmod(server_.directory().c_str(), 0755); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  const test::RedisServer& server() const { return server_; }

 private:
  static test::RedisServer::Options with(Settings settings) {
    auto made = options(std::move(settings));
    made.unprivileged = true;
    return made;
  }
  test::RedisServer server_;
};

}  // namespace

TEST_CASE("a healthy Redis", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer server;
  const Shop shop{server.url()};
  for (int run = 0; run < 5; ++run) expect_silent(shop.check(), 0);
  test::RedisServer::Options guarded;
  guarded.password = password;
  const test::RedisServer second{guarded};
  expect_silent(Shop{url(second.port(), "redis", own_login)}.check(), 0);
}

TEST_CASE("a healthy Redis with TLS", "[redis]") {
  if (!can_run()) return;
  const auto certificate = test::make_certificate({"127.0.0.1"});
  const test::RedisServer server{encrypted_with(certificate)};
  const Shop shop{server.url()};
  shop.directory().write("ca.pem", certificate.certificate);
  expect_silent(shop.check(shop.directory().path("ca.pem")), 0);
}

TEST_CASE("a Redis that a compose file names, and no description knows", "[redis]") {
  if (!can_run()) return;
  const Directory directory{"unknown"};
  const auto port = free_port();
  directory.write("compose.yaml",
                  "services:\n  worker:\n    image: worker\n    network_mode: host\n    environment:\n"
                  "      CELERY_BROKER_URL: ${BROKER}\n");
  directory.write(".env", "BROKER=" + url(port) + "/0\n", 0600);
  const auto result = check(directory.path(), {}, {"--allow-incomplete"});
  expect_finding(result, about_server("redis-refused", port));
  CHECK(result.run.exit == 1);
}

TEST_CASE("a Redis URL that cannot be read", "[redis]") {
  const Shop shop{"redis://:" + std::string{password} + "/x@127.0.0.1:6379/0"};
  const auto result = shop.check();
  expect_finding(result, about_login("redis-url-invalid"));
  CHECK(result.run.exit == 1);
}

TEST_CASE("a Redis whose name means nothing", "[redis]") {
  expect_only(Shop{"redis://cache.invalid:6379"}.check(), about_server("redis-name-not-resolved", 6379));
}

TEST_CASE("nothing listens where Redis should", "[redis]") {
  const auto port = free_port();
  expect_only(Shop{url(port)}.check(), about_server("redis-refused", port));
}

TEST_CASE("a Redis that hangs", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer server;
  server.pause();
  const auto result = Shop{server.url()}.check();
  server.resume();
  expect_only(result, about_server("redis-no-answer", server.port()));
}

TEST_CASE("certificates of Redis that no client accepts", "[redis]") {
  if (!can_run()) return;
  const auto expired = test::make_certificate({"127.0.0.1"}, -30, -1);
  const auto other = test::make_certificate({"elsewhere.example"});
  const auto unknown = test::make_certificate({"127.0.0.1"});
  const auto expect_problem = [&](const test::Certificate& certificate, const std::string& problem) {
    const test::RedisServer server{encrypted_with(certificate)};
    const Shop shop{server.url()};
    shop.directory().write("ca.pem", expired.certificate + other.certificate);
    const auto result = shop.check(shop.directory().path("ca.pem"));
    expect_only(result, about_server("redis-tls-rejected", server.port()));
    CHECK(result.evidence("redis-tls-rejected", "problem") == problem);
  };
  expect_problem(expired, "certificate-expired");
  expect_problem(other, "certificate-name");
  expect_problem(unknown, "certificate-untrusted");
}

TEST_CASE("TLS to a plain Redis, and the reverse", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer plain;
  expect_only(Shop{url(plain.port(), "rediss")}.check(), about_login("redis-tls-on-plain-port"));
  const test::RedisServer encrypted{encrypted_with(test::make_certificate({"127.0.0.1"}))};
  expect_only(Shop{url(encrypted.port())}.check(), about_login("redis-plain-on-tls-port"));
}

TEST_CASE("PostgreSQL where Redis should be", "[redis]") {
  const auto port = shared_postgres().port();
  expect_only(Shop{url(port)}.check(), about_server("redis-not-redis", port));
}

TEST_CASE("passwords that Redis does not take", "[redis]") {
  if (!can_run()) return;
  test::RedisServer::Options guarded;
  guarded.password = "another-word";
  const test::RedisServer server{guarded};
  expect_only(Shop{url(server.port())}.check(), about_login("redis-auth-required"));
  expect_only(Shop{url(server.port(), "redis", own_login)}.check(), about_login("redis-auth-failed"));
  const test::RedisServer open;
  expect_only(Shop{url(open.port(), "redis", own_login)}.check(), about_login("redis-password-unexpected"));
}

TEST_CASE("a user of Redis without rights", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer server{options({{"user", "narrow on >" + std::string{password} + " ~* -@all"},
                                          {"user", "reader on >" + std::string{password} + " ~* +@read"}})};
  const auto login = [&](const std::string& user) {
    return url(server.port(), "redis", user + ":" + std::string{password} + "@");
  };
  expect_only(Shop{login("narrow")}.check(), about_login("redis-permission-missing"));
  expect_only(Shop{login("reader") + "/1"}.check(), about_login("redis-permission-missing"));
  INFO("who may read, but not ask for INFO, is not ill");
  expect_silent(Shop{login("reader")}.check(), 0, {endpoint(server.port())});
}

TEST_CASE("a Redis that answers to its own machine only", "[redis]") {
  const test::ScriptedServer server{test::answering(
      "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set.\r\n")};
  expect_only(Shop{url(server.port())}.check(), about_server("redis-protected-mode", server.port()));
}

TEST_CASE("a Redis that still loads", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer before;
  for (int i = 0; i < 300; ++i) before.command({"SET", "key:" + std::to_string(i), std::string(2000, 'x')});
  before.command({"CONFIG", "SET", "rdbcompression", "no"});
  before.command({"SAVE"});
  auto slow = options(
      {{"dir", before.directory()}, {"key-load-delay", "100000"}, {"loading-process-events-interval-bytes", "1024"}});
  slow.wait = false;
  const test::RedisServer server{slow};
  expect_only(Shop{url(server.port())}.check(), about_server("redis-loading", server.port()));
}

TEST_CASE("replicas of Redis", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer master;
  const test::RedisServer replica{options({{"replicaof", "127.0.0.1 " + std::to_string(master.port())}})};
  expect_only(Shop{url(replica.port())}.check(), about_server("redis-read-only", replica.port()));
  const test::RedisServer orphan{
      options({{"replicaof", "127.0.0.1 " + std::to_string(free_port())}, {"replica-serve-stale-data", "no"}})};
  expect_only(Shop{url(orphan.port())}.check(), about_server("redis-master-down", orphan.port()));
}

TEST_CASE("a Redis that cannot save", "[redis]") {
  if (!can_run()) return;
  const FullDisk blocked{{{"save", "900 1"}}};
  expect_only(Shop{url(blocked.server().port())}.check(), about_server("redis-write-blocked", blocked.server().port()));
  const FullDisk careless{{{"save", "900 1"}, {"stop-writes-on-bgsave-error", "no"}}};
  expect_only(Shop{url(careless.server().port())}.check(),
              about_server("redis-persistence-failed", careless.server().port()));
}

TEST_CASE("a database that Redis does not have", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer server;
  expect_only(Shop{url(server.port()) + "/77"}.check(), about_login("redis-database-index-invalid"));
}

TEST_CASE("a Redis without memory left", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer full{options({{"maxmemory", "4mb"}})};
  fill_up(full);
  expect_only(Shop{url(full.port())}.check(), about_server("redis-memory-full", full.port()));
  const test::RedisServer high{options({{"maxmemory", "10000000"}})};
  fill(high, 76);
  expect_only(Shop{url(high.port())}.check(), about_server("redis-memory-high", high.port()), 0);
}

TEST_CASE("a Redis that throws work away", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer server{options({{"maxmemory", "8mb"}, {"maxmemory-policy", "allkeys-lru"}})};
  expect_only(Shop{url(server.port())}.check(), about_server("redis-eviction-policy-unsafe", server.port()), 0);
  fill(server, 100);
  expect_only(Shop{url(server.port())}.check(), about_server("redis-eviction-active", server.port()), 0);
}

TEST_CASE("a Redis with too many clients", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer server{options({{"maxclients", "10"}})};
  const test::IdleClients nine{server, 9};
  expect_only(Shop{url(server.port())}.check(), about_server("redis-clients-near-limit", server.port()), 0);
  const test::IdleClients tenth{server, 1};
  expect_only(Shop{url(server.port())}.check(), about_server("redis-clients-exhausted", server.port()));
}

TEST_CASE("a Redis that takes its time", "[redis]") {
  const test::ScriptedServer server{[](test::Peer& peer) {
    const std::string info = "redis_version:7.0.15\r\nrole:master\r\n";
    for (auto asked = peer.receive(4096); !asked.empty(); asked = peer.receive(4096)) {
      if (!peer.pause(std::chrono::milliseconds{150})) return;
      if (asked.find("INFO") != std::string::npos)
        peer.send("$" + std::to_string(info.size()) + "\r\n" + info + "\r\n");
      else if (asked.find("TIME") != std::string::npos)
        peer.send("*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
      else if (asked.find("TYPE") != std::string::npos)
        peer.send("+none\r\n");
      else
        peer.send("+PONG\r\n");
    }
  }};
  expect_only(Shop{url(server.port())}.check(), about_server("redis-slow", server.port()), 0);
}

TEST_CASE("a queue in Redis that nobody drains", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer server;
  std::vector<std::string> push{"RPUSH", "jobs"};
  for (int i = 0; i < 150; ++i) push.push_back("job");
  server.command(push);
  const auto result = Shop{server.url()}.check();
  expect_only(result, about_server("redis-queue-deep", server.port()), 0);
  CHECK(result.evidence("redis-queue-deep", "length") == "150");
  CHECK(result.evidence("redis-queue-deep", "expected") == "at most 100");
  server.command({"XADD", "events", "*", "a", "b"});
  expect_silent(Shop{server.url(), "{redis: events, least: 1, most: 5}"}.check(), 0);
}

TEST_CASE("two faults of Redis at once are two roots", "[redis]") {
  if (!can_run()) return;
  const test::RedisServer server{options({{"maxmemory", "4mb"}, {"maxclients", "10"}})};
  fill_up(server);
  const test::IdleClients nine{server, 9};
  expect_roots(
      Shop{url(server.port())}.check(),
      {about_server("redis-memory-full", server.port()), about_server("redis-clients-near-limit", server.port())}, 1);
}

}  // namespace doctor::lab
