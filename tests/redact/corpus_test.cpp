#include <algorithm>
#include <iostream>
#include <map>

#include "redact/redactor.hpp"
#include "support/catch.hpp"
#include "support/disguise.hpp"
#include "support/log_corpus.hpp"

using doctor::redact::KnownSecret;
using doctor::redact::Redactor;
using doctor::test::Values;

namespace {

/// Secrets of a deployment as they are generated; none of them stands in the corpus.
Redactor redactor_with(std::size_t count) {
  Values values{7};
  std::vector<KnownSecret> known;
  for (std::size_t i = 0; i < count; ++i)
    known.push_back({"SECRET_" + std::to_string(i), values.password(12 + i % 30)});
  return Redactor{known, {"app", "db", "redis"}};
}

std::string with(std::string text, const std::string& name, const std::string& value) {
  for (const auto& [mark, to] : std::map<std::string, std::string>{{"NAME", name}, {"VALUE", value}})
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + to.size()))
      text.replace(at, mark.size(), to);
  return text;
}

/// A count of what was found, with the first of what was not.
struct Tally {
  std::size_t all = 0;
  std::size_t missed = 0;
  std::map<std::string, std::size_t> by_style;

  double share() const { return 100.0 * static_cast<double>(all - missed) / static_cast<double>(all); }

  void add(const Redactor& redactor, const std::string& style, const std::string& line, const std::string& value) {
    ++all;
    if (redactor.redact(line).find(value) == std::string::npos) return;
    ++missed;
    ++by_style[style];
  }

  void print(const char* what) const {
    std::cout << what << ": " << all - missed << " of " << all << " redacted, " << share() << " %\n";
    for (const auto& [style, count] : by_style) std::cout << "  missed " << count << " of: " << style << "\n";
  }
};

/// Key and value, as configuration, programs and logs write them.
const std::vector<std::string> styles{
    "NAME=VALUE",
    "export NAME=VALUE",
    "export NAME='VALUE'",
    "NAME=\"VALUE\"",
    "set NAME=VALUE",
    "NAME: VALUE",
    "  NAME: \"VALUE\"",
    "- NAME=VALUE",
    "      - \"NAME=VALUE\"",
    "{\"NAME\":\"VALUE\"}",
    "{\"NAME\": \"VALUE\", \"port\": 5432}",
    R"({\"NAME\":\"VALUE\"})",
    "{'NAME': 'VALUE', 'user': 'app'}",
    "NAME = VALUE",
    "NAME = \"VALUE\"",
    "NAME='VALUE' ./run.sh",
    "docker run -e NAME=VALUE app",
    "docker run --env NAME=\"VALUE\" app",
    "2026-03-01T10:12:05Z INFO config NAME=VALUE port=5432",
    "2026-03-01T10:12:05Z INFO config: NAME=VALUE, port=5432",
    "time=\"2026-03-01\" level=debug msg=\"env\" NAME=\"VALUE\" x=1",
    "[10:12:05] DEBUG loaded {NAME: VALUE}",
    "Config { NAME: \"VALUE\", port: 5432 }",
    "Config { NAME: Some(\"VALUE\"), port: 5432 }",
    "DEBUG settings NAME=VALUE;",
    "<NAME>VALUE</NAME>",
    "<add key=\"NAME\" value=\"VALUE\"/>",
    "<property name=\"NAME\" value=\"VALUE\"/>",
    "<db NAME=\"VALUE\" host=\"db\"/>",
    "{\"name\":\"NAME\",\"value\":\"VALUE\"}",
    "- name: NAME\n  value: VALUE",
    "- name: NAME\n  value: \"VALUE\"",
    "ENV NAME=VALUE",
    "ARG NAME=VALUE",
    "NAME := \"VALUE\"",
    "'NAME' => 'VALUE',",
    "Server=db;User Id=app;NAME=VALUE;Port=5432",
    "host=db user=app NAME=VALUE dbname=app",
    "NAME: VALUE (from .env)",
    "error while reading NAME=VALUE: invalid",
    "env: [\"PATH=/bin\",\"NAME=VALUE\"]",
    "\"Env\": [\"NAME=VALUE\", \"LANG=C\"]",
    "process.env.NAME = 'VALUE'",
    "os.environ[\"NAME\"] = \"VALUE\"",
    "-DNAME=VALUE",
    "# NAME=VALUE",
    "GET /login?NAME=VALUE HTTP/1.1",
    "GET /x?page=2&NAME=VALUE&sort=1 HTTP/1.1",
    "POST /x body: user=app&NAME=VALUE",
    "https://api.example.com/v1/x?NAME=VALUE",
    "does NAME=VALUE match?",
};

