#include "checks/redis_world.hpp"

namespace doctor::test {
namespace {

using namespace redis_world;

/// The same server, with a parameter of its own.
void configured(World& world, const std::string& name, const std::string& value) {
  says(world, {"CONFIG", "GET", name}, RedisReplyAnswer{"array", "", {name, value}, {}});
}

std::function<void(World&)> bound_to(const std::string& addresses) {
  return [addresses](World& world) {
    healthy(world);
    configured(world, "protected-mode", "no");
    configured(world, "bind", addresses);
  };
}

std::function<void(World&)> at(const std::string& address, bool authenticated = false) {
  return [address, authenticated](World& world) {
    healthy(world);
    auto answer = login();
    answer.address = address;
    answer.authenticated = authenticated;
    session(world, answer);
  };
}

std::function<void(World&)> published_on(const std::string& address) {
  return [address](World& world) {
    healthy(world);
    world.service("redis").ports = {{address, 16379, 6379, "tcp", {}}};
  };
}

const std::string finding = "redis-unprotected " + server;

const bool added = add_scenarios(
    "redis", {
                 {"a Redis without a password, reached over a network", at("10.0.0.5:6379"), {finding}, {}},
                 {"the same with a password", at("10.0.0.5:6379", true), {}, {}},
                 {"one for this host only", bound_to("127.0.0.1 -::1"), {}, {}},
                 {"one for everybody", bound_to("* -::*"), {finding}, {}},
                 {"one that is bound to nothing is bound to everything", bound_to(""), {finding}, {}},
                 {"a published port", published_on(""), {finding}, {}},
                 {"a port that is published for this host only", published_on("127.0.0.1"), {}, {}},
                 {"a service of the deployment without a published port",
                  [](World& world) {
                    at("172.18.0.3:6379")(world);
                    world.service("redis");
                  },
                  {},
                  {}},
                 {"in a container's network nobody else is known",
                  [](World& world) {
                    at("172.18.0.3:6379")(world);
                    world.deployment.redis.front().dial.vantage = "container web-1";
                  },
                  {},
                  {}},
                 {"two settings, one server",
                  [](World& world) {
                    at("10.0.0.5:6379")(world);
                    world.secret("web", "CACHE_URL").rule.role = "redis-url";
                    world.deployment.redis.push_back(source_of("CACHE_URL"));
                  },
                  {finding},
                  {}},
             });

}  // namespace
}  // namespace doctor::test
