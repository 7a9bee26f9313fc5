// A whole installation (PostgreSQL 17 on an internal network, nginx in front, a public address) and one fault at a
// time, each of which shows up in several places: one root, whatever else it breaks. Two faults have two.

#include <chrono>
#include <thread>

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

const std::string forwarded_headers =
    "      proxy_set_header Host $host;\n"
    "      proxy_set_header X-Real-IP $remote_addr;\n"
    "      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n"
    "      proxy_set_header X-Forwarded-Proto $scheme;\n";
const std::string upgrade_headers =
    "      proxy_http_version 1.1;\n"
    "      proxy_set_header Upgrade $http_upgrade;\n"
    "      proxy_set_header Connection \"upgrade\";\n"
    "      proxy_read_timeout 86400s;\n";

struct NginxOptions {
  std::string upstream = "chatalot:8080";
  std::string body_limit = "110m";
  std::string websocket = upgrade_headers;
};

std::string nginx_config(const NginxOptions& options) {
  const auto to_server = "      proxy_pass http://" + options.upstream + ";\n" + forwarded_headers;
  return "user root;\nworker_processes 1;\npid /tmp/nginx.pid;\nerror_log /dev/stderr;\nevents {}\nhttp {\n"
         "  access_log off;\n  server {\n    listen 80;\n    server_name _;\n    client_max_body_size " +
         options.body_limit + ";\n    location / {\n" + to_server + "    }\n    location /ws {\n" + to_server +
         options.websocket + "    }\n  }\n}\n";
}

const std::string proxy_service =
    "  proxy:\n    image: doctor-test/nginx\n    ports: ['127.0.0.1:8081:80']\n    networks: [external]\n"
    "    depends_on: [chatalot]\n"
    "    volumes: ['./proxy/nginx.conf:/etc/nginx/nginx.conf:ro']\n"
    // Addresses that the server trusts as a proxy's.
    "networks:\n  external: {ipam: {config: [{subnet: 172.18.0.0/16}]}}\n"
    "  internal: {ipam: {config: [{subnet: 172.19.0.0/24}]}}\n";

/// The stack behind nginx.
class Installation {
 public:
  Installation() {
    stack_.files().set("PUBLIC_URL", "http://127.0.0.1:8081");
    proxy({});
    stack_.change({}, {}, proxy_service);
  }

  DockerStack& stack() { return stack_; }
  Result check() { return stack_.check(); }

  Installation& proxy(const NginxOptions& options) {
    stack_.directory().write("proxy/nginx.conf", nginx_config(options));
    return *this;
  }
  /// nginx reads its file again.
  Installation& restart_proxy() {
    stack_.compose({"restart", "-t", "1", "proxy"});
    return *this;
  }

 private:
  DockerStack stack_;
};

/// Exactly one root, with this entry, and the exit code of an error or a warning.
void expect_one_root(const Result& result, const std::string& entry, const std::string& subject, int exit = 1) {
  INFO(result.report.dump(1));
  CHECK(result.roots() == std::vector<std::string>{entry + " " + subject});
  CHECK(result.run.exit == exit);
}

void run_sql(Installation& installation, const std::string& sql) {
  auto& stack = installation.stack();
  stack.engine().docker(
      {"exec", "-d", stack.container("postgres"), "psql", "-U", "chatalot", "-d", "chatalot", "-c", sql});
}

}  // namespace

