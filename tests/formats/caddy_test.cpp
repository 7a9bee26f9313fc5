// The reader of Caddyfiles, held against the real Caddy (`caddy adapt`).
#include "doctor/format/caddy.hpp"

#include <fstream>
#include <sstream>

#include "formats/nginx_support.hpp"
#include "support/catch.hpp"

namespace doctor::test {
namespace {

using namespace formats;

struct Case {
  std::string name;
  std::string text;
  bool accepted = true;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"proxy", "example.com {\n\treverse_proxy localhost:8080\n}\n", true},
      {"without braces", "example.com\nreverse_proxy localhost:8080\n", true},
      {"two hosts", "example.com, www.example.com {\n\treverse_proxy localhost:8080\n}\n", true},
      {"hosts on two lines", "example.com,\nwww.example.com {\n\treverse_proxy localhost:8080\n}\n", true},
      {"global options", "{\n\temail a@example.com\n}\nexample.com {\n\treverse_proxy localhost:8080\n}\n", true},
      {"snippet", "(common) {\n\tencode gzip\n}\nexample.com {\n\timport common\n\treverse_proxy localhost:8080\n}\n",
       true},
      {"body limit", "example.com {\n\trequest_body {\n\t\tmax_size 110MB\n\t}\n\treverse_proxy localhost:8080\n}\n",
       true},
      {"matcher", "example.com {\n\t@ws path /ws*\n\thandle @ws {\n\t\treverse_proxy localhost:8080\n\t}\n}\n", true},
      {"comment", "# a comment\nexample.com {\n\treverse_proxy localhost:8080 # another\n}\n", true},
      {"quotes", "example.com {\n\theader X \"a { b\"\n\trespond `a \"b\"` 200\n}\n", true},
      {"joined line", "example.com {\n\treverse_proxy \\\n\t\tlocalhost:8080\n}\n", true},
      {"crlf", "example.com {\r\n\treverse_proxy localhost:8080\r\n}\r\n", true},
      {"times of the transport",
       "example.com {\n\treverse_proxy localhost:8080 {\n\t\ttransport http {\n\t\t\tresponse_header_timeout "
       "1m30s\n\t\t\tread_timeout 1d\n\t\t}\n\t}\n}\n",
       true},
      {"conditions",
       "example.com {\n\t@inside {\n\t\tpath /metrics\n\t\tnot remote_ip 10.0.0.0/8\n\t}\n\trespond @inside "
       "403\n\treverse_proxy localhost:8080\n}\n",
       true},
      {"brace missing", "example.com {\n\treverse_proxy localhost:8080\n", false},
      {"brace too many", "example.com {\n\treverse_proxy localhost:8080\n}\n}\n", false},
      {"misspelt directive", "example.com {\n\treverse_prxy localhost:8080\n}\n", false},
      {"missing import", "example.com {\n\timport nowhere.caddy\n}\n", false},
      {"last brace for two blocks", "example.com {\n\thandle /a {\n\t\trespond 200\n}\n", true},
  };
  return all;
}

CaddyConfig read(const std::string& text) {
  ConfigFiles files;
  files.read = [&](const std::string& path) -> Outcome<std::string> {
    ProbeFailure failure;
    failure.kind = FailureKind::not_found;
    if (!path.ends_with("/Caddyfile")) return Failed{failure};
    return text;
  };
  return read_caddy("/etc/caddy/Caddyfile", files);
}

}  // namespace

TEST_CASE("the reader refuses what Caddy refuses, and nothing else", "[caddy]") {
  const auto caddy = program("caddy");
  if (caddy.empty()) WARN("caddy is not installed: its opinion is the one written here");
  for (const auto& one : cases()) {
    INFO(one.name << "\n" << one.text);
    const auto config = read(one.text);
    INFO("reader: " << (config.refused ? config.refused->place.text() + ": " + config.refused->reason : "accepts"));
    CHECK(!config.refused == one.accepted);
    if (caddy.empty()) continue;
    const Scratch scratch;
    scratch.write("Caddyfile", one.text);
    const auto ran = run_shell("HOME=" + scratch.path() + " " + caddy + " adapt --adapter caddyfile --config " +
                               scratch.path("Caddyfile"));
    INFO("caddy: " << ran.output);
    CHECK((ran.exit == 0) == one.accepted);
  }
}