const std::vector<std::string> names{"DB_PASSWORD",
                                     "POSTGRES_PASSWORD",
                                     "password",
                                     "API_KEY",
                                     "api_key",
                                     "apiKey",
                                     "SECRET_KEY_BASE",
                                     "JWT_SECRET",
                                     "client_secret",
                                     "clientSecret",
                                     "access_token",
                                     "accessToken",
                                     "auth_token",
                                     "GITHUB_TOKEN",
                                     "REDIS_PASSWORD",
                                     "smtp.password",
                                     "AWS_SECRET_ACCESS_KEY",
                                     "ENCRYPTION_KEY",
                                     "SESSION_SECRET",
                                     "refresh_token",
                                     "TOTP_ENCRYPTION_KEY",
                                     "LICENSE_KEY",
                                     "db-password",
                                     "webhook_secret",
                                     "SMTP_PASS"};

/// Carriers that say themselves what they carry.
const std::vector<std::string> carriers{
    "Authorization: Bearer VALUE",
    "authorization: Basic BASE64",
    "> Authorization: Bearer VALUE",
    "{\"authorization\":\"Bearer VALUE\"}",
    "headers: { authorization: 'Bearer VALUE', accept: '*/*' }",
    "curl -H 'Authorization: Bearer VALUE' https://api.example.com",
    "curl -H \"X-Api-Key: VALUE\" https://api.example.com",
    "curl -u app:VALUE https://api.example.com",
    "curl --user app:VALUE https://api.example.com",
    "X-Api-Key: VALUE",
    "proxy_set_header X-Api-Key VALUE;",
    "proxy_set_header X-Auth-Token \"VALUE\";",
    "header_up X-Api-Key VALUE",
    "http-request set-header X-Api-Key VALUE",
    "apikey: VALUE",
    "X-Auth-Token: VALUE",
    "X-CSRF-Token: VALUE",
    "Private-Token: VALUE",
    "Proxy-Authorization: Basic BASE64",
    "Cookie: session=VALUE; theme=dark",
    "Set-Cookie: sid=VALUE; Path=/; HttpOnly; SameSite=Lax",
    "{\"cookie\":\"connect.sid=VALUE\"}",
    "tool --password VALUE run",
    "tool --password=VALUE run",
    "tool --api-key VALUE",
    "tool --token='VALUE'",
    "[\"tool\",\"--password\",\"VALUE\"]",
    "[\"tool\", \"--db-password=VALUE\"]",
    "redis-server --requirepass VALUE",
    "requirepass VALUE",
    "masterauth VALUE",
    "redis-cli -h redis -a VALUE ping",
    "1772359925.1 [0 10.0.0.7:5] \"AUTH\" \"VALUE\"",
    "1772359925.1 [0 10.0.0.7:5] \"AUTH\" \"app\" \"VALUE\"",
    "ALTER ROLE app PASSWORD 'VALUE'",
    "CREATE USER app WITH LOGIN PASSWORD 'VALUE';",
    "CREATE USER 'app'@'%' IDENTIFIED BY 'VALUE'",
    "db:5432:app:app:VALUE",
    "*:*:*:app:VALUE",
    "app:$apr1$Kx3fT0zQ$VALUE",
    "sshpass -p VALUE ssh app@host",
    "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=LONGVALUE;EndpointSuffix=core.windows.net",
    "https://x.blob.core.windows.net/c?sv=2022&sig=VALUE&se=2026",
    "login with token VALUE failed",
    "the password is VALUE",
    "AKIAIOSFODNN7EXAMPLE LONG40",
    "ghp_LONG36",
    "github_pat_LONG36",
    "glpat-LONG36",
    "xoxb-1234567890-LONG36",
    "sk_live_LONG36",
    "sk-proj-LONG36",
    "sk-ant-api03-LONG36",
    "AIzaLONG36",
    "sb_secret_LONG36",
    "sbp_LONG36",
    "mnm_LONG36",
    "npm_LONG36",
    "dckr_pat_LONG36",
    "SG.LONG36.LONG36",
    "1234567890:AALONG36",
    "hf_LONG36",
    "AGE-SECRET-KEY-1AGEKEY",
    "whsec_LONG36",
    "hvs.LONG36",
};

