#include "checks/redis_world.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace redis_world;

void with_queue(World& world) {
  healthy(world);
  Expectation queue;
  queue.redis = "jobs";
  queue.most = 100;
  world.service("web").rule.expect = {queue};
  says(world, {"TYPE", "jobs"}, text("list"));
  says(world, {"LLEN", "jobs"}, RedisReplyAnswer{"integer", "7", {}, {}});
}

/// The same server with one line of INFO that is another.
std::function<void(World&)> with_info(const std::string& line) {
  return [line](World& world) {
    healthy(world);
    says(world, {"INFO"}, text(info(line)));
  };
}

Scenario refused(const std::string& name, Failed failure, const std::string& finding) {
  return {name,
          [failure](World& world) {
            healthy(world);
            session(world, failure);
          },
          {finding},
          {}};
}

Scenario ping(const std::string& name, const std::string& code, const std::string& finding) {
  return {name,
          [code](World& world) {
            healthy(world);
            says(world, {"PING"}, answered(code));
          },
          {finding},
          {}};
}

const bool added = add_scenarios(
    "redis",
    {
        {"a healthy Redis is silent", healthy, {}, {}},
        {"so is one with a queue that is drained", with_queue, {}, {}},
        {"no Redis at all", [](World&) {}, {}, {}},
        {"a URL that cannot be read",
         [](World& world) {
           healthy(world);
           world.deployment.redis.front().problem = "the port is not a number";
         },
         {"redis-url-invalid " + setting},
         {}},
        {"an address that cannot be reached from here",
         [](World& world) {
           healthy(world);
           world.deployment.redis.front().dial.reason = "no port of it is published";
         },
         {},
         {server}},
        refused("the probe cannot read it either", failed(FailureKind::protocol_error, "invalid-url"),
                "redis-url-invalid " + setting),
        refused("no such name", failed(FailureKind::name_not_resolved, "EAI_NONAME"),
                "redis-name-not-resolved " + server),
        refused("nothing listens", failed(FailureKind::refused, "ECONNREFUSED"), "redis-refused " + server),
        {"nothing listens, and perhaps nothing should",
         [](World& world) {
           healthy(world);
           world.deployment.redis.front().dial.doubt = "the Engine could not be asked";
           session(world, failed(FailureKind::refused, "ECONNREFUSED"));
         },
         {},
         {server}},
        refused("silence", failed(FailureKind::timed_out, "", "", "", std::chrono::seconds{5}),
                "redis-no-answer " + server),
        refused("no route", failed(FailureKind::unreachable, "EHOSTUNREACH"), "redis-unreachable " + server),
        refused("a certificate of yesterday", failed(FailureKind::tls_rejected, "certificate-expired"),
                "redis-tls-rejected " + server),
        refused("TLS to a plain port", failed(FailureKind::tls_rejected, "not-tls"),
                "redis-tls-on-plain-port " + setting),
        refused("no TLS to a port that wants it", answered("tls-expected", FailureKind::protocol_error),
                "redis-plain-on-tls-port " + setting),
        refused("something else answers", answered("not-redis", FailureKind::protocol_error),
                "redis-not-redis " + server),
        refused("too much at once", answered("bulk", FailureKind::too_large), "redis-not-redis " + server),
        refused("a refusal that nobody knows", answered("BUSY"), "redis-not-redis " + server),
        refused("no password", answered("NOAUTH", FailureKind::auth_rejected), "redis-auth-required " + setting),
        refused("wrong password", answered("WRONGPASS", FailureKind::auth_rejected), "redis-auth-failed " + setting),
        refused("a password for nobody", answered("NOPASS", FailureKind::auth_rejected),
                "redis-password-unexpected " + setting),
        refused("a user who may not select", answered("NOPERM", FailureKind::auth_rejected),
                "redis-permission-missing " + setting),
        refused("protected mode", answered("DENIED"), "redis-protected-mode " + server),
        refused("loading", answered("LOADING"), "redis-loading " + server),
        refused("no client more", answered("MAXCLIENTS"), "redis-clients-exhausted " + server),
        refused("no such database", answered("DBINDEX", FailureKind::not_found),
                "redis-database-index-invalid " + setting),
        ping("loading, as a command says", "LOADING", "redis-loading " + server),
        ping("no master", "MASTERDOWN", "redis-master-down " + server),
        ping("no disk to save to", "MISCONF", "redis-write-blocked " + server),
        {"a replica without its master is no read-only replica besides",
         [](World& world) {
           with_info("role:slave")(world);
           says(world, {"PING"}, answered("MASTERDOWN"));
         },
         {"redis-master-down " + server},
         {}},
        {"no disk to save to, as INFO says too",
         [](World& world) {
           with_info("rdb_last_bgsave_status:err")(world);
           says(world, {"PING"}, answered("MISCONF"));
         },
         {"redis-write-blocked " + server},
         {}},
        {"a snapshot that failed and blocks nothing",
         with_info("rdb_last_bgsave_status:err"),
         {"redis-persistence-failed " + server},
         {}},
        {"a replica", with_info("role:slave"), {"redis-read-only " + server}, {}},
        {"a replica that is meant",
         [](World& world) {
           with_info("role:slave")(world);
           world.deployment.redis = {source_of("REDIS_REPLICA_URL")};
         },
         {},
         {}},
        {"a replica that takes writes",
         [](World& world) {
           healthy(world);
           says(world, {"INFO"}, text(info("role:slave") + "slave_read_only:0\r\n"));
         },
         {},
         {}},
        {"full", with_info("used_memory:256000001"), {"redis-memory-full " + server}, {}},
        {"full a moment ago, and just below now",
         [](World& world) {
           healthy(world);
           says(world, {"INFO"}, text(info("used_memory:250000000") + "# Errorstats\r\nerrorstat_OOM:count=2\r\n"));
         },
         {"redis-memory-full " + server},
         {}},
        {"full but for the buffers that do not count",
         [](World& world) {
           healthy(world);
           auto lines = info("used_memory:256000001");
           lines.replace(lines.find("evict:0"), 7, "evict:9000000");
           says(world, {"INFO"}, text(lines));
         },
         {"redis-memory-high " + server},
         {}},
        {"nearly full", with_info("used_memory:231000000"), {"redis-memory-high " + server}, {}},
        {"a cache that is full as caches are",
         [](World& world) {
           healthy(world);
           auto lines = info("used_memory:256000001");
           lines.replace(lines.find("noeviction"), 10, "allkeys-lru");
           says(world, {"INFO"}, text(lines));
         },
         {},
         {}},
        {"keys that expire make room",
         [](World& world) {
           healthy(world);
           auto lines = info("used_memory:256000001");
           lines.replace(lines.find("noeviction"), 10, "volatile-lru");
           says(world, {"INFO"}, text(lines));
         },
         {},
         {}},
        {"no key expires, so none makes room",
         [](World& world) {
           healthy(world);
           auto lines = info("used_memory:256000001");
           lines.replace(lines.find("noeviction"), 10, "volatile-lru");
           lines.replace(lines.find("expires=3"), 9, "expires=0");
           says(world, {"INFO"}, text(lines));
         },
         {"redis-memory-full " + server},
         {}},
        {"queues where keys may be thrown away",
         [](World& world) {
           with_queue(world);
           says(world, {"INFO"}, text(info("maxmemory_policy:allkeys-lru")));
         },
         {"redis-eviction-policy-unsafe " + server},
         {}},
        {"queues where keys are thrown away",
         [](World& world) {
           with_queue(world);
           auto lines = info("maxmemory_policy:allkeys-lru");
           lines.replace(lines.find("evicted_keys:0"), 14, "evicted_keys:9");
           says(world, {"INFO"}, text(lines));
         },
         {"redis-eviction-active " + server},
         {}},
        {"many clients", with_info("connected_clients:9500"), {"redis-clients-near-limit " + server}, {}},
        {"more clients than the services need",
         [](World& world) {
           with_info("connected_clients:22")(world);
           world.service("web").rule.redis_connections = 2;
         },
         {"redis-clients-leaked " + server},
         {}},
        {"a few more clients than the services need",
         [](World& world) {
           with_info("connected_clients:20")(world);
           world.service("web").rule.redis_connections = 1;
         },
         {},
         {}},
        {"many clients of many instances",
         [](World& world) {
           with_info("connected_clients:40")(world);
           world.service("web").rule.redis_connections = 1;
           world.service("web").replicas = 4;
         },
         {},
         {}},
        {"the limit of clients of an old server",
         [](World& world) {
           healthy(world);
           auto lines = info("connected_clients:95");
           lines.erase(lines.find("maxclients:10000\r\n"), 18);
           says(world, {"INFO"}, text(lines));
           says(world, {"CONFIG", "GET", "maxclients"}, RedisReplyAnswer{"array", "", {"maxclients", "100"}, {}});
         },
         {"redis-clients-near-limit " + server},
         {}},
        {"slow, every time",
         [](World& world) {
           healthy(world);
           const std::chrono::milliseconds slow{250};
           says(world, {"PING"}, text("PONG", slow));
           says(world, {"TIME"}, RedisReplyAnswer{"array", "", {}, slow});
           says(world, {"INFO", "server"}, text("", slow));
         },
         {"redis-slow " + server},
         {}},
        {"slow once",
         [](World& world) {
           healthy(world);
           says(world, {"PING"}, text("PONG", std::chrono::milliseconds{250}));
         },
         {},
         {}},
        {"a user who may do nothing",
         [](World& world) {
           healthy(world);
           const auto no = answered("NOPERM", FailureKind::auth_rejected, "no permissions to run the 'ping' command");
           says(world, {"INFO"}, no);
           says(world, {"PING"}, no);
           says(world, {"TYPE", "doctor"}, no);
         },
         {"redis-permission-missing " + setting},
         {}},
        {"a user who may read, but not ask for INFO",
         [](World& world) {
           with_queue(world);
           const auto no = answered("NOPERM", FailureKind::auth_rejected, "no permissions to run the 'ping' command");
           says(world, {"INFO"}, no);
           says(world, {"PING"}, no);
           says(world, {"TYPE", "doctor"}, text("none"));
         },
         {},
         {server}},
        {"a user who may read other keys only",
         [](World& world) {
           with_queue(world);
           says(world, {"TYPE", "jobs"}, answered("NOPERM", FailureKind::auth_rejected, "no permissions to access a key"));
         },
         {"redis-permission-missing " + setting},
         {}},
        {"a queue that nobody drains",
         [](World& world) {
           with_queue(world);
           says(world, {"LLEN", "jobs"}, RedisReplyAnswer{"integer", "5000", {}, {}});
         },
         {"redis-queue-deep " + server},
         {}},
        {"a stream that nobody drains",
         [](World& world) {
           with_queue(world);
           says(world, {"TYPE", "jobs"}, text("stream"));
           says(world, {"XLEN", "jobs"}, RedisReplyAnswer{"integer", "5000", {}, {}});
         },
         {"redis-queue-deep " + server},
         {}},
        {"a queue that is not there is empty",
         [](World& world) {
           with_queue(world);
           says(world, {"TYPE", "jobs"}, text("none"));
         },
         {},
         {}},
        {"a set that must hold something",
         [](World& world) {
           with_queue(world);
           auto& expected = world.service("web").rule.expect.front();
           expected.most = std::nullopt;
           expected.least = 1;
           says(world, {"TYPE", "jobs"}, text("none"));
         },
         {"redis-queue-deep " + server},
         {}},
        {"what is no queue has no length",
         [](World& world) {
           with_queue(world);
           says(world, {"TYPE", "jobs"}, text("hash"));
         },
         {},
         {server}},
        {"two settings that name one server: the fault of the server is told once for each",
         [](World& world) {
           healthy(world);
           world.deployment.redis.push_back(source_of("CELERY_BROKER_URL"));
           session(world, answered("NOAUTH", FailureKind::auth_rejected));
         },
         {"redis-auth-required " + setting, "redis-auth-required setting:web/CELERY_BROKER_URL"},
         {}},
        {"no right to go there",
         [](World& world) {
           healthy(world);
           session(world, failed(FailureKind::permission_denied, "vantage"));
         },
         {},
         {server}},
    });

