// The reader of HAProxy's configuration, held against the real HAProxy (`haproxy -c`).
#include "doctor/format/haproxy.hpp"

#include "formats/nginx_support.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace formats;

const std::string config_text =
    "defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 1m\n"
    "frontend web\n  bind 127.0.0.1:18090\n  acl is_ws path_beg /ws\n  use_backend sockets if is_ws\n"
    "  use_backend api if { path_beg /api }\n  default_backend pages\n"
    "backend sockets\n  timeout tunnel 1h\n  server a 127.0.0.1:8080\n"
    "backend api\n  server a 127.0.0.1:8081 check\nbackend pages\n  server a \"127.0.0.1:8082\" # pages\n";

struct Case {
  std::string name;
  std::string text;
  bool accepted = true;
};

}  // namespace

TEST_CASE("the reader refuses what HAProxy refuses, as far as it looks", "[haproxy]") {
  const auto haproxy = program("haproxy");
  const std::vector<Case> cases{{"whole", config_text, true},
                                {"quote not closed", config_text + "backend x\n  server a \"127.0.0.1:1\n", false},
                                {"no section", "mode http\n", false},
                                {"no name", config_text + "backend\n", false},
                                {"time that is none", config_text + "backend x\n  timeout server 1x\n", false}};
  for (const auto& one : cases) {
    INFO(one.name);
    CHECK(!read_haproxy(one.text, "/h").refused == one.accepted);
    if (haproxy.empty()) continue;
    const Scratch scratch;
    scratch.write("haproxy.cfg", one.text);
    const auto ran = run_shell(haproxy + " -c -f " + scratch.path("haproxy.cfg"));
    INFO(ran.output);
    CHECK((ran.exit == 0) == one.accepted);
  }
}

TEST_CASE("a request finds its backend and its timeout", "[haproxy]") {
  const auto config = read_haproxy(config_text, "/h");
  REQUIRE(config.sections.size() == 5);
  const auto socket = haproxy_route(config, 1, "/ws", true);
  CHECK(socket.servers == std::vector<std::string>{"127.0.0.1:8080"});
  CHECK(socket.idle_timeout == std::chrono::hours{1});
  CHECK(socket.idle_place.line == 13);
  CHECK(haproxy_route(config, 1, "/api/x", false).servers == std::vector<std::string>{"127.0.0.1:8081"});
  const auto page = haproxy_route(config, 1, "/", false);
  CHECK(page.servers == std::vector<std::string>{"127.0.0.1:8082"});
  CHECK(page.idle_timeout == std::chrono::seconds{30});
  CHECK(page.answer_timeout == std::chrono::minutes{1});
  CHECK(page.timeout_place.line == 5);
}

TEST_CASE("HAProxy's rules and connections", "[haproxy]") {
  const auto route = [](const std::string& front, const std::string& back, const std::string& path) {
    const auto text = "defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\nfrontend web\n" + front +
                      "  default_backend app\nbackend app\n  timeout server 5m\n" + back +
                      "  server a 127.0.0.1:8787\n";
    const auto haproxy = program("haproxy");
    const Scratch scratch;
    scratch.write("haproxy.cfg", text);
    if (!haproxy.empty()) CHECK(run_shell(haproxy + " -c -f " + scratch.path("haproxy.cfg")).exit == 0);
    const auto config = read_haproxy(text, "/h");
    REQUIRE_FALSE(config.refused);
    return haproxy_route(config, 1, path, false);
  };
  const std::string open = "  bind :18090\n";
  CHECK_FALSE(route(open, "", "/metrics").guarded);
  CHECK(route("  bind 127.0.0.1:18090\n", "", "/metrics").guarded);
  const auto denied = open + "  http-request deny if { path /metrics }\n";
  CHECK(route(denied, "", "/metrics").guarded);
  CHECK_FALSE(route(denied, "", "/a").guarded);
  CHECK(route(open, "  http-request deny unless { src 10.0.0.0/8 }\n", "/metrics").guarded);
  CHECK(route(open, "", "/a").reuse.count() == 0);
  CHECK(route(open, "  http-reuse safe\n", "/a").reuse.count() == 0);
  CHECK(route(open, "  http-reuse always\n", "/a").reuse == std::chrono::seconds{5});
  CHECK(route(open, "  http-reuse always\n  default-server pool-purge-delay 4s\n", "/a").reuse ==
        std::chrono::seconds{4});
}

}  // namespace doctor::test
