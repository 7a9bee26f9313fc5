#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

const std::string nginx_file = "/etc/nginx/nginx.conf";
const std::string subject = "file:" + nginx_file;

/// A described service whose port 8080 is published on the host, with a page and a WebSocket.
Service& application(World& world) {
  auto& service = world.service("web");
  service.rule.name = "web";
  service.rule.port = 8080;
  PublishedPort port;
  port.published = 8080;
  port.target = 8080;
  service.ports = {port};
  Expectation page;
  page.http = "/api/health";
  Expectation socket;
  socket.websocket = "/ws";
  socket.idle = std::chrono::seconds{60};
  service.rule.expect = {page, socket};
  return service;
}

const std::string headers =
    "proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto "
    "$scheme; ";
const std::string upgrade =
    "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; ";

std::string pass(const std::string& more = {}, const std::string& to = "http://127.0.0.1:8080") {
  return "{ " + headers + more + "proxy_pass " + to + "; }\n";
}

void host_nginx(World& world, const std::string& locations, std::vector<Listener> listeners = {}) {
  application(world);
  world.deployment.proxies = {{"nginx", "", nginx_file, subject}};
  world.deployment.sources.push_back(nginx_file);
  world.text(nginx_file, "events {}\nhttp {\nserver {\nlisten 80;\n" + locations + "}\n}\n");
  if (listeners.empty()) {
    Listener any;
    any.address = "::";
    listeners = {any};
  }
  ListenersAnswer answer;
  answer.listeners = std::move(listeners);
  world.fakes.on<ListenersQuestion>().answer(ListenersQuestion{8080}, answer);
  ResolveAnswer localhost;
  localhost.addresses = {"::1", "127.0.0.1"};
  world.fakes.on<ResolveQuestion>().answer_all(localhost);
}

Listener on(const std::string& address) {
  Listener listener;
  listener.address = address;
  return listener;
}

void caddy(World& world, const std::string& text) {
  application(world);
  world.deployment.proxies = {{"caddy", "", "/etc/caddy/Caddyfile", "file:/etc/caddy/Caddyfile"}};
  world.text("/etc/caddy/Caddyfile", text);
  ListenersAnswer answer;
  answer.listeners = {on("::")};
  world.fakes.on<ListenersQuestion>().answer_all(answer);
}

void traefik(World& world, std::map<std::string, std::string> labels, std::vector<std::string> command = {}) {
  auto& service = application(world);
  labels["traefik.enable"] = "true";
  service.labels = std::move(labels);
  service.networks = {"external"};
  LimitRule limit;
  limit.id = "upload";
  limit.path = "/upload";
  service.rule.limits = {limit};
  world.deployment.networks.push_back({"external", "app_external", false, false, {}, {}});
  auto& proxy = world.service("traefik");
  proxy.image = "traefik:v3.1";
  proxy.command = std::move(command);
  world.deployment.proxies = {{"traefik", "traefik", "", "service:traefik"}};
}

void container_nginx(World& world, const std::string& upstream) {
  application(world);
  auto& proxy = world.service("front");
  proxy.image = "nginx:1.26";
  proxy.mounts = {{"bind", "/srv/app/site.conf", "/etc/nginx/conf.d/site.conf", true, {}}};
  world.deployment.proxies = {{"nginx", "front", nginx_file, "service:front"}};
  world.text("/srv/app/site.conf", "server { listen 80; location / " + pass(upgrade, upstream) + "}\n");
}

void shared_network(World& world, const std::string& network) {
  container_nginx(world, "http://web:8080");
  world.service("web").rule.trusts = {"127.0.0.0/8", "172.18.0.0/16"};
  world.container("web").addresses = {{"app_external", network + ".2"}};
  auto& front = world.container("front");
  front.addresses = {{"app_external", network + ".3"}};
  front.mounts = world.service("front").mounts;
}

const std::string both = "location / " + pass() + "location /ws " + pass(upgrade);

