// A secret of its own in every place of an installation, and a search for all of them in everything that doctor writes.

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>

#include "canary/outputs.hpp"
#include "lab/env_file.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"
#include "support/disguise.hpp"
#include "support/redis_server.hpp"
#include "support/scripted_server.hpp"

namespace doctor::canary {
namespace {

/// Chatalot on bare processes, with files of every other kind beside it.
class Nest {
 public:
  Nest() : lab_{lab::shared_postgres()} {
    canaries_.push_back({"database password", lab_.password()});
    canaries_.push_back({"hexadecimal key in .env", lab_.value("TOTP_ENCRYPTION_KEY")});
    plant_in_env();
    plant_in_compose();
    plant_in_manifests();
    plant_in_proxy();
    plant_in_keys();
    plant_in_database();
    plant_in_redis();
    plant_in_certificate();
    plant_in_names();
    lab_.start({{"EXTRA_API_TOKEN", made("environment of the process alone")},
                {"HTTPS_PROXY", "http://proxyuser:" + made("proxy URL in the environment") + "@127.0.0.1:9"}});
    plant_in_log();
    // What only the user knows to be confidential.
    lab_.directory().write("doctor.yaml", "redact:\n  - {match: 'customer no (\\w+)', name: customer}\n");
  }

  const std::vector<Canary>& canaries() const { return canaries_; }
  const std::string& directory() const { return lab_.directory().path(); }
  lab::Arguments options() const { return {"--proxy-config", lab_.directory().path("nginx/nginx.conf")}; }

 private:
  std::string made(const std::string& place) {
    canaries_.push_back({place, "cnry" + lab::random_alphanumeric(20) + "7"});
    return canaries_.back().secret;
  }

  /// With characters that every notation writes in its own way.
  std::string odd(const std::string& place) {
    canaries_.push_back({place, "cn/" + lab::random_alphanumeric(9) + "+&=" + lab::random_alphanumeric(9) + "7"});
    return canaries_.back().secret;
  }

  void plant_in_env() {
    auto text = lab_.directory().read(".env");
    text += "# the one before: OLD_DB_PASSWORD=" + made("comment in .env") + "\n";
    text += "#ADMIN_PASSWORD=" + made("setting that is commented out") + "\n";
    text += "# postgres://old:" + made("URL in a comment of .env") + "@db/old\n";
    text += "STRIPE_SECRET_KEY=" + made("entry of .env that nothing uses") + "\n";
    text += "SMTP_URL=smtp://mailer:" + made("URL in .env") + "@127.0.0.1:2525\n";
    text += "WEBHOOK_SIGNING_SECRET='" + odd("odd characters in .env") + "'\n";
    lab_.directory().write(".env", text, 0600);
  }

  void plant_in_compose() {
    lab_.directory().write("secrets/smtp_password", made("file of a compose secret") + "\n", 0600);
    lab_.directory().write("mail.env", "MAIL_API_KEY=" + made("env_file") + "\n", 0600);
    lab_.directory().write("docker-compose.yml", R"(services:
  mailer:
    image: example/mailer:1.2.3
    build:
      context: .
      args:
        NPM_TOKEN: )" + made("build argument") + R"(
    env_file: [mail.env]
    environment:
      MAIL_PASSWORD: )" + made("literal environment") +
                                                     R"(
      AMQP_URL: amqp://app:)" + made("URL in literal environment") +
                                                     R"(@127.0.0.1:5672/
      SENTRY_AUTH: "Bearer )" + made("bearer token in literal environment") +
                                                     R"("
    command: ["mailer", "--smtp-password", ")" + made("command") +
                                                     R"(", "--port=25"]
    entrypoint: /entry --api-token=)" + made("entrypoint") +
                                                     R"(
    labels:
      com.example.api-key: )" + made("label") + R"(
      com.example.hook: https://hook:)" + made("URL in a label") +
                                                     R"(@hooks.example.com/x
    healthcheck:
      test: ["CMD-SHELL", "curl -H 'X-Api-Key: )" + made("health check") +
                                                     R"(' http://localhost/health"]
    secrets: [smtp_password]
secrets:
  smtp_password:
    file: ./secrets/smtp_password
)");
  }

