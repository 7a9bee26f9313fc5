#include <algorithm>

#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

constexpr std::uint64_t gigabyte = 1'000'000'000;
const std::string first_commit(40, 'a');
const std::string second_commit(40, 'b');

ContainerUsageAnswer usage(std::uint64_t memory, std::uint64_t limit, std::uint64_t throttled = 0,
                           std::uint64_t periods = 0) {
  ContainerUsageAnswer answer;
  answer.memory = memory;
  answer.memory_limit = limit;
  answer.throttled = throttled;
  answer.periods = periods;
  return answer;
}

/// Two services that run, and an Engine that says so.
void running(World& world) {
  world.deployment.engine_asked = true;
  for (const auto* name : {"web", "db"}) {
    auto& container = world.container(name);
    container.image = std::string{name} + ":1";
    container.restart_policy = "unless-stopped";
  }
  world.service("web").depends_on = {"db"};
  world.fakes.on<ContainerUsageQuestion>().answer_all(usage(100, 1000));
  LogsAnswer log;
  log.last_error = "Error: no such file";
  log.milestones = {{"started", World::now}};
  world.fakes.on<LogsQuestion>().answer_all(log);
  world.fakes.on<TextQuestion>().answer_all(failed(FailureKind::not_found, "ENOENT"));
}

Container& web(World& world) {
  running(world);
  return *world.service("web").container;
}

void ended(Container& container, int code) {
  container.status = "exited";
  container.exit_code = code;
  container.finished = World::now - 60;
}

void cache(World& world, std::uint64_t reclaimable, std::uint64_t free) {
  running(world);
  world.deployment.disks["docker"] = "/var/lib/docker";
  EngineUsageAnswer engine;
  engine.build_cache = reclaimable + gigabyte;
  engine.reclaimable = reclaimable;
  world.fakes.on<EngineUsageQuestion>().answer_all(engine);
  FileSystemAnswer disk;
  disk.total = 100 * gigabyte;
  disk.available = free;
  world.fakes.on<FileSystemQuestion>().answer_all(disk);
}

std::string entry(const std::string& from, const std::string& to, std::int64_t at) {
  return from + " " + to + " A B <a@b.c> " + std::to_string(at) + " +0100\tpull: Fast-forward\n";
}

void built(World& world, const std::string& reflog) {
  auto& container = web(world);
  container.image_created = World::now - 5000;
  world.service("web").build = "/srv/app/web";
  world.text("/srv/app/.git/logs/HEAD", reflog);
}

void not_built(World& world, std::uint64_t memory, std::uint64_t swap) {
  running(world);
  auto& service = world.service("tool");
  service.build = "/srv/app";
  service.rule.optional = true;
  MemoryAnswer answer;
  answer.total = memory;
  answer.swap_total = swap;
  world.fakes.on<MemoryQuestion>().answer_all(answer);
}

void shared(World& world, bool external, const std::string& target) {
  running(world);
  Volume volume;
  volume.name = "data";
  volume.real_name = "app_data";
  volume.external = external;
  volume.used_by = {"old-db (project old)"};
  world.deployment.volumes = {volume};
  world.service("db").mounts.push_back({"volume", "data", target, false, {}});
}

using Scenarios = std::vector<Scenario>;

