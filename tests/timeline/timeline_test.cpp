#include "timeline/timeline.hpp"

#include "doctor/migrations.hpp"
#include "support/catch.hpp"
#include "support/fake_probes.hpp"

namespace doctor::test {
namespace {

using namespace std::chrono_literals;
using diagnosis::Event;
using Events = std::vector<Event>;

constexpr auto now = World::now;
constexpr std::int64_t an_hour = 3600;
constexpr std::int64_t a_day = 86'400;

/// A report of which these checks have run.
diagnosis::Report report_of(const std::vector<std::string>& checks) {
  diagnosis::Report report;
  for (const auto& id : checks) {
    diagnosis::CheckSummary summary;
    summary.id = id;
    summary.status = "passed";
    report.checks.push_back(summary);
  }
  return report;
}

diagnosis::Problem problem(const std::string& entry, const std::string& severity) {
  diagnosis::Problem one;
  one.code = "log-signature";
  one.entry = entry;
  one.severity = severity;
  one.title = "title of " + entry;
  return one;
}

Events timeline_of(World& world, const diagnosis::Report& report = report_of({})) {
  auto probes = world.fakes.probes();
  return timeline::timeline(world.deployment, probes, report, Deadline::after(10s));
}

/// "kind subject" of every event, in order; a failure with "!", what came before it with ">".
std::vector<std::string> kinds(const Events& events) {
  std::vector<std::string> all;
  for (const auto& event : events)
    all.push_back(event.kind + (event.failure ? "! " : event.just_before ? "> " : " ") + event.subject);
  return all;
}

using Kinds = std::vector<std::string>;

const Event& only(const Events& events, const std::string& kind) {
  const Event* found = nullptr;
  for (const auto& event : events) {
    if (event.kind != kind) continue;
    REQUIRE(found == nullptr);
    found = &event;
  }
  REQUIRE(found != nullptr);
  return *found;
}

bool says(const Event& event, const std::string& text) {
  return event.text.find(text) != std::string::npos;
}

PastEvent past(std::int64_t at, const std::string& kind, const std::string& name, const std::string& detail = {}) {
  return {at, kind, name, detail, "Docker Engine"};
}

void remembers(World& world, const std::vector<PastEvent>& events) {
  world.deployment.engine_asked = true;
  world.fakes.on<EngineHistoryQuestion>().answer({"app", timeline::days}, EngineHistoryAnswer{events});
}

void host_remembers(World& world, const std::vector<PastEvent>& events) {
  world.fakes.on<HostHistoryQuestion>().answer({timeline::days}, HostHistoryAnswer{events, {}});
}

}  // namespace

TEST_CASE("without anything to tell the timeline is empty, and so it is without a clock") {
  World world;
  CHECK(timeline_of(world).empty());
  world.container("web");
  world.fakes.on<ClockQuestion>().answer_all(failed(FailureKind::not_recorded));
  CHECK(timeline_of(world).empty());
}

TEST_CASE("a container that runs was created and started") {
  World world;
  world.container("web");
  const auto events = timeline_of(world);
  CHECK(kinds(events) == Kinds{"container-started service:web"});
  CHECK(says(events[0], "created and started"));
  CHECK(events[0].at == now - an_hour);
}

TEST_CASE("a container that runs for months is told, an image as old is not") {
  World world;
  auto& container = world.container("web");
  container.created = container.started = now - 100 * a_day;
  container.image_created = now - 101 * a_day;
  CHECK(kinds(timeline_of(world)) == Kinds{"container-started service:web"});
}

TEST_CASE("the Engine's events and what it says of the container are one story") {
  World world;
  auto& container = world.container("web");
  container.created = now - 2 * a_day;
  container.finished = now - an_hour - 1;
  remembers(world,
            {past(now - 2 * a_day, "create", "app-web-1"), past(now - 2 * a_day + 1, "start", "app-web-1"),
             past(now - an_hour - 1, "die", "app-web-1", "exit code 1"), past(now - an_hour, "start", "app-web-1"),
             past(now - 20, "create", "app-web-run-0a1b"), past(now - 20, "die", "other", "exit code 1")});
  const auto events = timeline_of(world);
  CHECK(kinds(events) ==
        Kinds{"container-started service:web", "container-exited! service:web", "container-started service:web"});
  CHECK(says(events[1], "exit code 1"));
}

TEST_CASE("a container that was stopped has not failed") {
  World world;
  auto& container = world.container("web");
  container.status = "exited";
  container.exit_code = 137;
  container.finished = now - 60;
  SECTION("as the signal shows") {
    container.exit_code = 1;
    remembers(world,
              {past(now - 70, "kill", "app-web-1", "signal 15"), past(now - 60, "die", "app-web-1", "exit code 1")});
    CHECK(says(only(timeline_of(world), "container-exited"), "was stopped"));
  }
  SECTION("or nobody can tell") {}
  SECTION("by its orderly end") {
    container.exit_code = 143;
  }
  CHECK_FALSE(only(timeline_of(world), "container-exited").failure);
}

TEST_CASE("the run after a stop may fail at once") {
  World world;
  world.container("web");
  remembers(world,
            {past(now - 70, "kill", "app-web-1", "signal 15"), past(now - 69, "die", "app-web-1", "exit code 143"),
             past(now - 68, "start", "app-web-1"), past(now - 66, "die", "app-web-1", "exit code 7")});
  const auto events = timeline_of(world);
  std::vector<bool> failures;
  for (const auto& event : events)
    if (event.kind == "container-exited") failures.push_back(event.failure);
  CHECK(failures == std::vector<bool>{false, true});
}

TEST_CASE("a signal that asks for something else does not excuse an end") {
  World world;
  world.container("web");
  remembers(world,
            {past(now - 70, "kill", "app-web-1", "signal 1"), past(now - 60, "die", "app-web-1", "exit code 1")});
  CHECK(only(timeline_of(world), "container-exited").failure);
}

TEST_CASE("a container that ran out of memory") {
  World world;
  auto& container = world.container("web");
  container.status = "exited";
  container.exit_code = 137;
  container.oom_killed = true;
  container.finished = now - 60;
  container.memory_limit = 16'000'000;
  SECTION("as the Engine's events tell, too") {
    remembers(world, {past(now - 61, "oom", "app-web-1"), past(now - 60, "die", "app-web-1", "exit code 137")});
  }
  SECTION("as inspect tells alone") {}
  const auto events = timeline_of(world);
  CHECK(only(events, "container-oom-killed").failure);
  CHECK(says(only(events, "container-oom-killed"), "16.0 MB"));
  CHECK(only(events, "container-exited").failure);
}

TEST_CASE("a container that ends at each start is told by its first and last end") {
  World world;
  auto& container = world.container("web");
  container.restarts = 4;
  std::vector<PastEvent> story;
  for (int i = 0; i < 5; ++i) {
    story.push_back(past(now - 500 + i * 100, "start", "app-web-1"));
    story.push_back(past(now - 499 + i * 100, "die", "app-web-1", "exit code 101"));
  }
  container.created = container.started = now - 100;
  container.finished = now - 99;
  container.status = "restarting";
  remembers(world, story);
  const auto events = timeline_of(world);
  CHECK(kinds(events) == Kinds{"container-started> service:web", "container-exited! service:web",
                               "container-created service:web", "container-exited! service:web"});
  CHECK(says(events.back(), "for the 5th time"));
}

TEST_CASE("health that changes") {
  World world;
  world.container("web");
  remembers(world,
            {past(now - 50, "health", "app-web-1", "healthy"), past(now - 20, "health", "app-web-1", "unhealthy")});
  const auto events = timeline_of(world);
  CHECK(only(events, "container-healthy").just_before);
  CHECK(only(events, "container-unhealthy").failure);
}

TEST_CASE("the Engine is not asked about what it does not run") {
  World world;
  world.deployment.engine_asked = true;
  world.process("web");
  CHECK(kinds(timeline_of(world)) == Kinds{"process-started service:web"});
  CHECK(world.fakes.on<EngineHistoryQuestion>().asked().empty());
}

TEST_CASE("what the host remembers") {
  World world;
  world.process("web");
  world.service("web").rule.process.unit = "web";
  host_remembers(
      world,
      {past(now - 9000, "boot", ""), past(now - 8000, "oom-kill", "web", "process 1, limit of its group"),
       past(now - 7000, "oom-kill", "tail", "process 2, limit of its group"),
       past(now - 6000, "oom-kill", "tail", "process 3, the host's memory"), past(now - 5000, "unit", "web.service"),
       past(now - 4900, "unit", "backup.service"), past(now - 4800, "unit", "docker.service", "override.conf")});
  CHECK(kinds(timeline_of(world)) == Kinds{"boot> host:boot", "oom-kill! service:web", "oom-kill! host:memory",
                                           "unit service:web", "unit host:units", "process-started service:web"});
}

TEST_CASE("a program that is ended again and again is one event") {
  World world;
  std::vector<PastEvent> kills;
  for (int i = 0; i < 5; ++i)
    kills.push_back(past(now - 1000 + i * 30, "oom-kill", "node", "process 1, the host's memory"));
  kills.push_back(past(now - 100, "oom-kill", "node", "process 9, the host's memory"));
  host_remembers(world, kills);
  const auto events = timeline_of(world);
  REQUIRE(events.size() == 2);
  CHECK(events[0].at == now - 1000);
  CHECK(says(events[0], "5 times"));
}

TEST_CASE("one run of a package manager is one event, what deployments stand on first") {
  World world;
  host_remembers(world, {past(now - 9000, "package", "aspell", "1 -> 2"), past(now - 8990, "package", "bash", "1 -> 2"),
                         past(now - 8940, "package", "curl", "1 -> 2"), past(now - 8930, "package", "nginx", "3 -> 4"),
                         past(now - 100, "package", "jq", "installed 1")});
  const auto events = timeline_of(world);
  CHECK(kinds(events) == Kinds{"package host:packages", "package host:packages"});
  CHECK(says(events[0], "4 packages: nginx 3 -> 4"));
  CHECK(events[0].at == now - 9000);
  CHECK(says(events[1], "package jq installed 1"));
}

TEST_CASE("files that were written, each once") {
  World world;
  world.deployment.files = {"/srv/app/docker-compose.yml", "/srv/app/.env"};
  world.file("/srv/app/docker-compose.yml", 0644, 0, now - a_day);
  world.file("/srv/app/.env", 0600, 0, now - 300);
  world.file("/srv/app/keys/private.pem", 0600, 0, now - 200);
  world.plain("web", "KEY_PATH", "/keys/private.pem").rule.role = "jwt-private-key-path";
  world.container("web").started = now - 100;
  Mount keys;
  keys.kind = "bind";
  keys.source = "/srv/app/keys";
  keys.target = "/keys";
  world.service("web").mounts = {keys};
  world.service("web").container->mounts = {keys};
  const auto events = timeline_of(world);
  CHECK(kinds(events) == Kinds{"edited file:docker-compose.yml", "container-created service:web", "edited file:.env",
                               "edited file:keys/private.pem", "container-started service:web"});
  CHECK(world.fakes.on<FileQuestion>().asked().size() == 4);
}

TEST_CASE("a checkout is one event") {
  World world;
  for (const auto* name : {"a.yml", "b.yml", "c.yml", "d.yml", "e.yml"}) {
    world.deployment.files.push_back(std::string{"/srv/app/"} + name);
    world.file(world.deployment.files.back(), 0644, 0, now - 500);
  }
  const auto events = timeline_of(world);
  REQUIRE(events.size() == 1);
  CHECK(says(events[0], "5 files"));
  CHECK(says(events[0], "2 more"));
}

TEST_CASE("an image of two services is told once, a volume by its name") {
  World world;
  for (const auto* name : {"web", "worker"}) {
    auto& container = world.container(name);
    container.image_id = "sha256:1";
    container.image_created = now - 5 * an_hour;
  }
  Volume volume;
  volume.name = "data";
  volume.created = now - 2 * an_hour;
  world.deployment.volumes = {volume};
  const auto all = timeline_of(world);
  CHECK(only(all, "image-built").subject == "service:web");
  CHECK(only(all, "volume-created").subject == "volume:data");
}

namespace {

void has_database(World& world, const std::string& kind) {
  DataSource source;
  source.setting = "setting:web/DATABASE_URL";
  source.service = "web";
  source.role = "database-url";
  source.endpoint = "endpoint:postgres:5432";
  source.dial = {"127.0.0.1", 5432, std::string{host_vantage}, "published port", "", ""};
  world.deployment.data_sources = {source};
  DatabaseRule rule;
  rule.setting = "DATABASE_URL";
  rule.migrations.kind = kind;
  rule.migrations.table = kind == "sqlx" ? "_sqlx_migrations" : "app.done";
  world.service("web").rule.database = rule;
  const PostgresSessionQuestion session{source.setting, "127.0.0.1", 5432, std::string{host_vantage}};
  world.fakes.on<PostgresSessionQuestion>().answer(session, PostgresSessionAnswer{});
  world.fakes.on<PostgresRowsQuestion>().answer(
      {session, migration_queries(rule.migrations).exists, {rule.migrations.table}}, PostgresRowsAnswer{{}, {{"t"}}});
}

void applied(World& world, const std::vector<std::vector<std::optional<std::string>>>& rows) {
  const auto& rule = world.service("web").rule.database->migrations;
  const auto sql = migration_queries(rule).applied;
  world.fakes.on<PostgresRowsQuestion>().answer_if(
      [sql](const PostgresRowsQuestion& asked) { return asked.sql == sql; }, PostgresRowsAnswer{{}, rows});
}

}  // namespace

TEST_CASE("migrations of sqlx: what was applied in one go is one event, what failed is told by itself") {
  World world;
  has_database(world, "sqlx");
  applied(world, {{"1", "users", "t", "aa", "2026-01-30T10:00:00.1+00:00"},
                  {"2", "rooms", "t", "aa", "2026-01-30T10:00:01+00:00"},
                  {"3", "files", "t", "aa", "2026-01-30T10:00:02+00:00"},
                  {"4", "bans", "t", "aa", "2026-01-30T10:00:03+00:00"},
                  {"5", "polls", "f", "aa", "2026-02-01T12:00:00+02:00"},
                  {"6", "no time", "t", "aa", std::nullopt}});
  const auto events = timeline_of(world, report_of({"database"}));
  CHECK(kinds(events) == Kinds{"migration-applied endpoint:postgres:5432", "migration-failed! endpoint:postgres:5432"});
  CHECK(says(events[0], "4 migrations"));
  CHECK(events[1].at == 1'769'940'000);
  CHECK(says(events[1], "5 (polls)"));
}

TEST_CASE("migrations that are noted by file name") {
  World world;
  has_database(world, "filename");
  applied(world, {{"001_users.sql", "2026-02-01T10:00:00"}, {"002_rooms.sql", "nonsense"}});
  const auto events = timeline_of(world, report_of({"database"}));
  REQUIRE(events.size() == 1);
  CHECK(says(events[0], "001_users.sql"));
}

TEST_CASE("a database that no check has asked is left in peace") {
  World world;
  has_database(world, "sqlx");
  CHECK(timeline_of(world).empty());
  CHECK(world.fakes.on<PostgresSessionQuestion>().asked().empty());
}

TEST_CASE("certificates are issued, and expire") {
  World world;
  PublicUrl url;
  url.service = "web";
  url.url = "https://chat.example.com";
  url.host = "chat.example.com";
  url.port = 443;
  url.tls = true;
  url.endpoint = "endpoint:web:public";
  world.deployment.public_urls = {url};
  CertificateAnswer certificate;
  certificate.subject = "chat.example.com";
  certificate.issuer = "An Authority";
  certificate.not_before = now - 10 * a_day;
  certificate.not_after = now - 60;
  world.fakes.on<CertificateQuestion>().answer_all(certificate);
  CHECK(timeline_of(world).empty());
  CHECK(kinds(timeline_of(world, report_of({"tls"}))) ==
        Kinds{"certificate-issued endpoint:web:public", "certificate-expired! endpoint:web:public"});
  certificate.not_after = now + a_day;
  world.fakes.on<CertificateQuestion>().answer_all(certificate);
  CHECK(kinds(timeline_of(world, report_of({"tls"}))) == Kinds{"certificate-issued endpoint:web:public"});
}

TEST_CASE("the first and the last fault of a log, of those that the report tells") {
  World world;
  world.container("web");
  LogsAnswer log;
  log.source = "container app-web-1";
  log.milestones = {{"connected", now - 3590}, {"listening", now - 3580}};
  LogHit old{"web-demoted", "old trouble", 1, now - 3000, now - 3000, {}, false};
  LogHit first{"web-refused", "connection refused \x1b[0m", 7, now - 900, now - 500, {}, false};
  LogHit last{"web-lost", "lost it", 2, now - 800, now - 100, {}, false};
  log.hits = {old, first, last};
  world.fakes.on<LogsQuestion>().answer({"web"}, log);
  auto report = report_of({"logs"});
  CHECK(kinds(timeline_of(world, report)) == Kinds{"container-started service:web", "milestone service:web"});
  report.problems = {problem("web-refused", "error"), problem("web-lost", "warning"), problem("web-demoted", "info")};
  const auto events = timeline_of(world, report);
  // Start and milestone are 45 minutes older than the first fault.
  CHECK(kinds(events) == Kinds{"container-started> service:web", "milestone> service:web", "log-failure! service:web",
                               "log-failure! service:web"});
  CHECK(events[2].at == now - 900);
  CHECK(says(events[2], "title of web-refused"));
  CHECK(events[3].at == now - 100);
  CHECK(says(events[3], "lost it"));
  CHECK(timeline_of(world, report_of({})).size() == 1);
}

TEST_CASE("an error without a failure in sight has the changes of the last hour marked") {
  World world;
  world.deployment.files = {"/srv/app/.env"};
  world.file("/srv/app/.env", 0600, 0, now - 300);
  CHECK_FALSE(only(timeline_of(world), "edited").just_before);
  diagnosis::Report report;
  report.problems = {problem("web-down", "error")};
  CHECK(only(timeline_of(world, report), "edited").just_before);
}

TEST_CASE("nothing is asked when the time is up") {
  World world;
  world.container("web");
  auto probes = world.fakes.probes();
  CHECK(timeline::timeline(world.deployment, probes, report_of({"logs"}), Deadline::after(0ms)).empty());
  CHECK(world.fakes.on<ClockQuestion>().asked().empty());
}

TEST_CASE("what is to come is left out, and only the newest events are kept") {
  World world;
  std::vector<PastEvent> many{past(now + a_day, "boot", "")};
  for (int i = 0; i < 700; ++i) many.push_back(past(now - 700 + i, "boot", ""));
  host_remembers(world, many);
  const auto events = timeline_of(world);
  CHECK(events.size() == timeline::most_events);
  CHECK(events.back().at == now - 1);
}

}  // namespace doctor::test
