// What Redis keeps under single keys.
#include "checks/redis_world.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace redis_world;

/// What Redis keeps about a token, under a key that holds a claim of it, and how long it lives yet.
void with_value(World& world, const std::string& value, std::int64_t left_seconds = 3000) {
  healthy(world);
  world.secret("web", "PASS", "token");
  world.fakes.on<TokenQuestion>().answer(TokenQuestion{"setting:web/PASS", {"id"}},
                                         TokenAnswer{3, "", "", "HS256", {{"id", "string", "p-1"}}});
  Expectation expected;
  expected.redis = "status:{PASS.id}";
  expected.forbids = "^invalid$";
  expected.lifetime = std::chrono::hours{1};
  expected.violated = "shop-refused";
  expected.outlived = "shop-refused-before";
  world.service("web").rule.expect = {expected};
  says(world, {"GETRANGE", "status:p-1", "0", "63"}, text(value));
  says(world, {"PTTL", "status:p-1"}, RedisReplyAnswer{"integer", std::to_string(left_seconds * 1000), {}, {}});
}

const bool added = add_scenarios(
    "redis", {
                 {"a value that is right", [](World& world) { with_value(world, "valid"); }, {}, {}},
                 {"a value that is not there", [](World& world) { with_value(world, ""); }, {}, {}},
                 {"a value that must not be there",
                  [](World& world) { with_value(world, "invalid"); },
                  {"redis-value-unexpected " + server},
                  {}},
                 {"a value about a setting",
                  [](World& world) {
                    with_value(world, "invalid");
                    world.service("web").rule.expect.front().subject = "setting:web/PASS";
                  },
                  {"redis-value-unexpected setting:web/PASS"},
                  {}},
                 {"a key of a claim that the token lacks is nobody's",
                  [](World& world) {
                    with_value(world, "invalid");
                    world.fakes.on<TokenQuestion>().answer_all(TokenAnswer{3, "", "", "HS256", {}});
                  },
                  {},
                  {}},
                 {"a key of another kind",
                  [](World& world) {
                    with_value(world, "invalid");
                    says(world, {"GETRANGE", "status:p-1", "0", "63"}, answered("WRONGTYPE"));
                  },
                  {},
                  {server}},
                 {"a value that the user may not read",
                  [](World& world) {
                    with_value(world, "invalid");
                    says(world, {"GETRANGE", "status:p-1", "0", "63"}, answered("NOPERM", FailureKind::auth_rejected));
                  },
                  {"redis-permission-missing " + setting},
                  {}},
                 {"what is noted may be evicted",
                  [](World& world) {
                    with_value(world, "valid");
                    says(world, {"INFO"}, text(info("maxmemory_policy:allkeys-lru")));
                  },
                  {},
                  {}},
             });

TEST_CASE("a value that is older than the process has its own entry", "[redis]") {
  const auto entry_of = [](std::int64_t left, bool runs) {
    World world;
    with_value(world, "invalid", left);
    if (runs) world.container("web").started = World::now - 600;
    return run_check(check_named("redis"), world);
  };
  const auto younger = entry_of(3300, true);  // written five minutes ago
  CHECK(younger.findings.front().entry == "shop-refused");
  CHECK(evidence_of(younger, "redis-value-unexpected", "age") == "5 min");
  CHECK(evidence_of(younger, "redis-value-unexpected", "key") == "status:p-1");
  CHECK(evidence_of(younger, "redis-value-unexpected", "value") == "invalid");
  CHECK(entry_of(2400, true).findings.front().entry == "shop-refused-before");
  CHECK(entry_of(2400, false).findings.front().entry == "shop-refused");
  const auto for_ever = entry_of(-1, true);
  CHECK(for_ever.findings.front().entry == "shop-refused");
  CHECK(evidence_of(for_ever, "redis-value-unexpected", "age") == "not known");
}

}  // namespace
}  // namespace doctor::test
