// The reader of nginx's configuration, held against the real nginx: what it accepts, and what it does with requests.
#include "doctor/format/nginx.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "formats/nginx_cases.hpp"
#include "formats/nginx_support.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace formats;

void write_parts(const Scratch& scratch) {
  scratch.write("events.conf", "events {}\n");
  scratch.write("conf.d/a.conf", "server { listen 127.0.0.1:18080; }\n");
  scratch.write("conf.d/b.txt", "this is not read\n");
  scratch.write("broken/a.conf", "server { listen 127.0.0.1:18080 }\n");
  scratch.write("headers.conf", "proxy_set_header Host $host;\n");
  scratch.write("open.conf", "http {\n");
}

ConfigFiles real_files() {
  ConfigFiles files;
  files.read = [](const std::string& path) -> Outcome<std::string> {
    std::ifstream in{path, std::ios::binary};
    ProbeFailure failure;
    failure.kind = FailureKind::not_found;
    if (!in) return Failed{failure};
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  };
  files.list = [](const std::string& directory) -> Outcome<std::vector<std::string>> {
    std::vector<std::string> names;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator{directory, missing})
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  };
  return files;
}

}  // namespace

TEST_CASE("the reader refuses what nginx refuses, and nothing else", "[nginx]") {
  const auto nginx = program("nginx");
  if (nginx.empty()) WARN("nginx is not installed: its opinion is the one written here");
  CHECK(nginx_cases().size() >= 80);
  for (const auto& one : nginx_cases()) {
    INFO(one.name << "\n" << one.text);
    const Scratch scratch;
    write_parts(scratch);
    scratch.write("nginx.conf", one.text);
    const auto config = read_nginx(scratch.path("nginx.conf"), scratch.path(), real_files());
    INFO("reader: " << (config.refused ? config.refused->place.text() + ": " + config.refused->reason : "accepts"));
    CHECK(!config.refused == one.accepted);
    if (nginx.empty()) continue;
    const auto ran = run_shell(nginx + " -t -q -p " + scratch.path() + " -c " + scratch.path("nginx.conf") +
                               " -e stderr -g 'pid " + scratch.path("pid") + ";'");
    INFO("nginx: " << ran.output);
    CHECK((ran.exit == 0) == one.accepted);
  }
}

TEST_CASE("what nginx refuses is said in its words, with the line", "[nginx]") {
  const auto refused = [](const std::string& text) {
    const auto config = read_nginx(text, "/etc/nginx/nginx.conf");
    REQUIRE(config.refused);
    return config.refused->place.text() + " " + config.refused->reason;
  };
  CHECK(refused("events {}\nhttp {\n  gzipp on;\n}\n") == "/etc/nginx/nginx.conf:3 unknown directive \"gzipp\"");
  CHECK(refused("events {}\nhttp {\n  server {\n") ==
        "/etc/nginx/nginx.conf:4 unexpected end of file, expecting \"}\"");
  CHECK(refused(in_location("proxy_pass http://127.0.0.1:8080\nproxy_set_header Host $host;\n")) ==
        "/etc/nginx/nginx.conf:6 invalid number of arguments in \"proxy_pass\" directive");
  CHECK(refused(in_location("proxy_read_timeout 60s;\nproxy_read_timeout 60s;\n")) ==
        "/etc/nginx/nginx.conf:7 \"proxy_read_timeout\" directive is duplicate");
  CHECK(refused(in_location("proxy_set_header Connection $connection_upgrade;\n")) ==
        "/etc/nginx/nginx.conf:6 unknown \"connection_upgrade\" variable");
}

TEST_CASE("a file that is meant to be included is read as the part that it is", "[nginx]") {
  const auto site = read_nginx("server { listen 80; location / { proxy_pass http://127.0.0.1:8080; } }\n", "/site");
  CHECK_FALSE(site.refused);
  CHECK(site.context == "http");
  REQUIRE(nginx_servers(site).size() == 1);
  const auto part = read_nginx("location /ws { proxy_pass http://127.0.0.1:8080; }\n", "/part");
  CHECK_FALSE(part.refused);
  REQUIRE(nginx_servers(part).size() == 1);
  CHECK(nginx_route(part, 0, "a", "/ws").upstreams == std::vector<std::string>{"127.0.0.1:8080"});
}

