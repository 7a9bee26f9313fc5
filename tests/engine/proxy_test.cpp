// A reverse proxy on the host in front of a containerised Chatalot.
#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const std::string nginx_conf =
    "events {}\nhttp {\nserver {\nlisten 127.0.0.1:18443;\nclient_max_body_size 110M;\n"
    "proxy_set_header Host $host;\nproxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
    "proxy_set_header X-Forwarded-Proto $scheme;\nproxy_set_header Upgrade $http_upgrade;\n"
    "proxy_set_header Connection \"upgrade\";\nproxy_http_version 1.1;\n"
    "location / {\nproxy_pass http://127.0.0.1:8080;\n}\n}\n}\n";

std::string pinned(const std::string& subnet) {
  return "networks:\n  external:\n    ipam:\n      config:\n        - subnet: " + subnet + "\n";
}

}  // namespace

TEST_CASE("a network whose addresses the server does not trust", "[proxy]") {
  DockerStack stack;
  stack.change("", "", pinned("172.30.0.0/16")).up();
  stack.directory().write("nginx.conf", nginx_conf);
  const auto result = stack.check({"--proxy-config", stack.directory().path("nginx.conf")});
  expect_finding(result, {"chatalot-proxy-not-trusted", "proxy-not-trusted", "proxy", "file:nginx.conf"});
}

TEST_CASE("a network whose addresses the server trusts", "[proxy]") {
  DockerStack stack;
  stack.change("", "", pinned("172.18.0.0/16")).up();
  stack.directory().write("nginx.conf", nginx_conf);
  const auto result = stack.check({"--proxy-config", stack.directory().path("nginx.conf")});
  for (const auto& finding : result.report.at("findings")) CHECK(finding.at("check") != "proxy");
}

}  // namespace doctor::lab
