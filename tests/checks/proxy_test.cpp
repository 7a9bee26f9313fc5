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

/// The same service, whose answers come in pieces, and which has a path that is not for the public.
void streaming(World& world) {
  auto& rule = application(world).rule;
  Expectation page;
  page.http = "/health";
  rule.expect = {page};
  ProxyNeeds needs;
  needs.streams = {"/v1/messages"};
  needs.longest = std::chrono::seconds{300};
  needs.keep_alive = std::chrono::seconds{5};
  needs.hidden = {"/metrics"};
  rule.proxy = needs;
}

const std::string long_answers = "proxy_buffering off; proxy_read_timeout 300s; ";
const std::string closed = "location = /metrics { return 404; }\n";

void streaming_nginx(World& world, const std::string& locations, const std::string& http = {}) {
  host_nginx(world, locations);
  streaming(world);
  world.text(nginx_file, "events {}\nhttp {\n" + http + "server {\nlisten 80;\n" + locations + "}\n}\n");
}

void streaming_caddy(World& world, const std::string& site) {
  caddy(world, "example.com {\n" + site + "}\n");
  streaming(world);
}

void streaming_haproxy(World& world, const std::string& front, const std::string& back) {
  caddy(world, "");
  streaming(world);
  world.deployment.proxies = {{"haproxy", "", "/etc/haproxy/haproxy.cfg", "file:/etc/haproxy/haproxy.cfg"}};
  world.text("/etc/haproxy/haproxy.cfg", "frontend web\n  bind :80\n  http-request deny if { path /metrics }\n" +
                                             front + "  default_backend app\nbackend app\n" + back +
                                             "  server a 127.0.0.1:8080\n");
}

void streaming_traefik(World& world, const std::map<std::string, std::string>& more, std::vector<std::string> command) {
  std::map<std::string, std::string> labels{{"traefik.http.services.web.loadbalancer.server.port", "8080"},
                                            {"traefik.http.routers.web.rule", "Host(`a.test`) && PathPrefix(`/v1`)"}};
  for (const auto& [name, value] : more) labels[name] = value;
  command.emplace_back("--entrypoints.web.transport.respondingTimeouts.readTimeout=600s");
  traefik(world, labels, std::move(command));
  streaming(world);
}