/// What must go without exception.
const std::vector<std::string> always{
    "postgres://app:VALUE@db:5432/app",
    "redis://:VALUE@redis:6379/0",
    "DATABASE_URL=postgresql+asyncpg://app:VALUE@db/app?ssl=require",
    "connecting to amqp://app:VALUE@mq:5672/%2f failed",
    "{\"url\":\"mongodb+srv://app:VALUE@cluster0.example.net/app\"}",
    "smtp://mailer%40example.org:VALUE@smtp.example.org:587",
    "https://ci:VALUE@git.example.org/app.git",
    "url=\"mysql://root:VALUE@db\"",
};

}  // namespace

TEST_CASE("of ordinary log lines at most one in a thousand is altered") {
  constexpr std::size_t count = 100'000;
  const auto redactor = redactor_with(30);
  std::size_t altered = 0;
  std::map<std::string, std::string> shown;
  const auto lines = doctor::test::ordinary_lines(count);
  const auto& templates = doctor::test::ordinary_templates();
  for (std::size_t at = 0; at < lines.size(); ++at) {
    const auto out = redactor.redact(lines[at]);
    if (out == lines[at]) continue;
    ++altered;
    shown.emplace(templates[at % templates.size()], out);
  }
  std::cout << "ordinary lines: " << altered << " of " << count << " altered, "
            << 100.0 * static_cast<double>(altered) / static_cast<double>(count) << " % (" << templates.size()
            << " templates)\n";
  for (const auto& [line, out] : shown) std::cout << "  " << line << "\n    -> " << out << "\n";
  CHECK(templates.size() >= 200);
  CHECK(altered * 1000 <= count);
}

TEST_CASE("key and value in every style that they are written in") {
  const Redactor redactor;
  Values values{11};
  Tally tally;
  for (int round = 0; round < 4; ++round)
    for (const auto& style : styles)
      for (const auto& name : names) {
        const auto value = values.password(8 + values.number(30));
        tally.add(redactor, style, with(style, name, value), value);
      }
  tally.print("key=value carriers");
  CHECK(tally.share() >= 99.0);
}

TEST_CASE("headers, queries, commands and keys of providers") {
  const Redactor redactor;
  Values values{13};
  Tally tally;
  for (int round = 0; round < 50; ++round)
    for (const auto& carrier : carriers) {
      auto value = values.password(16 + values.number(20));
      auto line = carrier;
      const auto put = [&](const std::string& mark, const std::string& made) {
        for (auto at = line.find(mark); at != std::string::npos; at = line.find(mark)) {
          line.replace(at, mark.size(), made);
          value = made;
        }
      };
      put("BASE64", doctor::test::base64("app:" + value));
      put("AGEKEY", values.text(58, "ABCDEFGHJKLMNPQRSTUVWXYZ0234567"));
      put("LONG36", values.password(36));
      put("LONG40", values.password(40));
      put("LONGVALUE", values.password(86) + "==");
      tally.add(redactor, carrier, with(line, "", value), value);
    }
  tally.print("headers, queries, commands, provider keys");
  CHECK(tally.share() >= 99.0);
}

TEST_CASE("passwords of URLs, tokens and private keys go without exception") {
  const Redactor redactor;
  Values values{17};
  Tally tally;
  for (int round = 0; round < 200; ++round) {
    for (const auto& carrier : always) {
      const auto value = values.password(6 + values.number(40)) + (round % 3 == 0 ? "%2F!" : "");
      tally.add(redactor, carrier, with(carrier, "", value), value);
    }
    const auto part = values.password(40);
    const auto token = "eyJ" + doctor::test::url_alphabet(doctor::test::base64(values.password(18))) + "." +
                       values.password(60) + "." + part;
    for (const std::string before : {"", "token ", "jwt=", "\"", "Bearer ", "?t=", "at:"})
      tally.add(redactor, "JWT behind " + before, before + token + (before == "\"" ? "\"" : ""), part);
    for (const std::string label :
         {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"}) {
      const auto body = doctor::test::wrapped(doctor::test::base64(values.password(200)), 64);
      const auto key = "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
      const auto line = body.substr(65, 60);
      tally.add(redactor, label, key, line);
      tally.add(redactor, label + " in JSON", "{\"key\":\"" + doctor::test::json_escaped(key) + "\"}", line);
      tally.add(redactor, label + " in base64", "data: " + doctor::test::base64(key),
                doctor::test::base64(key).substr(120, 60));
    }
  }
  tally.print("URL passwords, JWTs, private keys");
  CHECK(tally.missed == 0);
}