  void plant_in_manifests() {
    const auto encoded = test::base64(made("data of a Kubernetes Secret"));
    lab_.directory().write("k8s/secret.yaml",
                           "apiVersion: v1\nkind: Secret\nmetadata:\n  name: unused\nstringData:\n  smtp: " +
                               made("stringData of a Kubernetes Secret") + "\ndata:\n  blob: " + encoded + "\n");
  }

  void plant_in_proxy() {
    lab_.directory().write(
        "nginx/nginx.conf",
        "events {}\nhttp {\n  server {\n    listen 8081;\n    location / {\n      proxy_pass http://127.0.0.1:" +
            std::to_string(lab_.port()) + ";\n      proxy_set_header Authorization \"Bearer " +
            made("header in a proxy configuration") + "\";\n      proxy_set_header X-Api-Key " +
            made("key in a proxy configuration") + ";\n    }\n  }\n}\n");
  }

  void plant_in_keys() {
    const auto key = lab_.directory().read("secrets/jwt_private.pem");
    const auto begin = key.find('\n') + 1;
    canaries_.push_back({"private key", key.substr(begin, key.find('\n', begin) - begin)});
  }

  void plant_in_redis() {
    if (!test::RedisServer::available().ok) return;
    test::RedisServer::Options options;
    options.password = made("password of Redis");
    redis_.emplace(options);
    lab_.set("REDIS_URL", "redis://:" + options.password + "@127.0.0.1:" + std::to_string(redis_->port()) + "/0");
    redis_->command({"SET", "session:" + made("key of Redis"), made("value of Redis")});
    redis_->command({"CLIENT", "SETNAME", made("name of a client of Redis")});
    redis_->command({"GET", made("command in Redis")});
  }

  /// Of a server under the public address: what it says of itself is what an operator has typed.
  void plant_in_certificate() {
    const auto& secret = made("subject of a certificate");
    lab_.set("CERTIFICATE_PASSWORD", secret);
    front_.emplace([](test::Peer& peer) { peer.receive_until("\r\n\r\n"); },
                   test::make_certificate({secret + ".example.net", "localhost"}));
    lab_.set("PUBLIC_URL", "https://localhost:" + std::to_string(front_->port()));
  }

  void plant_in_names() {
    const auto& secret = made("name of a file");
    lab_.set("FILE_PASSWORD", secret);
    lab_.directory().write("conf/" + secret + ".conf", mounted());
    auto compose = lab_.directory().read("docker-compose.yml");
    const std::string place = "    secrets: [smtp_password]\n";
    compose.insert(compose.find(place), "    volumes: [\"./conf/" + secret + ".conf:/etc/mailer.conf\"]\n");
    lab_.directory().write("docker-compose.yml", compose);
  }

  /// A file that is mounted, with what no setting names.
  std::string mounted() {
    return "machine git.example.org login ci password " + made(".netrc") +
           "\nlocalhost:5433:app:app:" + made(".pgpass") + "\nurl = https://" + made("token in a git remote") +
           "@git.example.org/app.git\nmysqladmin ping -uroot -p" + made("password of mysqladmin") +
           "\napi_key: |\n    " + made("block of YAML") + "\ndsn: app:" + made("DSN of Go") +
           "@tcp(127.0.0.1:3306)/app\ndefine('DB_PASSWORD', '" + made("constant of PHP") + "');\n";
  }

  void plant_in_database() {
    lab_.sql("CREATE FUNCTION keeper() RETURNS text LANGUAGE sql AS $$ SELECT '" + made("body of a function") +
             "'::text $$");
    lab_.sql("CREATE TABLE notes (note text); INSERT INTO notes VALUES ('" + made("row of a table") + "')");
    lab_.sql("COMMENT ON TABLE notes IS '" + made("comment in the database") + "'");
    session_ = lab_.session();
    session_->send("SELECT pg_sleep(300) /* " + made("running statement") + " */");
  }

