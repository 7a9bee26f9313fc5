// What a smoltbot gateway says of itself when it is asked.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "lab/smoltbot_lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

Root by_answer(const SmoltbotLab& lab, const std::string& entry, const std::string& code = "health-answer-unexpected") {
  return {entry, code, "health", lab.endpoint()};
}

/// The gateway once more, with a log that goes on from run to run.
void start_again(SmoltbotLab& lab, const std::string& log_before) {
  lab.start();
  const auto log = lab.log();
  std::ofstream{lab.directory().parent() + "/gateway.log", std::ios::binary} << log_before << log;
}

/// Clients of Redis that do nothing.
class IdleClients {
 public:
  IdleClients(std::uint16_t port, int count) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; ++i) {
      sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (::connect(sockets_.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("Redis takes no connection");
    }
  }
  ~IdleClients() {
    for (const int one : sockets_) ::close(one);
  }
  IdleClients(const IdleClients&) = delete;
  IdleClients& operator=(const IdleClients&) = delete;

 private:
  std::vector<int> sockets_;
};

}  // namespace

TEST_CASE("readiness says which dependency is not well", "[health]") {
  SmoltbotLab lab;
  lab.start().rest("broken");
  const auto result = check(lab);
  expect_finding(result, by_answer(lab, "smoltbot-health-degraded"));
  CHECK(result.run.exit == 1);
  CHECK(result.evidence("smoltbot-health-degraded", "said").find("\"supabase\":{\"ok\":false") != std::string::npos);
}

TEST_CASE("a start that hangs while a module is loaded", "[health]") {
  SmoltbotLab lab;
  lab.set("SMOLTBOT_ROLE", "all")
      .set("SUPABASE_JWT_SECRET", "a-secret-of-the-jobs-0123456789")
      .simulate("LAB_HANG", "observer-import");
  lab.start_until("HTTP server listening");
  expect_roots(check(lab), {by_answer(lab, "smoltbot-startup-incomplete")}, 0);
}

TEST_CASE("a Redis that has been gone for minutes holds every request back", "[health]") {
  SmoltbotLab lab;
  lab.simulate("LAB_REDIS_ATTEMPTS", "24").start();
  lab.redis().stop();
  const auto result = check(lab);
  const auto stalls = by_answer(lab, "smoltbot-redis-outage-stalls-requests", "health-slow");
  expect_consequence(result, stalls, "smoltbot-redis-unreachable");
  expect_consequence(result, by_answer(lab, "smoltbot-health-degraded"), "smoltbot-redis-unreachable");
  CHECK(result.roots().size() == 1);
}

TEST_CASE("a gateway that shows no latency of its cache has none but its own memory", "[health]") {
  SmoltbotLab lab;
  lab.unset("REDIS_URL").start();
  const auto result = check(lab, {"--only", "health"});
  expect_roots(result, {by_answer(lab, "smoltbot-cache-in-memory", "health-body-unexpected")}, 0);
  CHECK(result.evidence("smoltbot-cache-in-memory", "pointer") == "/checks/redis/latencyMs");
}

TEST_CASE("a Supabase that answers late", "[health]") {
  SmoltbotLab lab;
  lab.start().rest("slow");
  const auto result = check(lab);
  expect_finding(result, by_answer(lab, "smoltbot-supabase-slow", "health-body-unexpected"));
  CHECK(result.run.exit == 0);
}

TEST_CASE("more connections to Redis than the gateway needs", "[health]") {
  SmoltbotLab lab;
  lab.start();
  const IdleClients idle{lab.redis().port(), 40};
  const auto result = check(lab);
  const Root leaked{"smoltbot-redis-connection-leak", "redis-clients-leaked", "redis",
                    "endpoint:redis:" + std::to_string(lab.redis().port())};
  expect_roots(result, {leaked}, 0);
  CHECK(result.evidence(leaked.entry, "expected") == "1");
}

TEST_CASE("the heap of Node is full, and something starts it again", "[health]") {
  SmoltbotLab lab;
  const auto death = lab.start_and_die({{"LAB_HEAP_ABORT_MS", "100"}});
  CHECK(death.exit == 134);
  start_again(lab, death.log);
  const Root heap{"smoltbot-heap-limit-reached", "log-run-ended", "logs", "service:gateway"};
  expect_roots(check(lab), {heap}, 1);
}

TEST_CASE("a start that failed yesterday's way is over when the next one came further", "[health]") {
  SmoltbotLab lab;
  const auto key = lab.value("SUPABASE_KEY");
  const auto death = lab.unset("SUPABASE_KEY").start_and_die();
  CHECK(death.log.find("Missing required environment variables") != std::string::npos);
  lab.set("SUPABASE_KEY", key);
  start_again(lab, death.log);
  expect_silent(check(lab), 0);
}

}  // namespace doctor::lab
