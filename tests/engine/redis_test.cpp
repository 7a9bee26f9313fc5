// Redis on a network of containers, without a published port: asked from where the application stands.

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const std::string setting = "setting:app/REDIS_URL";

/// An application that nobody has described, and its Redis.
class Shop {
 public:
  ~Shop() { stack_.compose({"down", "-v", "-t", "0"}, directory_.path()); }
  Shop() = default;
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  const Directory& directory() const { return directory_; }

  Shop& up(const std::string& url, const std::string& command = {}) {
    directory_.write(".env", "REDIS_URL=" + url + "\n", 0600);
    directory_.write("compose.yaml",
                     "services:\n  app:\n    image: doctor-test/servers\n    command: [sleep, '1000000']\n"
                     "    init: true\n    environment:\n      REDIS_URL: ${REDIS_URL}\n    networks: [inside]\n"
                     "  redis:\n    image: doctor-test/redis\n    networks: [inside]\n"
                     "    init: true\n" +
                         (command.empty() ? "" : "    command: " + command + "\n") +
                         "networks:\n  inside:\n    internal: true\n");
    const auto result = stack_.compose({"up", "-d", "-t", "0"}, directory_.path());
    if (result.exit != 0) throw std::runtime_error("docker compose up failed: " + result.err);
    return *this;
  }

  Result check() const { return lab::check(directory_.path(), Secrets{}, {}, stack_.options()); }

 private:
  DockerStack stack_;
  Directory directory_{"shop"};
};

void expect_vantage(const Result& result, const std::string& entry) {
  for (const auto& item : result.finding(entry).at("evidence"))
    if (item.at("name") == "address") CHECK(item.at("vantage") == "container shop-app-1");
}

}  // namespace

TEST_CASE("Redis inside a compose network", "[engine]") {
  Shop shop;
  shop.up("redis://redis:6379/0");
  expect_silent(shop.check(), 0);

  // TLS to a plain port.
  shop.up("rediss://redis:6379/0");
  const Root tls{"redis-tls-on-plain-port", "redis-tls-on-plain-port", "redis", setting};
  const auto result = shop.check();
  expect_roots(result, {tls}, 1);
  expect_vantage(result, tls.entry);

  // A password that nobody sends.
  shop.up("redis://redis:6379/0", "[redis-server, --requirepass, long-and-secret-word]");
  const auto refused = shop.check();
  const Root login{"redis-auth-required", "redis-auth-required", "redis", setting};
  expect_finding(refused, login);
  CHECK(refused.run.exit == 1);
}

}  // namespace doctor::lab