  void plant_in_log() {
    std::ofstream log{lab_.directory().parent() + "/server.log", std::ios::app};
    const auto say = [&](const std::string& text) {
      log << "2026-03-01T10:12:05Z ERROR chatalot_server: " << text << "\n";
    };
    for (const auto& known : {lab_.password(), canaries_[1].secret})
      for (const auto& [name, text] : test::disguises(known)) say("cannot use " + text);
    for (const auto& [name, text] : test::disguises(named("odd characters in .env"))) say("cannot use " + text);
    for (const auto& [name, text] : test::far_disguises(named("odd characters in .env"))) say("cannot use " + text);
    say("Authorization: Bearer " + made("bearer token in a log"));
    say("GET /x?access_token=" + made("query in a log") + "&page=2");
    say("Cookie: session=" + made("cookie in a log") + "; theme=dark");
    say("connecting to postgres://u:" + made("URL in a log") + "@10.0.0.7/x");
    say("config {\"clientSecret\":\"" + made("JSON in a log") + "\"}");
    say("config {\\\"apiKey\\\":\\\"" + made("JSON in JSON in a log") + "\\\"}");
    say("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + made("JWT in a log"));
    say("customer no " + made("what a rule of the user matches") + " has left");
    say("ALTER ROLE app PASSWORD '" + made("SQL in a log") + "'");
    say("password authentication failed: password=" + made("password in an error"));
    std::string wide;  // UTF-16LE, as a library of another world writes it
    for (const char c : "ERROR cannot use " + lab_.password() + "\n") wide += {c, '\0'};
    log << wide;
    log << "\x1b[31mERROR cannot use \x1b[1m" << lab_.password() << "\x1b[0m\r\n";
    log << "ERROR " << std::string(70000, '=') << lab_.password() << "\n";
    log << "ERROR \xff\xfe" << lab_.password() << "\xff\n";
  }

  const std::string& named(const std::string& place) const {
    return std::find_if(canaries_.begin(), canaries_.end(), [&](const Canary& one) { return one.place == place; })
        ->secret;
  }

  lab::ChatalotLab lab_;
  std::vector<Canary> canaries_;
  std::optional<lab::Session> session_;
  std::optional<test::RedisServer> redis_;
  std::optional<test::ScriptedServer> front_;
};

}  // namespace

TEST_CASE("no secret of the installation can be read from anything that doctor writes", "[canary]") {
  const Nest nest;
  const auto outputs = all_outputs(nest.directory(), nest.options());
  std::size_t bytes = 0;
  for (const auto& output : outputs) bytes += output.bytes.size();
  const auto found = leaks(outputs, nest.canaries());
  std::cout << nest.canaries().size() << " canaries, " << outputs.size() << " outputs, " << bytes
            << " bytes: " << found.size() << " found\n";
  for (const auto& one : found) std::cout << "  " << one << "\n";
  CHECK(found.empty());
  // It was there to be found: the log and the configuration are among the outputs.
  for (const std::string part :
       {"logs/", "config/", "report/report.html", "answers/tape.json", "redaction.json", "config/conf/"}) {
    CAPTURE(part);
    CHECK(std::any_of(outputs.begin(), outputs.end(),
                      [&](const Output& one) { return one.name.find("one.tar.gz: " + part) == 0; }));
  }
  CHECK(bytes > 100'000);
}

TEST_CASE("a canary that is left in plain sight, or in disguise, is told", "[canary]") {
  const std::string secret = "cnry-left/in+plain&sight7";
  for (const auto& [name, text] : test::disguises(secret)) {
    if (name == "shell") continue;  // it holds no quote, so that is plain
    CAPTURE(name);
    CHECK(leaks({{"report", "before " + text + " after"}}, {{"place", secret}}) ==
          std::vector<std::string>{"place: report"});
  }
  CHECK(leaks({{"report", "nothing"}}, {{"place", secret}}).empty());
}

}  // namespace doctor::canary