TEST_CASE("redis judges what the server says", "[redis]") {
  expect_scenarios("redis");
}

TEST_CASE("the figure of a healthy Redis", "[redis]") {
  World world;
  healthy(world);
  const auto judgement = run_check(check_named("redis"), world);
  REQUIRE(judgement.healthy.size() == 1);
  CHECK(judgement.healthy.front().subject == server);
  CHECK(judgement.healthy.front().figure == "7.0.15, 1.2 MB of 256 MB, 3 of 10000 clients");
}

TEST_CASE("the evidence of what Redis refuses", "[redis]") {
  World world;
  with_queue(world);
  says(world, {"LLEN", "jobs"}, RedisReplyAnswer{"integer", "5000", {}, {}});
  auto& expected = world.service("web").rule.expect.front();
  expected.violated = "shop-jobs-waiting";
  expected.least = 1;
  const auto judgement = run_check(check_named("redis"), world);
  CHECK(evidence_of(judgement, "redis-queue-deep", "length") == "5000");
  CHECK(evidence_of(judgement, "redis-queue-deep", "expected") == "at least 1, at most 100");
  CHECK(judgement.findings.front().entry == "shop-jobs-waiting");
}

TEST_CASE("settings that name one silent server wait for it once", "[redis]") {
  World world;
  healthy(world);
  world.deployment.redis.push_back(source_of("CELERY_BROKER_URL"));
  session(world, failed(FailureKind::timed_out, "", "", "", std::chrono::seconds{5}));
  run_check(check_named("redis"), world);
  CHECK(world.fakes.on<RedisSessionQuestion>().asked().size() == 1);
}

TEST_CASE("of two servers the one that holds the queue is judged", "[redis]") {
  World world;
  with_queue(world);
  auto broker = source_of("CELERY_BROKER_URL");
  broker.endpoint = "endpoint:broker:6379";
  broker.dial.host = "127.0.0.2";
  world.deployment.redis.push_back(broker);
  says(world, {"TYPE", "jobs"}, text("none"));
  const auto of_broker = [](const std::string& command) {
    return [command](const RedisReplyQuestion& question) {
      return question.session.host == "127.0.0.2" && question.command == Words{command, "jobs"};
    };
  };
  world.fakes.on<RedisReplyQuestion>().answer_if(of_broker("TYPE"), text("list"));
  world.fakes.on<RedisReplyQuestion>().answer_if(of_broker("LLEN"), RedisReplyAnswer{"integer", "5000", {}, {}});
  const auto judgement = run_check(check_named("redis"), world);
  CHECK(codes_and_subjects(judgement) == std::vector<std::string>{"redis-queue-deep endpoint:broker:6379"});
}

}  // namespace
}  // namespace doctor::test
