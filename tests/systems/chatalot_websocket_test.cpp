// The WebSocket of a Chatalot that runs, directly and behind a real nginx.

#include <memory>

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "lab/nginx.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/scripted_server.hpp"

namespace doctor::lab {
namespace {

const std::string outside = "endpoint:chatalot:public";

/// A running Chatalot whose users come through an nginx with these locations.
class Site {
 public:
  Site() : lab_{shared_postgres()} {}

  bool possible() const {
    if (!Nginx::installed()) skip("nginx is not installed");
    return Nginx::installed();
  }
  std::string upstream() const { return "http://127.0.0.1:" + std::to_string(lab_.port()); }
  ChatalotLab& lab() { return lab_; }
  const Nginx& proxy() const { return *proxy_; }

  void serve(const std::string& locations, const NginxOptions& options = {}) {
    proxy_ = std::make_unique<Nginx>(locations, options);
    lab_.set("PUBLIC_URL", proxy_->url());
    lab_.start();
  }

 private:
  ChatalotLab lab_;
  std::unique_ptr<Nginx> proxy_;
};

/// The pages, and a location for /ws.
std::string with_socket(const Site& site, const std::string& lines) {
  return "location / { proxy_pass " + site.upstream() + "; }\nlocation /ws { " + lines + " }\n";
}

Root root(const std::string& entry, const std::string& code) {
  return {entry, code, "websocket", outside};
}

}  // namespace

TEST_CASE("a WebSocket that works, directly and behind nginx", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve(nginx_locations(site.lab().port()));
  const auto result = check(site.lab(), {"--fail-on", "info"});
  expect_silent(result, 0);
  for (const auto& one : result.report.at("checks"))
    if (one.at("id") == "websocket") CHECK(one.at("status") == "passed");
}

TEST_CASE("nginx drops the upgrade headers", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve("location / { proxy_pass " + site.upstream() + "; }\n");
  const auto result = check(site.lab());
  expect_roots(result, {root("chatalot-websocket-upgrade-missing", "websocket-upgrade-missing")}, 1);
  CHECK(result.evidence("chatalot-websocket-upgrade-missing", "status") == "400");
}

TEST_CASE("nginx speaks HTTP/1.0 to the server", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve(with_socket(site, "proxy_pass " + site.upstream() +
                                   "; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"));
  const auto result = check(site.lab());
  expect_roots(result, {root("chatalot-websocket-upgrade-missing", "websocket-upgrade-missing")}, 1);
  CHECK(result.evidence("chatalot-websocket-upgrade-missing", "status") == "426");
}

TEST_CASE("nginx answers /ws with the web page", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve(with_socket(site, "rewrite ^ /index break; proxy_pass " + site.upstream() + ";"));
  const auto result = check(site.lab());
  expect_roots(result, {root("chatalot-websocket-path-wrong", "websocket-path-wrong")}, 1);
  CHECK(result.evidence("chatalot-websocket-path-wrong", "status") == "200");
}

TEST_CASE("nginx knows no /ws", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve(with_socket(site, "return 404;"));
  expect_roots(check(site.lab()), {root("chatalot-websocket-path-wrong", "websocket-path-wrong")}, 1);
}

TEST_CASE("nginx strips the path of the WebSocket", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve(with_socket(site, "proxy_pass " + site.upstream() +
                                   "/; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
                                   "proxy_set_header Connection upgrade;"));
  expect_roots(check(site.lab()), {root("chatalot-websocket-path-wrong", "websocket-path-wrong")}, 1);
}

TEST_CASE("nginx leads /ws to a port where nothing listens", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve(with_socket(site, "proxy_pass http://127.0.0.1:" + std::to_string(free_port()) + ";"));
  expect_roots(check(site.lab()), {root("websocket-gateway-error", "websocket-gateway-error")}, 1);
}

TEST_CASE("nginx demands a login for /ws", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve(
      with_socket(site, "auth_basic members; auth_basic_user_file /dev/null; proxy_pass " + site.upstream() + ";"));
  const auto result = check(site.lab());
  expect_roots(result, {root("chatalot-proxy-basic-auth-conflict", "websocket-unauthorized")}, 1);
  CHECK(result.evidence("chatalot-proxy-basic-auth-conflict", "challenge") == "Basic");
}

TEST_CASE("nginx demands a login for the page alone", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  const auto pass = "proxy_pass " + site.upstream() + "; ";
  site.serve(
      "location = / { auth_basic members; auth_basic_user_file /dev/null; " + pass + "}\n" + "location / { " + pass +
      "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }\n");
  expect_roots(check(site.lab()), {{"chatalot-proxy-basic-auth-conflict", "health-login-demanded", "health", outside}},
               1);
}

TEST_CASE("a certificate that nobody trusts is one fault, not two", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  NginxOptions options;
  options.certificate = test::make_certificate({"127.0.0.1"}, -1, 90);
  site.serve(nginx_locations(site.lab().port()), options);
  const auto result = check(site.lab());
  CHECK(result.run.exit == 1);
  for (const auto& finding : result.report.at("findings")) CHECK(finding.at("check") != "websocket");
  const auto alone = check(site.lab(), {"--only", "websocket"});
  expect_roots(alone, {root("websocket-tls-rejected", "websocket-tls-rejected")}, 1);
}

TEST_CASE("nginx sends /ws elsewhere", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve(with_socket(site, "return 302 https://login.example.com/;"));
  expect_roots(check(site.lab()), {root("websocket-redirected", "websocket-redirected")}, 1);
}

TEST_CASE("nginx limits the rate of /ws", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  site.serve(with_socket(site, "return 429;"));
  const auto result = check(site.lab());
  expect_roots(result, {root("chatalot-websocket-reconnect-storm", "websocket-rate-limited")}, 0);
}

TEST_CASE("a page over TLS and a WebSocket that is sent back to clear text", "[websocket]") {
  Site site;
  if (!site.possible()) return;
  const auto certificate = test::make_certificate({"127.0.0.1"}, -1, 90);
  NginxOptions options;
  options.certificate = certificate;
  site.serve(with_socket(site, "return 301 http://$host$request_uri;"), options);
  site.lab().directory().write("ca.pem", certificate.certificate);

  CommandOptions command;
  command.environment = Environment{{"PATH", "/usr/bin:/bin"},
                                    {"HOME", "/"},
                                    {"LANG", "C.UTF-8"},
                                    {"DOCKER_HOST", "unix:///nonexistent/docker.sock"},
                                    {"SSL_CERT_FILE", site.lab().directory().path("ca.pem")}};
  const auto result = check(site.lab().directory().path(), Secrets{}, {}, command);

  expect_roots(result, {root("chatalot-websocket-tls-missing", "websocket-mixed-content")}, 1);
}

TEST_CASE("something opens the WebSocket and keeps its messages back", "[websocket]") {
  ChatalotLab lab{shared_postgres()};
  lab.start();
  test::ScriptedServer silent{[](test::Peer& peer) {
    peer.receive_until("\r\n\r\n");
    peer.stay_silent();
  }};
  const auto result = check(lab, {"--only", "websocket", "--url", "http://127.0.0.1:" + std::to_string(silent.port())});
  expect_finding(result, {"websocket-no-answer", "websocket-no-answer", "websocket", ""});
  CHECK(result.run.exit == 1);
}

}  // namespace doctor::lab