TEST_CASE("Lua is passed over, and said", "[nginx]") {
  const auto config =
      read_nginx(in_location("content_by_lua_block { local a = \"}\" -- }\n ngx.say([[ } ]]) }\n"), "/c");
  CHECK_FALSE(config.refused);
  REQUIRE(config.unseen.size() == 1);
  CHECK(config.unseen[0].place.line == 6);
}

TEST_CASE("values are those in force, with their line", "[nginx]") {
  const auto config =
      read_nginx(in_server("client_max_body_size 5m;\nproxy_set_header Host $host;\nlocation /a {\n"
                           "proxy_pass http://127.0.0.1:8080;\n}\nlocation /b {\nclient_max_body_size 0;\n"
                           "proxy_set_header X y;\nproxy_read_timeout 1d;\nproxy_pass http://localhost;\n}\n"),
                 "/c");
  REQUIRE_FALSE(config.refused);
  const auto first = nginx_servers(config).at(0).directive;
  const auto a = nginx_route(config, first, "x", "/a/1");
  CHECK(a.body_limit.value == 5U * 1024 * 1024);
  CHECK(a.body_limit.place.line == 5);
  CHECK(a.request_headers == std::vector<std::string>{"host"});
  CHECK(a.read_timeout.value == std::chrono::seconds{60});
  CHECK(a.read_timeout.place.line == 0);
  const auto b = nginx_route(config, first, "x", "/b/1");
  CHECK(b.body_limit.value == 0);
  CHECK(b.request_headers == std::vector<std::string>{"x"});
  CHECK(b.read_timeout.value == std::chrono::hours{24});
  CHECK(b.upstreams == std::vector<std::string>{"localhost:80"});
}

TEST_CASE("bounds", "[nginx]") {
  CHECK(read_nginx(std::string(most_config_bytes + 1, ' '), "/c").refused);
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "map a b {";
  CHECK(read_nginx(deep, "/c").refused);
  ConfigFiles endless;
  endless.read = [](const std::string&) -> Outcome<std::string> { return std::string{"include x;\n"}; };
  CHECK(read_nginx("/nginx.conf", "", endless).refused);
  CHECK_FALSE(nginx_size("99999999999999999999"));
  CHECK_FALSE(nginx_time("99999999999999999999d"));
}

