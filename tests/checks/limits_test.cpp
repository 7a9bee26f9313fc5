#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

constexpr std::uint64_t mebi = 1024 * 1024;

Service& application(World& world, const std::string& value = "100") {
  auto& service = world.service("web");
  service.rule.name = "web";
  service.rule.port = 8080;
  PublishedPort port;
  port.published = 8080;
  port.target = 8080;
  service.ports = {port};
  LimitRule rule;
  rule.id = "upload";
  rule.path = "/upload";
  rule.setting = "MAX_MB";
  rule.unit = "MiB";
  rule.constant = static_cast<std::int64_t>(110 * mebi);
  rule.quota = "QUOTA_MB";
  service.rule.limits = {rule};
  world.plain("web", "MAX_MB", value);
  return service;
}

void nginx(World& world, const std::string& limit) {
  application(world);
  world.deployment.proxies = {{"nginx", "", "/etc/nginx/nginx.conf", "file:/etc/nginx/nginx.conf"}};
  world.text("/etc/nginx/nginx.conf",
             "events {}\nhttp {\nserver {\n" + limit + "location / { proxy_pass http://127.0.0.1:8080; }\n}\n}\n");
}

void caddy(World& world, const std::string& limit) {
  application(world);
  world.deployment.proxies = {{"caddy", "", "/etc/caddy/Caddyfile", "file:/etc/caddy/Caddyfile"}};
  world.text("/etc/caddy/Caddyfile", "chat.example.com {\n\trequest_body {\n\t\tmax_size " + limit +
                                         "\n\t}\n\treverse_proxy 127.0.0.1:8080\n}\n");
}

void disk(World& world, std::uint64_t available) {
  application(world, "4000").rule.limits[0].constant = 0;
  world.deployment.disks["storage"] = "/srv/files";
  FileSystemAnswer answer;
  answer.available = available;
  answer.total = 100'000 * mebi;
  answer.mount_point = "/srv";
  world.fakes.on<FileSystemQuestion>().answer_all(answer);
}

void memory(World& world, std::uint64_t total) {
  world.service("web").memory_limit = 512 * mebi;
  world.service("other").memory_limit = 512 * mebi;
  MemoryAnswer answer;
  answer.total = total;
  world.fakes.on<MemoryQuestion>().answer_all(answer);
}

const std::string by_nginx = "limit-upload-proxy-smaller file:/etc/nginx/nginx.conf";

const bool added = add_scenarios(
    "limits",
    {
        {"no proxy", [](World& world) { application(world); }, {}, {}},
        {"no limits at all", [](World& world) { world.service("web"); }, {}, {}},
        {"nginx lets more through", [](World& world) { nginx(world, "client_max_body_size 110m;\n"); }, {}, {}},
        {"nginx without a limit", [](World& world) { nginx(world, "client_max_body_size 0;\n"); }, {}, {}},
        {"nginx by default", [](World& world) { nginx(world, ""); }, {by_nginx}, {}},
        {"nginx lets less through", [](World& world) { nginx(world, "client_max_body_size 50m;\n"); }, {by_nginx}, {}},
        {"Caddy in binary units", [](World& world) { caddy(world, "100MiB"); }, {}, {}},
        {"Caddy in decimal units",
         [](World& world) { caddy(world, "100MB"); },
         {"limit-upload-unit-mismatch file:/etc/caddy/Caddyfile"},
         {}},
        {"Caddy lets far less through",
         [](World& world) { caddy(world, "10MB"); },
         {"limit-upload-proxy-smaller file:/etc/caddy/Caddyfile"},
         {}},
        {"a setting above what the application can",
         [](World& world) { application(world, "250"); },
         {"limit-setting-above-constant setting:web/MAX_MB"},
         {}},
        {"the same, which env tells",
         [](World& world) {
           application(world, "250");
           world.setting("web", "MAX_MB").rule.most = 105;
         },
         {},
         {}},
        {"room for one upload", [](World& world) { disk(world, 10'000 * mebi); }, {}, {}},
        {"no room for one upload",
         [](World& world) { disk(world, 3000 * mebi); },
         {"limit-upload-disk-smaller disk:storage"},
         {}},
        {"enough memory", [](World& world) { memory(world, 2048 * mebi); }, {}, {}},
        {"more limits than memory",
         [](World& world) { memory(world, 900 * mebi); },
         {"limit-memory-overcommitted host:memory"},
         {}},
        {"the memory cannot be told",
         [](World& world) {
           memory(world, 1);
           world.fakes.on<MemoryQuestion>().answer_all(failed(FailureKind::permission_denied));
         },
         {},
         {"host:memory"}},
    });

}  // namespace

TEST_CASE("limits holds the hops against each other", "[limits]") {
  REQUIRE(added);
  expect_scenarios("limits");
}

TEST_CASE("limits prints the chain with its places", "[limits]") {
  World world;
  nginx(world, "");
  const auto judgement = run_check(check_named("limits"), world);
  const auto chain = evidence_of(judgement, "limit-upload-proxy-smaller", "chain");
  CHECK(chain.find("nginx 1 MiB by default (/etc/nginx/nginx.conf:4) < MAX_MB 100 MiB") == 0);
  CHECK(chain.ends_with("< the server 110 MiB"));
}

}  // namespace doctor::test