TEST_CASE("an installation behind nginx, and what can be wrong with nginx", "[engine]") {
  Installation installation;
  installation.stack().up();
  expect_silent(installation.check(), 0);

  // It does not pass the upgrade on.
  installation.proxy({.websocket = {}}).restart_proxy();
  expect_one_root(installation.check(), "chatalot-websocket-upgrade-missing", "service:proxy");

  // A file of 2 MB does not fit through.
  installation.proxy({.body_limit = "1m"}).restart_proxy();
  expect_one_root(installation.check(), "chatalot-upload-limit-proxy", "service:proxy");

  // It passes everything on to a port where nobody listens.
  installation.proxy({.upstream = "chatalot:8090"}).restart_proxy();
  expect_one_root(installation.check(), "proxy-upstream-wrong", "service:proxy");

  // Two at once are two.
  installation.proxy({.body_limit = "1m"}).restart_proxy();
  installation.stack().compose({"stop", "-t", "1", "postgres"});
  const auto result = installation.check();
  INFO(result.report.dump(1));
  CHECK(result.roots() ==
        std::vector<std::string>{"chatalot-upload-limit-proxy service:proxy", "container-exited service:postgres"});
}

TEST_CASE("an installation behind Caddy", "[engine]") {
  DockerStack stack;
  stack.files().set("PUBLIC_URL", "http://127.0.0.1:8081");
  const auto serve = [&](const std::string& limit) {
    stack.directory().write("proxy/Caddyfile", "{\n  admin off\n}\n:80 {\n  request_body {\n    max_size " + limit +
                                                   "\n  }\n  reverse_proxy chatalot:8080\n}\n");
  };
  serve("110MB");
  auto service = proxy_service;
  replace(service, "doctor-test/nginx", "doctor-test/caddy");
  replace(service, "./proxy/nginx.conf:/etc/nginx/nginx.conf:ro", "./proxy/Caddyfile:/etc/caddy/Caddyfile:ro");
  stack.change({}, {}, service).up();
  expect_silent(stack.check(), 0);

  serve("100MB");  // a little less than 100 MiB
  stack.compose({"restart", "-t", "1", "proxy"});
  expect_one_root(stack.check(), "chatalot-upload-limit-unit-mismatch", "service:proxy", 0);
}

TEST_CASE("the disk under the database is full", "[engine]") {
  DockerStack stack;
  stack.change(
      {}, {},
      "volumes:\n  postgres_data:\n    driver_opts: {type: tmpfs, device: tmpfs, o: 'size=200m,uid=70,mode=0700'}\n");
  stack.up();
  expect_silent(stack.check(), 0);
  run({"dd", "if=/dev/zero", "of=" + stack.volume_path("chatalot_postgres_data") + "/filler", "bs=1M"});
  const auto result = stack.check();
  INFO(result.report.dump(1));
  CHECK(result.roots() == std::vector<std::string>{"chatalot-disk-full disk:database"});
  CHECK(result.run.exit == 1);
}

TEST_CASE("the password in .env is not the one that the volume was made with", "[engine]") {
  Installation installation;
  auto& stack = installation.stack();
  stack.up();
  stack.files().password(random_alphanumeric(32));
  stack.compose({"up", "-d", "-t", "1"});
  const auto result = installation.check();
  expect_one_root(result, "chatalot-database-auth-failed", "setting:chatalot/DATABASE_URL");
  CHECK(result.evidence("chatalot-database-auth-failed", "sqlstate") == "28P01");
}

TEST_CASE("the keys are not a pair", "[engine]") {
  Installation installation;
  auto& stack = installation.stack();
  const Directory other{"other"};
  make_keys(other, 999);
  stack.directory().write("secrets/jwt_public.pem", other.read("secrets/jwt_public.pem"));
  stack.up();
  expect_one_root(installation.check(), "chatalot-jwt-key-mismatch", "file:secrets/jwt_public.pem");
}

TEST_CASE("another session holds the lock of the migrations", "[engine]") {
  Installation installation;
  auto& stack = installation.stack();
  stack.up();
  stack.compose({"stop", "-t", "1", "chatalot"});
  run_sql(installation, "SELECT pg_advisory_lock(1029201667983595304), pg_sleep(600)");
  stack.compose({"start", "chatalot"});
  std::this_thread::sleep_for(std::chrono::milliseconds{11200});  // shorter waits are what a migration takes
  expect_one_root(installation.check(), "chatalot-migration-lock-held", "endpoint:postgres:5432");
}

}  // namespace doctor::lab