namespace {

/// Locations of every kind; the echo behind them tells what arrives. FRONT, ECHO and TO are filled in.
constexpr std::string_view routing = R"(worker_processes 1;
pid nginx.pid;
events {}
http {
access_log off;
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
map $http_upgrade $never { default close; '' upgrade; }
upstream echo { server 127.0.0.1:ECHO; }
server { listen 127.0.0.1:ECHO; location / { return 200 "$request_uri|$http_upgrade|$http_connection|$server_protocol"; } }
server {
  listen 127.0.0.1:FRONT default_server;
  server_name default.test;
  proxy_set_header Marked yes;
  location / { TO; }
  location = /exact { TO/is-exact; }
  location /exact { TO/is-prefix; }
  location /api/ { TO; }
  location /strip/ { TO/; }
  location /strip2 { TO/new; }
  location /slash/ { TO; }
  location ^~ /only { TO/is-only; }
  location ~ \.php$ { rewrite ^ /is-php break; TO; }
  location ~* ^/CASE { rewrite ^ /is-case break; TO; }
  location ~ ^/first { rewrite ^ /is-first break; TO; }
  location ~ ^/firs { rewrite ^ /is-second break; TO; }
  location /outer { TO/is-outer; location /outer/in { TO/is-inner; } location ~ deep { rewrite ^ /is-deep break; TO; } }
  location ^~ /quiet { TO/is-quiet; location /quiet/a { TO/is-quiet-a; } }
  location /gone { return 404; }
  location /moved { return 301 https://default.test$request_uri; }
  location /old { rewrite ^/old/(.*)$ /api/$1 last; }
  location /cut { rewrite ^/cut/(.*)$ /$1 break; TO; }
  location /files { root /nonexistent; try_files $uri @app; }
  location @app { TO; }
  location /named { proxy_pass http://echo; }
  location /variable { set $up http://127.0.0.1:ECHO; proxy_pass $up; }
  location /whole { set $up http://127.0.0.1:ECHO; proxy_pass $up$request_uri; }
  location /ws1 { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; TO; }
  location /ws2 { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; TO; }
  location /ws3 { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $never; TO; }
  location /ws4 { proxy_http_version 1.1; TO; }
  location /ws5 { proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection; TO; }
  location /ws6 { proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade"; TO; }
}
server { listen 127.0.0.1:FRONT; server_name exact.test; location / { TO/exact-name; } }
server { listen 127.0.0.1:FRONT; server_name *.wild.test; location / { TO/wild-name; } }
server { listen 127.0.0.1:FRONT; server_name ~^re[0-9]+\.test$; location / { TO/regex-name; } }
server { listen 127.0.0.1:FRONT; server_name long.wild.test; return 404; }
server { listen 127.0.0.1:FRONT; server_name pre.*; location / { TO/tail-name; } }
}
)";

void fill(std::string& text, const std::string& word, const std::string& value) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size()))
    text.replace(at, word.size(), value);
}

std::string routing_config(std::uint16_t front, std::uint16_t echo) {
  std::string text{routing};
  fill(text, "TO", "proxy_pass http://127.0.0.1:ECHO");
  fill(text, "ECHO", std::to_string(echo));
  fill(text, "FRONT", std::to_string(front));
  return text;
}

/// What the reader says in the words of the echo: path, upgrade, protocol; or the status.
std::string predicted(const NginxConfig& config, const std::string& host, std::uint16_t port, const std::string& path) {
  const auto route = nginx_route(config, nginx_server(config, host, port), host, path);
  if (route.status != 0) return std::to_string(route.status);
  if (route.upstreams.empty()) return "file";
  return route.path + "|" + (route.upgrade ? "websocket" : "no") + "|HTTP/" + route.http_version.value;
}

std::string observed(std::uint16_t port, const std::string& host, const std::string& path) {
  const auto answer = request(
      port, "GET " + path + " HTTP/1.0\r\nHost: " + host + "\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  if (answer.size() < 12) return "no answer";
  const auto status = answer.substr(9, 3);
  if (status != "200") return status;
  std::vector<std::string> parts;
  std::istringstream body{body_of(answer)};
  for (std::string part; std::getline(body, part, '|');) parts.push_back(part);
  if (parts.size() != 4) return "not the echo: " + answer;
  const bool upgrade = parts[1] == "websocket" && (parts[2] == "upgrade" || parts[2] == "Upgrade");
  return parts[0] + "|" + (upgrade ? "websocket" : "no") + "|" + parts[3];
}

}  // namespace

TEST_CASE("requests go where the reader says", "[nginx]") {
  if (program("nginx").empty()) {
    WARN("nginx is not installed");
    return;
  }
  const Scratch scratch;
  const auto front = unused_port();
  auto echo = unused_port();
  while (echo == front) echo = unused_port();
  scratch.write("nginx.conf", routing_config(front, echo));
  const auto config = read_nginx(scratch.path("nginx.conf"), scratch.path(), real_files());
  if (config.refused) FAIL(config.refused->place.text() + " " + config.refused->reason);
  const RunningNginx nginx{scratch, front};
  for (const auto* path :
       {"/",           "/exact",      "/exact/more",  "/api/x",         "/api",         "/strip/a/b",   "/strip2/x",
        "/slash",      "/slash/",     "/only/x.php",  "/index.php",     "/case",        "/first",       "/outer/x",
        "/outer/in/x", "/outer/deep", "/outer/x.php", "/outer/in/deep", "/quiet/x.php", "/quiet/a.php", "/gone",
        "/moved/x",    "/old/y",      "/cut/a/b",     "/files/x",       "/named/z",     "/variable/v",  "/whole/w",
        "/ws1",        "/ws2",        "/ws3",         "/ws4",           "/ws5",         "/ws6"}) {
    INFO(path);
    CHECK(predicted(config, "default.test", front, path) == observed(front, "default.test", path));
  }
  for (const auto* host :
       {"exact.test", "EXACT.test", "a.wild.test", "long.wild.test", "re12.test", "pre.org", "other.test"}) {
    INFO(host);
    CHECK(predicted(config, host, front, "/") == observed(front, host, "/"));
  }
}

TEST_CASE("an idle connection is kept only where the upstream block says so", "[nginx]") {
  const auto kept = [](const std::string& upstream, const std::string& location) {
    const auto config =
        read_nginx(in_http("map $http_upgrade $up { default upgrade; '' close; }\nupstream app {\nserver "
                           "127.0.0.1:8787;\n" +
                           upstream + "}\nserver { location / { " + location + " proxy_pass http://app; } }\n"),
                   "/c");
    REQUIRE_FALSE(config.refused);
    return nginx_route(config, nginx_servers(config).at(0).directive, "x", "/a").reuse;
  };
  const std::string plain = "proxy_http_version 1.1; proxy_set_header Connection \"\";";
  CHECK(kept("keepalive 8;\n", plain).value == std::chrono::seconds{60});
  const auto timed = kept("keepalive 8;\nkeepalive_timeout 4s;\n", plain);
  CHECK(timed.value == std::chrono::seconds{4});
  CHECK(timed.place.line == 7);
  CHECK(kept("", plain).value.count() == 0);
  CHECK(kept("keepalive 8;\n", "proxy_http_version 1.1;").value.count() == 0);
  CHECK(kept("keepalive 8;\n", "proxy_set_header Connection \"\";").value.count() == 0);
  CHECK(kept("keepalive 8;\n", "proxy_http_version 1.1; proxy_set_header Connection $up;").value.count() == 0);
}

TEST_CASE("rules of access are seen where they are in force", "[nginx]") {
  const auto guarded = [](const std::string& server) {
    const auto config = read_nginx(in_server(server), "/c");
    REQUIRE_FALSE(config.refused);
    return nginx_route(config, nginx_servers(config).at(0).directive, "x", "/metrics").guarded;
  };
  const std::string pass = "proxy_pass http://127.0.0.1:8787;";
  CHECK_FALSE(guarded("location / { " + pass + " }"));
  CHECK(guarded("location / { deny all; " + pass + " }"));
  CHECK(guarded("deny 192.0.2.1;\nlocation / { " + pass + " }"));
  CHECK_FALSE(guarded("deny all;\nlocation / { allow all; " + pass + " }"));
  CHECK(guarded("location / { " + pass + " }\nlocation = /metrics { internal; " + pass + " }"));
  CHECK(guarded("auth_basic private;\nlocation / { " + pass + " }"));
  CHECK_FALSE(guarded("auth_basic private;\nlocation / { auth_basic off; " + pass + " }"));
  CHECK(guarded("location / { auth_request /check; " + pass + " }"));
  CHECK(guarded("location / { if ($remote_addr != 192.0.2.1) { return 403; } " + pass + " }"));
  CHECK_FALSE(guarded("if ($host = a.test) { return 301 https://a.test; }\nlocation / { " + pass + " }"));
}

TEST_CASE("a server for this machine only is known as one", "[nginx]") {
  const auto local = [](const std::string& listen) {
    const auto config = read_nginx(in_http("server {\n" + listen + "}\n"), "/c");
    REQUIRE_FALSE(config.refused);
    return nginx_servers(config).at(0).local;
  };
  CHECK(local("listen 127.0.0.1:8081;\nlisten [::1]:8081;\n"));
  CHECK(local("listen unix:/run/n.sock;\n"));
  CHECK_FALSE(local("listen 127.0.0.1:8081;\nlisten 8082;\n"));
  CHECK_FALSE(local(""));
}

}  // namespace doctor::test
