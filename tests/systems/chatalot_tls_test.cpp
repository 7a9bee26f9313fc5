// What users meet in front of Chatalot: the public address, its certificate, and the clock.

#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "lab/nginx.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"

namespace doctor::lab {
namespace {

constexpr const char* front = "endpoint:chatalot:public";

/// The authority that doctor is told to trust.
const test::Certificate& authority() {
  static const auto made = test::make_certificate({"Lab Authority"});
  return made;
}

test::Certificate signed_for(const std::string& name, int from_days = -1, int to_days = 30) {
  return test::make_certificate({name}, from_days, to_days, &authority());
}

bool without_nginx() {
  if (Nginx::installed()) return false;
  skip("no nginx here");
  return true;
}

/// A Chatalot behind a real nginx that speaks TLS with this certificate.
class Site {
 public:
  explicit Site(const test::Certificate& certificate) : lab_{shared_postgres()}, nginx_{locations(), tls(certificate)} {
    lab_.directory().write("authority.pem", authority().certificate);
    lab_.set("PUBLIC_URL", nginx_.url()).start();
  }

  ChatalotLab& lab() { return lab_; }
  const Nginx& nginx() const { return nginx_; }

  Result check() {
    Secrets secrets;
    secrets.add(lab_.password());
    CommandOptions options;
    options.environment = Environment{{"PATH", "/usr/bin:/bin"},
                                      {"DOCKER_HOST", "unix:///nonexistent/docker.sock"},
                                      {"SSL_CERT_FILE", lab_.directory().path("authority.pem")}};
    return doctor::lab::check(lab_.directory().path(), secrets, {}, options);
  }

 private:
  std::string locations() const { return nginx_locations(lab_.port()); }
  static NginxOptions tls(const test::Certificate& certificate) {
    NginxOptions options;
    options.certificate = certificate;
    return options;
  }

  ChatalotLab lab_;
  Nginx nginx_;
};

/// The only root, and that the public address is refused because of it.
void expect_refused(const test::Certificate& certificate, const std::string& entry, const std::string& code) {
  if (without_nginx()) return;
  Site site{certificate};
  const auto result = site.check();
  expect_roots(result, {{entry, code, "tls", front}}, 1);
  expect_consequence(result, {"health-tls-rejected", "health-tls-rejected", "health", front}, entry);
}

}  // namespace

TEST_CASE("an installation behind a proxy with a good certificate", "[tls]") {
  if (without_nginx()) return;
  Site site{signed_for("127.0.0.1")};
  const auto result = site.check();
  expect_silent(result, 0);
  for (const auto& one : result.report.at("checks"))
    if (one.at("id") == "tls" || one.at("id") == "health" || one.at("id") == "clock")
      CHECK(one.at("status") == "passed");
}

TEST_CASE("an installation behind a proxy in clear text on this host", "[tls]") {
  if (without_nginx()) return;
  ChatalotLab lab{shared_postgres()};
  const Nginx nginx{nginx_locations(lab.port())};
  lab.set("PUBLIC_URL", nginx.url()).start();
  expect_silent(check(lab), 0);
}

TEST_CASE("a certificate that has expired", "[tls]") {
  expect_refused(signed_for("127.0.0.1", -30, -1), "tls-certificate-expired", "tls-certificate-expired");
}

TEST_CASE("a certificate of tomorrow", "[tls]") {
  expect_refused(signed_for("127.0.0.1", 1, 30), "tls-certificate-not-yet-valid", "tls-certificate-not-yet-valid");
}

TEST_CASE("a certificate for another name", "[tls]") {
  expect_refused(signed_for("chat.lab.invalid"), "tls-certificate-name-mismatch", "tls-certificate-name-mismatch");
}

TEST_CASE("a certificate that is signed by itself", "[tls]") {
  expect_refused(test::make_certificate({"127.0.0.1"}), "tls-certificate-untrusted", "tls-certificate-untrusted");
}

TEST_CASE("the certificate that Traefik makes up", "[tls]") {
  expect_refused(test::make_certificate({"TRAEFIK DEFAULT CERT"}), "chatalot-traefik-defaults-unsuitable",
                 "tls-default-certificate");
}

TEST_CASE("a certificate that expires in three days", "[tls]") {
  if (without_nginx()) return;
  Site site{signed_for("127.0.0.1", -87, 3)};
  expect_roots(site.check(), {{"tls-certificate-expires-soon", "tls-certificate-expires-soon", "tls", front}}, 0);
}

TEST_CASE("plain HTTP behind an https address", "[tls]") {
  if (without_nginx()) return;
  ChatalotLab lab{shared_postgres()};
  const Nginx nginx{nginx_locations(lab.port())};
  lab.set("PUBLIC_URL", "https://127.0.0.1:" + std::to_string(nginx.port())).start();
  const auto result = check(lab);
  expect_roots(result, {{"tls-not-spoken", "tls-not-spoken", "tls", front}}, 1);
  expect_consequence(result, {"health-tls-rejected", "health-tls-rejected", "health", front}, "tls-not-spoken");
}

TEST_CASE("a public name without an address", "[tls]") {
  ChatalotLab lab{shared_postgres()};
  lab.set("PUBLIC_URL", "https://chat.lab.invalid").start();
  const auto result = check(lab);
  expect_roots(result, {{"health-name-not-resolved", "health-name-not-resolved", "health", front}}, 1);
  CHECK(result.evidence("health-name-not-resolved", "host") == "chat.lab.invalid");
}

TEST_CASE("a public address where another site answers", "[tls]") {
  if (without_nginx()) return;
  ChatalotLab lab{shared_postgres()};
  const Nginx nginx{"location / { default_type text/html; return 200 '<html>welcome</html>'; }"};
  lab.set("PUBLIC_URL", nginx.url()).start();
  const auto result = check(lab);
  expect_finding(result, {"chatalot-health-check-failed", "health-type-unexpected", "health", front});
  CHECK(result.run.exit == 1);
}

TEST_CASE("a database that is down is not told of twice", "[tls]") {
  if (without_nginx()) return;
  ChatalotLab lab{shared_postgres()};
  const Nginx nginx{nginx_locations(lab.port())};
  lab.set("PUBLIC_URL", nginx.url()).start();
  lab.postgres().stop();
  const auto result = check(lab);
  lab.postgres().start();
  CHECK(result.roots() == std::vector<std::string>{"chatalot-database-unreachable " + lab.database_endpoint()});
  for (const auto& one : result.consequences()) CHECK(one.find(front) == std::string::npos);
}

TEST_CASE("a server with another clock", "[tls]") {
  ChatalotLab lab{shared_postgres()};
  lab.start({{"LAB_CLOCK_AHEAD", "120"}});
  const auto result = check(lab);
  expect_roots(result, {{"chatalot-clock-skew", "clock-skewed", "clock", "host:clock"}}, 1);
  CHECK(result.evidence("chatalot-clock-skew", "against") == "http://127.0.0.1:" + std::to_string(lab.port()));
}

TEST_CASE("a server whose clock is half a minute off", "[tls]") {
  ChatalotLab lab{shared_postgres()};
  lab.start({{"LAB_CLOCK_AHEAD", "-40"}});
  expect_roots(check(lab), {{"clock-drifting", "clock-drifting", "clock", "host:clock"}}, 0);
}

}  // namespace doctor::lab
