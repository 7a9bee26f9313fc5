// A smoltbot gateway behind a real nginx that passes requests on as agents do not need them.

#include <optional>

#include "lab/nginx.hpp"
#include "lab/smoltbot_lab.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const std::string headers =
    "proxy_set_header Host $http_host;\nproxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
    "proxy_set_header X-Forwarded-Proto $scheme;\n";
const std::string streams = "proxy_buffering off;\nproxy_read_timeout 300s;\n";
const std::string body = "client_max_body_size 10m;\n";
const std::string closed = "location = /metrics { return 404; }\nlocation = /health/ready { return 404; }\n";

std::string pass(const std::string& settings, const std::string& to = "127.0.0.1:8787") {
  return "location / {\n" + headers + settings + "proxy_pass http://" + to + ";\n}\n";
}

/// A gateway that is well, and an nginx in front of it that other machines can reach.
class Front {
 public:
  explicit Front(const std::string& server, const NginxOptions& options = {}) {
    if (!Nginx::installed()) return;
    lab_.start();
    nginx_.emplace("listen 0.0.0.0:" + std::to_string(free_port()) + ";\n" + server, options);
  }

  /// False: there is no nginx here, and the test is left out.
  bool stands() const {
    if (!nginx_) skip("nginx is not installed");
    return nginx_.has_value();
  }

  Result checked() const { return check(lab_, {"--proxy-config", nginx_->config_path()}); }

  Root fault(const std::string& entry, const std::string& code, const std::string& check = "proxy") const {
    return {entry, code, check, "file:" + nginx_->config_path()};
  }

  /// What nginx answers to a request with so many bytes.
  int status(const std::string& path, std::size_t bytes = 0) const {
    lab_.directory().write("body", std::string(bytes, 'x'));
    Arguments argv{"curl", "-sS",     "--max-time",        "20", "-o", "/dev/null", "-w", "%{http_code}",
                   "-H",   "Expect:", nginx_->url() + path};
    if (bytes > 0) argv.insert(argv.end(), {"--data-binary", "@" + lab_.directory().path("body")});
    const auto answer = run(argv);
    UNSCOPED_INFO(answer.err << nginx_->log());
    return std::stoi(answer.out);
  }

 private:
  SmoltbotLab lab_;
  std::optional<Nginx> nginx_;
};

NginxOptions pool(const std::string& more = {}) {
  NginxOptions options;
  options.http = "upstream smoltbot {\nserver 127.0.0.1:8787;\nkeepalive 8;\n" + more + "}\n";
  return options;
}

const std::string reuse = "proxy_http_version 1.1;\nproxy_set_header Connection \"\";\n";

}  // namespace

TEST_CASE("an nginx that passes streams on as they come", "[proxy]") {
  const Front front{body + closed + pass(streams)};
  if (!front.stands()) return;
  expect_silent(front.checked(), 0);
  CHECK(front.status("/health/live") == 200);
  CHECK(front.status("/metrics") == 404);
}

TEST_CASE("an nginx with a pool of connections that it closes first", "[proxy]") {
  const Front front{body + closed + pass(streams + reuse, "smoltbot"), pool("keepalive_timeout 4s;\n")};
  if (!front.stands()) return;
  expect_silent(front.checked(), 0);
  CHECK(front.status("/health/live") == 200);
}

TEST_CASE("an nginx with its default limit of a body", "[proxy]") {
  const Front front{closed + pass(streams)};
  if (!front.stands()) return;
  CHECK(front.status("/anthropic/v1/messages", 2'000'000) == 413);
  const auto result = front.checked();
  expect_roots(result, {front.fault("smoltbot-upload-limit-proxy", "limit-upload-proxy-smaller", "limits")}, 0);
  CHECK(result.evidence("smoltbot-upload-limit-proxy", "bytes") == "10485760");
}

TEST_CASE("an nginx that gives up on long answers", "[proxy]") {
  const Front front{body + closed + pass("proxy_buffering off;\n")};
  if (!front.stands()) return;
  const auto result = front.checked();
  expect_roots(result, {front.fault("smoltbot-proxy-read-timeout", "proxy-stream-timeout-short")}, 0);
  CHECK(result.evidence("smoltbot-proxy-read-timeout", "timeout") == "60.0 s");
  CHECK(result.evidence("smoltbot-proxy-read-timeout", "needed") == "300.0 s");
}

TEST_CASE("an nginx that collects streams", "[proxy]") {
  const Front front{body + closed + pass("proxy_read_timeout 300s;\n")};
  if (!front.stands()) return;
  const auto result = front.checked();
  expect_roots(result, {front.fault("smoltbot-proxy-buffering-sse", "proxy-stream-buffered")}, 0);
  CHECK(result.evidence("smoltbot-proxy-buffering-sse", "path") == "/anthropic/v1/messages");
}

TEST_CASE("an nginx that keeps connections longer than Node", "[proxy]") {
  const Front front{body + closed + pass(streams + reuse, "smoltbot"), pool()};
  if (!front.stands()) return;
  CHECK(front.status("/health/live") == 200);
  const auto result = front.checked();
  expect_roots(result, {front.fault("smoltbot-proxy-keepalive-mismatch", "proxy-keepalive-longer")}, 0);
  CHECK(result.evidence("smoltbot-proxy-keepalive-mismatch", "kept") == "60.0 s");
  CHECK(result.evidence("smoltbot-proxy-keepalive-mismatch", "closes") == "5.0 s");
}

TEST_CASE("an nginx that shows metrics to everybody", "[proxy]") {
  const Front front{body + pass(streams)};
  if (!front.stands()) return;
  CHECK(front.status("/metrics") == 200);
  const auto result = front.checked();
  expect_roots(result, {front.fault("smoltbot-metrics-exposed", "proxy-path-exposed")}, 0);
}

TEST_CASE("an nginx that shows metrics to one network", "[proxy]") {
  const Front front{body + pass(streams) +
                    "location = /health/ready { return 404; }\nlocation = /metrics {\nallow "
                    "10.0.0.0/8;\ndeny all;\n" +
                    headers + "proxy_pass http://127.0.0.1:8787;\n}\n"};
  if (!front.stands()) return;
  CHECK(front.status("/metrics") == 403);
  expect_silent(front.checked(), 0);
}

TEST_CASE("an nginx as it comes, with nothing but proxy_pass", "[proxy]") {
  const Front front{pass("")};
  if (!front.stands()) return;
  expect_roots(front.checked(),
               {front.fault("smoltbot-metrics-exposed", "proxy-path-exposed"),
                front.fault("smoltbot-proxy-buffering-sse", "proxy-stream-buffered"),
                front.fault("smoltbot-proxy-read-timeout", "proxy-stream-timeout-short"),
                front.fault("smoltbot-upload-limit-proxy", "limit-upload-proxy-smaller", "limits")},
               0);
}

}  // namespace doctor::lab