Scenarios states() {
  return {
      {"everything runs", running, {}, {}},
      {"the Engine could not be asked", [](World& world) { world.service("web"); }, {}, {}},
      {"no time",
       [](World& world) {
         running(world);
         world.fakes.on<ClockQuestion>().answer_all(failed(FailureKind::not_recorded));
       },
       {},
       {"file:docker-compose.yml"}},
      {"a bare process needs no container",
       [](World& world) {
         running(world);
         world.service("web").container.reset();
         world.process("web");
       },
       {},
       {}},
      {"two restarts during the first start",
       [](World& world) {
         web(world).restarts = 2;
         world.service("web").container->started = World::now - 30;
       },
       {},
       {}},
      {"many restarts, healthy since",
       [](World& world) {
         web(world).restarts = 9;
         world.service("web").container->started = World::now - 90;
         world.service("web").container->health = "healthy";
       },
       {},
       {}},
      {"restarting now",
       [](World& world) {
         web(world).status = "restarting";
         world.service("web").container->exit_code = 1;
       },
       {"container-restarting service:web"},
       {}},
      {"running for moments between restarts",
       [](World& world) {
         web(world).restarts = 3;
         world.service("web").container->started = World::now - 5;
       },
       {"container-restarting service:web"},
       {}},
      {"ended with an error", [](World& world) { ended(web(world), 1); }, {"container-exited service:web"}, {}},
      {"stopped by hand", [](World& world) { ended(web(world), 143); }, {"container-exited service:web"}, {}},
      {"its log cannot be read",
       [](World& world) {
         ended(web(world), 101);
         world.fakes.on<LogsQuestion>().answer_all(failed(FailureKind::permission_denied));
       },
       {"container-exited service:web"},
       {}},
      {"a job that has ended well",
       [](World& world) {
         ended(web(world), 0);
         world.service("web").container->restart_policy = "no";
       },
       {},
       {}},
      {"a job that another service waits for",
       [](World& world) {
         ended(web(world), 0);
         world.service("web").completes = true;
       },
       {},
       {}},
      {"a server without a policy that was stopped",
       [](World& world) {
         ended(web(world), 0);
         auto& service = world.service("web");
         service.container->restart_policy = "no";
         service.ports.push_back({"", 80, 8080, "tcp", {}});
       },
       {"container-exited service:web"},
       {}},
      {"everything was stopped",
       [](World& world) {
         ended(web(world), 137);
         ended(*world.service("db").container, 0);
       },
       {"stack-stopped file:docker-compose.yml"},
       {}},
      {"everything has ended, one with an error",
       [](World& world) {
         ended(web(world), 1);
         ended(*world.service("db").container, 0);
       },
       {"container-exited service:web", "container-exited service:db"},
       {}},
      {"killed at its limit, not running",
       [](World& world) {
         ended(web(world), 137);
         world.service("web").container->oom_killed = true;
       },
       {"container-out-of-memory service:web"},
       {}},
      {"a part of it was killed at the limit",
       [](World& world) { web(world).oom_killed = true; },
       {"container-out-of-memory service:web"},
       {}},
      {"paused", [](World& world) { web(world).status = "paused"; }, {"container-paused service:web"}, {}},
      {"unhealthy",
       [](World& world) {
         web(world).health = "unhealthy";
         world.service("web").container->health_log = {"ok", "curl: (7) Failed to connect"};
       },
       {"container-unhealthy service:web"},
       {}},
      {"still starting", [](World& world) { web(world).health = "starting"; }, {}, {}},
      {"killed before its orderly end was over",
       [](World& world) {
         ended(web(world), 137);
         world.service("web").rule.stops_within = std::chrono::seconds{15};
       },
       {"container-exited service:web", "container-killed-on-stop service:web"},
       {}},
      {"killed although there was time enough",
       [](World& world) {
         ended(web(world), 137);
         world.service("web").rule.stops_within = std::chrono::seconds{15};
         world.service("web").stop_grace = std::chrono::seconds{20};
       },
       {"container-exited service:web"},
       {}},
      {"everything was stopped, and one was killed at that",
       [](World& world) {
         ended(web(world), 137);
         ended(*world.service("db").container, 0);
         world.service("web").rule.stops_within = std::chrono::seconds{15};
       },
       {"stack-stopped file:docker-compose.yml", "container-killed-on-stop service:web"},
       {}},
  };
}

Scenarios absences() {
  return {
      {"created, and refused by the Engine",
       [](World& world) {
         web(world).status = "created";
         world.service("web").container->error = "exec: no such file";
       },
       {"container-not-started service:web"},
       {}},
      {"created, and waiting for a dependency that is starting",
       [](World& world) {
         web(world).status = "created";
         world.service("db").container->health = "starting";
       },
       {},
       {}},
      {"one is missing",
       [](World& world) {
         running(world);
         world.service("web").container.reset();
       },
       {"container-missing service:web"},
       {}},
      {"all are missing",
       [](World& world) {
         running(world);
         world.service("web").container.reset();
         world.service("db").container.reset();
       },
       {"container-missing file:docker-compose.yml"},
       {}},
      {"what need not be there is missing",
       [](World& world) {
         running(world);
         world.service("turn").rule.optional = true;
         world.service("off").enabled = false;
         world.service("none").replicas = 0;
         world.service("job").completes = true;
       },
       {},
       {}},
  };
}

Scenarios resources() {
  return {
      {"memory near its limit",
       [](World& world) {
         running(world);
         world.fakes.on<ContainerUsageQuestion>().answer({"app-web-1"}, usage(950, 1000));
       },
       {"container-memory-near-limit service:web"},
       {}},
      {"memory without a limit",
       [](World& world) {
         running(world);
         world.fakes.on<ContainerUsageQuestion>().answer({"app-web-1"}, usage(950, 0));
       },
       {},
       {}},
      {"held back by its processor limit",
       [](World& world) {
         running(world);
         world.fakes.on<ContainerUsageQuestion>().answer({"app-web-1"}, usage(1, 1000, 600, 1000));
       },
       {"container-cpu-throttled service:web"},
       {}},
      {"held back in a few periods of a short life",
       [](World& world) {
         running(world);
         world.fakes.on<ContainerUsageQuestion>().answer({"app-web-1"}, usage(1, 1000, 90, 100));
       },
       {},
       {}},
      {"nobody measures",
       [](World& world) {
         running(world);
         world.fakes.on<ContainerUsageQuestion>().answer_all(failed(FailureKind::not_found));
       },
       {},
       {}},
      {"doctor may not measure",
       [](World& world) {
         running(world);
         world.fakes.on<ContainerUsageQuestion>().answer({"app-web-1"}, failed(FailureKind::permission_denied));
       },
       {},
       {"service:web"}},
      {"a large build cache, little room",
       [](World& world) { cache(world, 20 * gigabyte, 50 * gigabyte); },
       {"engine-build-cache-large disk:docker"},
       {}},
      {"a large build cache, much room", [](World& world) { cache(world, 20 * gigabyte, 500 * gigabyte); }, {}, {}},
      {"a small build cache, no room", [](World& world) { cache(world, gigabyte, gigabyte); }, {}, {}},
      {"little memory to build with",
       [](World& world) { not_built(world, gigabyte, gigabyte / 2); },
       {"memory-too-small-to-build host:memory"},
       {}},
      {"little memory and swap", [](World& world) { not_built(world, gigabyte, 2 * gigabyte); }, {}, {}},
  };
}