const std::string caddy_subject = "file:/etc/caddy/Caddyfile";
const std::string caddy_closed = "\trespond /metrics 404\n";
const std::string haproxy_subject = "file:/etc/haproxy/haproxy.cfg";
const std::string keep = "upstream app {\nserver 127.0.0.1:8080;\nkeepalive 8;\n";
const std::string one_one = "proxy_http_version 1.1; proxy_set_header Connection \"\"; ";

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
        {"streams pass at once, for as long as they take",
         [](World& world) { streaming_nginx(world, closed + "location / " + pass(long_answers)); },
         {},
         {}},
        {"a path that may stay with the proxy",
         [](World& world) {
           streaming_nginx(world, closed + "location /v1/ " + pass(long_answers) + "location / { return 404; }\n");
         },
         {},
         {}},
        {"a stream that stays with the proxy",
         [](World& world) {
           streaming_nginx(world, closed + "location /v1/ { return 404; }\nlocation / " + pass(long_answers));
         },
         {"proxy-path-not-passed " + subject},
         {}},
        {"a stream is buffered",
         [](World& world) { streaming_nginx(world, closed + "location / " + pass("proxy_read_timeout 300s; ")); },
         {"proxy-stream-buffered " + subject},
         {}},
        {"a page may be buffered",
         [](World& world) {
           streaming_nginx(world, closed + "location / " + pass() + "location /v1/ " + pass(long_answers));
         },
         {},
         {}},
        {"nginx gives up after a minute",
         [](World& world) { streaming_nginx(world, closed + "location / " + pass("proxy_buffering off; ")); },
         {"proxy-stream-timeout-short " + subject},
         {}},
        {"nginx keeps connections for a minute",
         [](World& world) {
           streaming_nginx(world, closed + "location / " + pass(long_answers + one_one, "http://app"), keep + "}\n");
         },
         {"proxy-keepalive-longer " + subject},
         {}},
        {"nginx closes them first",
         [](World& world) {
           streaming_nginx(world, closed + "location / " + pass(long_answers + one_one, "http://app"),
                           keep + "keepalive_timeout 4s;\n}\n");
         },
         {},
         {}},
        {"a pool of connections that is not used",
         [](World& world) {
           streaming_nginx(world, closed + "location / " + pass(long_answers, "http://app"), keep + "}\n");
         },
         {},
         {}},
        {"metrics for everybody",
         [](World& world) { streaming_nginx(world, "location / " + pass(long_answers)); },
         {"proxy-path-exposed " + subject},
         {}},
        {"metrics for some",
         [](World& world) {
           streaming_nginx(world, "location / " + pass(long_answers) + "location = /metrics " +
                                      pass("allow 10.0.0.0/8; deny all; "));
         },
         {},
         {}},
        {"Caddy passes streams on",
         [](World& world) { streaming_caddy(world, caddy_closed + "\treverse_proxy localhost:8080\n"); },
         {},
         {}},
        {"Caddy passes metrics on, too",
         [](World& world) { streaming_caddy(world, "\treverse_proxy localhost:8080\n"); },
         {"proxy-path-exposed " + caddy_subject},
         {}},
        {"Caddy collects",
         [](World& world) {
           streaming_caddy(world, caddy_closed + "\treverse_proxy localhost:8080 {\n\t\tresponse_buffers 1MiB\n\t}\n");
         },
         {"proxy-stream-buffered " + caddy_subject},
         {}},
        {"Caddy gives up",
         [](World& world) {
           streaming_caddy(world, caddy_closed +
                                      "\treverse_proxy localhost:8080 {\n\t\ttransport http {\n\t\t\t"
                                      "response_header_timeout 30s\n\t\t}\n\t}\n");
         },
         {"proxy-stream-timeout-short " + caddy_subject},
         {}},
        {"HAProxy passes streams on",
         [](World& world) { streaming_haproxy(world, "", "  timeout server 5m\n  http-reuse safe\n"); },
         {},
         {}},
        {"HAProxy gives up",
         [](World& world) { streaming_haproxy(world, "", "  timeout server 30s\n"); },
         {"proxy-stream-timeout-short " + haproxy_subject},
         {}},
        {"HAProxy sends on used connections",
         [](World& world) { streaming_haproxy(world, "", "  timeout server 5m\n  http-reuse always\n"); },
         {"proxy-keepalive-longer " + haproxy_subject},
         {}},
        {"Traefik passes streams on", [](World& world) { streaming_traefik(world, {}, {}); }, {}, {}},
        {"Traefik passes everything on",
         [](World& world) {
           streaming_traefik(world, {{"traefik.http.routers.web.rule", "Host(`a.test`)"}}, {});
         },
         {"proxy-path-exposed service:traefik"},
         {}},
        {"Traefik asks for a password first",
         [](World& world) {
           streaming_traefik(
               world,
               {{"traefik.http.routers.web.rule", "Host(`a.test`)"}, {"traefik.http.routers.web.middlewares", "login"}},
               {});
         },
         {},
         {}},
        {"Traefik collects",
         [](World& world) {
           streaming_traefik(world,
                             {{"traefik.http.routers.web.middlewares", "pieces"},
                              {"traefik.http.middlewares.pieces.buffering.maxResponseBodyBytes", "1000000"}},
                             {});
         },
         {"proxy-stream-buffered service:traefik"},
         {}},
        {"Traefik gives up",
         [](World& world) {
           streaming_traefik(world, {}, {"--serversTransport.forwardingTimeouts.responseHeaderTimeout=30s"});
         },
         {"proxy-stream-timeout-short service:traefik"},
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

TEST_CASE("proxy names times in force", "[proxy]") {
  World world;
  streaming_nginx(world, closed + "location / " + pass("proxy_buffering off; " + one_one, "http://app"), keep + "}\n");
  const auto judgement = run_check(check_named("proxy"), world);
  CHECK(evidence_of(judgement, "proxy-stream-timeout-short", "timeout") == "60.0 s");
  CHECK(evidence_of(judgement, "proxy-stream-timeout-short", "needed") == "300.0 s");
  CHECK(evidence_of(judgement, "proxy-keepalive-longer", "kept") == "60.0 s");
  CHECK(evidence_of(judgement, "proxy-keepalive-longer", "closes") == "5.0 s");
  CHECK(evidence_of(judgement, "proxy-keepalive-longer", "place") == "/etc/nginx/nginx.conf:5");
}

}  // namespace doctor::test