TEST_CASE("sizes are those of Caddy", "[caddy]") {
  const auto caddy = program("caddy");
  for (const auto* text : {"110MB", "110MiB", "250mb", "1GB", "1GiB", "500KB", "1000", "1.5MB", "10M"}) {
    INFO(text);
    const auto size = caddy_size(text);
    REQUIRE(size);
    if (caddy.empty()) continue;
    const Scratch scratch;
    scratch.write("Caddyfile", std::string{"a.test {\n\trequest_body {\n\t\tmax_size "} + text + "\n\t}\n}\n");
    const auto ran = run_shell("HOME=" + scratch.path() + " " + caddy + " adapt --adapter caddyfile --config " +
                               scratch.path("Caddyfile"));
    CHECK(ran.output.find("\"max_size\":" + std::to_string(size->bytes)) != std::string::npos);
  }
  CHECK(caddy_size("110MB")->decimal);
  CHECK_FALSE(caddy_size("110MiB")->decimal);
  CHECK_FALSE(caddy_size("much"));
}

TEST_CASE("a path finds its block", "[caddy]") {
  const auto config = read(
      "example.com {\n\thandle_path /old/* {\n\t\treverse_proxy localhost:1\n\t}\n\thandle /api/* "
      "{\n\t\trequest_body {\n\t\t\tmax_size 1MB\n\t\t}\n\t\treverse_proxy localhost:2\n\t}\n\t"
      "handle {\n\t\treverse_proxy localhost:3\n\t}\n}\n");
  REQUIRE_FALSE(config.refused);
  const auto site = config.directives.front().children.at(0);
  const auto old = caddy_route(config, site, "/old/x", false);
  CHECK(old.upstreams == std::vector<std::string>{"localhost:1"});
  CHECK(old.path == "/x");
  const auto api = caddy_route(config, site, "/api/x", false);
  CHECK(api.upstreams == std::vector<std::string>{"localhost:2"});
  REQUIRE(api.body_limit);
  CHECK(api.body_limit->bytes == 1'000'000);
  CHECK(api.body_limit_place.line == 7);
  CHECK(caddy_route(config, site, "/", false).upstreams == std::vector<std::string>{"localhost:3"});
  CHECK(caddy_hosts(config, site) == std::vector<std::string>{"example.com"});
}

TEST_CASE("Caddy collects answers, and waits for them, as it is told", "[caddy]") {
  const auto config = read(
      "example.com {\n\treverse_proxy localhost:8787 {\n\t\tresponse_buffers 1MiB\n\t\ttransport http "
      "{\n\t\t\tresponse_header_timeout 1m30s\n\t\t\tread_timeout 2h\n\t\t}\n\t}\n}\nother.test "
      "{\n\treverse_proxy localhost:8787\n}\n");
  REQUIRE_FALSE(config.refused);
  const auto& sites = config.directives.front().children;
  const auto told = caddy_route(config, sites.at(0), "/a", false);
  CHECK(told.buffered);
  CHECK(told.buffered_place.line == 3);
  CHECK(told.answer_timeout == std::chrono::seconds{90});
  CHECK(told.timeout_place.line == 5);
  const auto plain = caddy_route(config, sites.at(1), "/a", false);
  CHECK_FALSE(plain.buffered);
  CHECK(plain.answer_timeout.count() == 0);
}

TEST_CASE("an answer of Caddy's own comes before the proxy", "[caddy]") {
  const auto ask = [](const std::string& site, const std::string& path) {
    const auto config = read("example.com {\n" + site + "\treverse_proxy localhost:8787\n}\n");
    REQUIRE_FALSE(config.refused);
    return caddy_route(config, config.directives.front().children.at(0), path, false);
  };
  CHECK_FALSE(ask("\trespond /metrics 404\n", "/metrics").passed);
  CHECK(ask("\trespond /metrics 404\n", "/metrics").status == 404);
  CHECK(ask("\trespond /metrics 404\n", "/a").passed);
  CHECK_FALSE(ask("\trespond /metrics 404\n", "/a").guarded);
  const std::string some = "\t@inside {\n\t\tpath /metrics\n\t\tnot remote_ip 10.0.0.0/8\n\t}\n\trespond @inside 403\n";
  CHECK(ask(some, "/metrics").passed);
  CHECK(ask(some, "/metrics").guarded);
  CHECK_FALSE(ask(some, "/a").guarded);
  CHECK(ask("\tbasic_auth /metrics {\n\t\ta b\n\t}\n", "/metrics").guarded);
  CHECK_FALSE(ask("\tbasic_auth /metrics {\n\t\ta b\n\t}\n", "/a").guarded);
  CHECK(ask("\tbind 127.0.0.1\n", "/metrics").guarded);
  CHECK_FALSE(ask("\t@rest not path /metrics\n\trespond @rest 200\n", "/a").passed);
}

}  // namespace doctor::test