Scenarios origins() {
  return {
      {"the container has another image",
       [](World& world) { web(world).image = "web:2"; },
       {"container-image-mismatch service:web"},
       {}},
      {"the same image by another name",
       [](World& world) {
         web(world).image = "docker.io/library/web:latest";
         world.service("web").image = "web";
       },
       {},
       {}},
      {"the source is younger than the image",
       [](World& world) {
         built(world, entry(first_commit, first_commit, World::now - 9000) +
                          entry(first_commit, second_commit, World::now - 100));
       },
       {"container-image-outdated service:web"},
       {}},
      {"the image is younger than the source",
       [](World& world) { built(world, entry(first_commit, second_commit, World::now - 4950)); },
       {},
       {}},
      {"switched to another commit and back",
       [](World& world) {
         built(world, entry(first_commit, first_commit, World::now - 9000) +
                          entry(first_commit, second_commit, World::now - 200) +
                          entry(second_commit, first_commit, World::now - 100));
       },
       {},
       {}},
      {"a reflog that is none", [](World& world) { built(world, "\t\n  \n-1 -1\n" + std::string(300, ' ')); }, {}, {}},
      {"another deployment writes to a volume",
       [](World& world) { shared(world, false, "/data"); },
       {"volume-shared-by-stacks volume:data"},
       {}},
      {"an external volume is there to be shared", [](World& world) { shared(world, true, "/data"); }, {}, {}},
      {"the files of a database never are",
       [](World& world) { shared(world, true, "/var/lib/postgresql/data"); },
       {"volume-shared-by-stacks volume:data"},
       {}},
  };
}

Scenarios all() {
  Scenarios all;
  for (const auto& part : {states(), absences(), resources(), origins()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

const bool added = add_scenarios("containers", all());

Judgement judged(const std::function<void(World&)>& arrange) {
  World world;
  arrange(world);
  return run_check(check_named("containers"), world);
}

}  // namespace

TEST_CASE("containers judges how containers are", "[containers]") {
  expect_scenarios("containers");
}

TEST_CASE("exit codes are explained, and the log's last words are kept", "[containers]") {
  const auto end = [](int code) { return judged([code](World& world) { ended(web(world), code); }); };
  const auto meaning = [&](int code) { return evidence_of(end(code), "container-exited", "meaning"); };
  CHECK(evidence_of(end(101), "container-exited", "exit_code") == "101");
  CHECK(meaning(101).find("panic") != std::string::npos);
  CHECK(meaning(137).find("SIGKILL") != std::string::npos);
  CHECK(meaning(139).find("SIGSEGV") != std::string::npos);
  CHECK(meaning(136).find("signal 8") != std::string::npos);
  CHECK(meaning(77) == "an error");
  CHECK(evidence_of(end(1), "container-exited", "last_milestone") == "started");
  CHECK(evidence_of(end(1), "container-exited", "last_error") == "Error: no such file");
}

TEST_CASE("the health check's own words are shown", "[containers]") {
  const auto judgement = judged([](World& world) {
    web(world).health = "unhealthy";
    world.service("web").container->health_log = {"ok", "curl: (7) \x1b[31mFailed"};
  });
  CHECK(evidence_of(judgement, "container-unhealthy", "said") == "curl: (7) \\x1b[31mFailed");
}

TEST_CASE("a running container is healthy with its figures", "[containers]") {
  const auto judgement = judged([](World& world) { web(world).health = "healthy"; });
  REQUIRE(judgement.healthy.size() == 2);
  CHECK(judgement.healthy.front().subject == "service:web");
  CHECK(judgement.healthy.front().figure.find("0 restarts, healthy") != std::string::npos);
}

TEST_CASE("a container that was restarted a moment ago is not called healthy yet", "[containers]") {
  const auto healthy_after = [](std::int64_t seconds) {
    const auto judgement = judged([&](World& world) {
      web(world).restarts = 1;
      world.service("web").container->started = World::now - seconds;
    });
    return std::any_of(judgement.healthy.begin(), judgement.healthy.end(),
                       [](const auto& item) { return item.subject == "service:web"; });
  };
  CHECK_FALSE(healthy_after(5));
  CHECK(healthy_after(600));
}

}  // namespace doctor::test
