// A Chatalot that runs, and the configuration of a reverse proxy in front of it, named by --proxy-config.
#include <cstdlib>
#include <optional>

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

/// Doctor with a configuration file in the deployment's directory.
Result check_with(const ChatalotLab& lab, const std::string& name, const std::string& text) {
  lab.directory().write(name, text);
  return check(lab, {"--proxy-config", lab.directory().path(name)});
}

std::string nginx_conf(const std::string& server) {
  return "events {}\nhttp {\nserver {\nlisten 127.0.0.1:18443;\n" + server + "}\n}\n";
}

const std::string headers =
    "proxy_set_header Host $host;\nproxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
    "proxy_set_header X-Forwarded-Proto $scheme;\n";
const std::string upgrade =
    "proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection \"upgrade\";\n";

std::string upstream(const ChatalotLab& lab, const std::string& host = "127.0.0.1") {
  return "http://" + host + ":" + std::to_string(lab.port());
}

std::string location(const std::string& path, const std::string& pass, const std::string& more = {}) {
  return "location " + path + " {\n" + headers + more + "proxy_pass " + pass + ";\n}\n";
}

std::string healthy_server(const ChatalotLab& lab) {
  return "client_max_body_size 110M;\n" + location("/", upstream(lab)) + location("/ws", upstream(lab), upgrade);
}

Root fault(const std::string& entry, const std::string& code, const std::string& check,
           const std::string& file = "nginx.conf") {
  return {entry, code, check, "file:" + file};
}

/// While it lives, doctor runs where localhost has an IPv6 address too, in a mount namespace of its own.
class TwoLocalhosts {
 public:
  explicit TwoLocalhosts(const Directory& directory) {
    directory.write("hosts", "127.0.0.1 localhost\n::1 localhost\n");
    directory.write("doctor",
                    "#!/bin/sh\nexec unshare -m sh -c 'mount --bind " + directory.path("hosts") +
                        " /etc/hosts && exec " + doctor_binary() + " \"$@\"' sh \"$@\"\n",
                    0755);
    if (const char* before = std::getenv("DOCTOR_BINARY")) before_ = before;
    setenv("DOCTOR_BINARY", directory.path("doctor").c_str(), 1);
  }
  TwoLocalhosts(const TwoLocalhosts&) = delete;
  TwoLocalhosts& operator=(const TwoLocalhosts&) = delete;
  ~TwoLocalhosts() {
    if (before_)
      setenv("DOCTOR_BINARY", before_->c_str(), 1);
    else
      unsetenv("DOCTOR_BINARY");
  }

 private:
  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("an nginx that passes everything on", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  expect_silent(check_with(lab, "nginx.conf", nginx_conf(healthy_server(lab))), 0);
}

TEST_CASE("an nginx without upgrade headers", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto result =
      check_with(lab, "nginx.conf", nginx_conf("client_max_body_size 110M;\n" + location("/", upstream(lab))));
  expect_roots(result, {fault("chatalot-websocket-upgrade-missing", "proxy-upgrade-missing", "proxy")}, 1);
  CHECK(result.evidence("chatalot-websocket-upgrade-missing", "path") == "/ws");
  CHECK(result.evidence("chatalot-websocket-upgrade-missing", "place") == "nginx.conf:6");
}

TEST_CASE("an nginx that strips the path", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto result = check_with(lab, "nginx.conf",
                                 nginx_conf("client_max_body_size 110M;\n" + location("/", upstream(lab)) +
                                            location("/ws", upstream(lab) + "/", upgrade)));
  expect_roots(result, {fault("chatalot-websocket-path-wrong", "proxy-path-rewritten", "proxy")}, 1);
}

TEST_CASE("an nginx that cuts quiet connections", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto result = check_with(lab, "nginx.conf",
                                 nginx_conf("client_max_body_size 110M;\n" + location("/", upstream(lab)) +
                                            location("/ws", upstream(lab), upgrade + "proxy_read_timeout 10s;\n")));
  expect_roots(result, {fault("chatalot-websocket-idle-timeout", "proxy-read-timeout-short", "proxy")}, 0);
}

TEST_CASE("an nginx with its default body limit", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto result =
      check_with(lab, "nginx.conf", nginx_conf(location("/", upstream(lab)) + location("/ws", upstream(lab), upgrade)));
  expect_roots(result, {fault("chatalot-upload-limit-proxy", "limit-upload-proxy-smaller", "limits")}, 1);
  CHECK(result.evidence("chatalot-upload-limit-proxy", "chain").find("nginx 1 MiB by default (nginx.conf:5)") == 0);
}

TEST_CASE("an nginx that asks for a password", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto result = check_with(
      lab, "nginx.conf", nginx_conf("auth_basic private;\nauth_basic_user_file /dev/null;\n" + healthy_server(lab)));
  expect_roots(result, {fault("chatalot-proxy-basic-auth-conflict", "proxy-basic-auth", "proxy")}, 1);
}

TEST_CASE("an nginx that says localhost to a server on IPv4", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto local = upstream(lab, "localhost");
  const TwoLocalhosts hosts{lab.directory()};
  const auto result =
      check_with(lab, "nginx.conf",
                 nginx_conf("client_max_body_size 110M;\n" + location("/", local) + location("/ws", local, upgrade)));
  expect_roots(result, {fault("chatalot-proxy-localhost-ipv6", "proxy-upstream-localhost-ipv6", "proxy")}, 0);
}

TEST_CASE("an nginx that leads to a port where nobody is", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto nobody = "http://127.0.0.1:" + std::to_string(free_port());
  const auto result = check_with(lab, "nginx.conf", nginx_conf(location("/", nobody, upgrade)));
  expect_roots(result, {fault("proxy-upstream-wrong", "proxy-upstream-wrong", "proxy")}, 1);
}

TEST_CASE("an nginx that would refuse its file", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto result = check_with(lab, "nginx.conf", nginx_conf("location / {\nproxy_pass " + upstream(lab) + "\n}\n"));
  expect_roots(result, {fault("proxy-config-invalid", "proxy-config-invalid", "proxy")}, 1);
}

TEST_CASE("a Caddy in decimal megabytes", "[proxy]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  const auto site = [&](const std::string& limit) {
    return "chat.example.com {\n\trequest_body {\n\t\tmax_size " + limit +
           "\n\t}\n\treverse_proxy 127.0.0.1:" + std::to_string(lab.port()) + "\n}\n";
  };
  expect_silent(check_with(lab, "Caddyfile", site("110MiB")), 0);
  expect_roots(check_with(lab, "Caddyfile", site("100MB")),
               {fault("chatalot-upload-limit-unit-mismatch", "limit-upload-unit-mismatch", "limits", "Caddyfile")}, 0);
}

}  // namespace doctor::lab