const bool added = add_scenarios(
    "proxy",
    {
        {"everything is passed on", [](World& world) { host_nginx(world, both); }, {}, {}},
        {"no proxy", [](World& world) { application(world); }, {}, {}},
        {"a proxy of somebody else",
         [](World& world) {
           host_nginx(world, "location / " + pass({}, "http://127.0.0.1:9000"));
           world.deployment.sources.clear();
         },
         {},
         {}},
        {"a broken file of somebody else",
         [](World& world) {
           host_nginx(world, "location / { proxy_pass http://127.0.0.1:9000 }\n");
           world.deployment.sources.clear();
         },
         {},
         {}},
        {"nginx would refuse it",
         [](World& world) { host_nginx(world, "location / { proxy_pass http://127.0.0.1:8080 }\n"); },
         {"proxy-config-invalid " + subject},
         {}},
        {"a named file cannot be read",
         [](World& world) {
           host_nginx(world, both);
           world.fakes.on<TextQuestion>().answer_all(failed(FailureKind::permission_denied, "EACCES"));
         },
         {},
         {subject}},
        {"the only site leads to a port where nobody is",
         [](World& world) {
           host_nginx(world, "location / " + pass({}, "http://127.0.0.1:8081"));
           world.fakes.on<ListenersQuestion>().answer(ListenersQuestion{8081}, ListenersAnswer{});
         },
         {"proxy-upstream-wrong " + subject},
         {}},
        {"a site that leads to another program",
         [](World& world) {
           host_nginx(world, "location / " + pass({}, "http://127.0.0.1:8081"));
           ListenersAnswer other;
           other.listeners = {on("0.0.0.0")};
           world.fakes.on<ListenersQuestion>().answer(ListenersQuestion{8081}, other);
         },
         {},
         {}},
        {"a port of the service that it does not have",
         [](World& world) { container_nginx(world, "http://web:3000"); },
         {"proxy-upstream-wrong service:front"},
         {}},
        {"localhost in the proxy's container",
         [](World& world) { container_nginx(world, "http://localhost:8080"); },
         {"proxy-upstream-localhost-in-container service:front"},
         {}},
        {"a proxy in a container", [](World& world) { container_nginx(world, "http://web:8080"); }, {}, {}},
        {"localhost, and a service on IPv4",
         [](World& world) {
           host_nginx(world, "location / " + pass(upgrade, "http://localhost:8080"), {on("0.0.0.0")});
         },
         {"proxy-upstream-localhost-ipv6 " + subject},
         {}},
        {"localhost, and a service on both",
         [](World& world) { host_nginx(world, "location / " + pass(upgrade, "http://localhost:8080")); },
         {},
         {}},
        {"no upgrade",
         [](World& world) { host_nginx(world, "location / " + pass()); },
         {"proxy-upgrade-missing " + subject},
         {}},
        {"headers without HTTP/1.1",
         [](World& world) {
           host_nginx(world, "location / " + pass("proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "
                                                  "upgrade; "));
         },
         {"proxy-upgrade-missing " + subject},
         {}},
        {"a path that is stripped",
         [](World& world) {
           host_nginx(world, "location / " + pass() + "location /ws " + pass(upgrade, "http://127.0.0.1:8080/"));
         },
         {"proxy-path-rewritten " + subject},
         {}},
        {"a path that stays with the proxy",
         [](World& world) { host_nginx(world, "location / " + pass() + "location /ws { return 404; }\n"); },
         {"proxy-path-not-passed " + subject},
         {}},
        {"pages that are files of the proxy",
         [](World& world) { host_nginx(world, "location / { root /srv/www; }\nlocation /ws " + pass(upgrade)); },
         {},
         {}},
        {"a short timeout",
         [](World& world) {
           host_nginx(world, "location / " + pass() + "location /ws " + pass(upgrade + "proxy_read_timeout 10s; "));
         },
         {"proxy-read-timeout-short " + subject},
         {}},
        {"a password",
         [](World& world) { host_nginx(world, "auth_basic private;\n" + both); },
         {"proxy-basic-auth " + subject},
         {}},
        {"nobody says who asked",
         [](World& world) {
           host_nginx(world, "location / { proxy_pass http://127.0.0.1:8080; }\nlocation /ws " + pass(upgrade));
         },
         {"proxy-forwarded-headers-missing " + subject},
         {}},
        {"a network that is trusted", [](World& world) { shared_network(world, "172.18.0"); }, {}, {}},
        {"a network that is not",
         [](World& world) { shared_network(world, "172.20.0"); },
         {"proxy-not-trusted service:front"},
         {}},
        {"a target that only the running nginx knows",
         [](World& world) { host_nginx(world, "location / " + pass({}, "http://$arg_to")); },
         {},
         {subject}},
        {"Caddy",
         [](World& world) { caddy(world, "chat.example.com {\n\treverse_proxy localhost:8080\n}\n"); },
         {},
         {}},
        {"Caddy strips a prefix",
         [](World& world) {
           caddy(world,
                 "example.com {\n\thandle_path /ws* {\n\t\treverse_proxy 127.0.0.1:8080\n\t}\n\treverse_proxy "
                 "127.0.0.1:8080\n}\n");
         },
         {"proxy-path-rewritten file:/etc/caddy/Caddyfile"},
         {}},
        {"Traefik",
         [](World& world) {
           traefik(world, {{"traefik.docker.network", "app_external"},
                           {"traefik.http.services.web.loadbalancer.server.port", "8080"}});
         },
         {},
         {}},
        {"Traefik is told another network",
         [](World& world) {
           traefik(world, {{"traefik.docker.network", "web"}});
         },
         {"proxy-network-wrong service:traefik"},
         {}},
        {"Traefik without certificates",
         [](World& world) {
           traefik(world, {{"traefik.http.routers.web.tls", "true"}},
                   {"--providers.docker", "--entrypoints.web.transport.respondingTimeouts.readTimeout=600s"});
         },
         {"proxy-certresolver-missing service:traefik"},
         {}},
        {"Traefik's own timeout",
         [](World& world) { traefik(world, {}, {"--providers.docker"}); },
         {"proxy-entrypoint-timeout service:traefik"},
         {}},
    });

}  // namespace

TEST_CASE("proxy compares the configuration with what the application needs", "[proxy]") {
  REQUIRE(added);
  expect_scenarios("proxy");
}

TEST_CASE("proxy names the line", "[proxy]") {
  World world;
  host_nginx(world, "location / " + pass());
  const auto judgement = run_check(check_named("proxy"), world);
  CHECK(evidence_of(judgement, "proxy-upgrade-missing", "place") == "/etc/nginx/nginx.conf:5");
  CHECK(evidence_of(judgement, "proxy-upgrade-missing", "path") == "/ws");
}

}  // namespace doctor::test
