#include <algorithm>
#include <memory>
#include <string>

#include "bundle/collect_inspect.hpp"
#include "bundle/collect_texts.hpp"
#include "bundle/collect_values.hpp"
#include "deployment/guess.hpp"
#include "redact/redactor.hpp"
#include "support/catch.hpp"
#include "support/fake_probes.hpp"

#include <nlohmann/json.hpp>

namespace doctor {
namespace {

using bundle::Values;

/// An application with one described setting of each kind.
std::shared_ptr<const Deployment> application() {
  test::World world;
  world.plain("app", "LOG_LEVEL", "info,app=debug").described = true;
  world.plain("app", "MESSAGE_OF_THE_DAY", "all is well").described = false;
  world.secret("app", "DB_PASSWORD", "hunter2hunter2");
  world.secret("app", "DATABASE_URL", "postgres://app:hunter2hunter2@db:5432/app");
  return std::make_shared<const Deployment>(world.deployment);
}

Values values() {
  return Values{application(), deployment::name_looks_secret, deployment::value_looks_secret};
}

std::string env(const std::string& text) {
  return bundle::shown_env_file(text, values());
}

std::string yaml(const std::string& text) {
  return bundle::shown_yaml(text, values());
}

auto lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("which values of variables a bundle shows", "[collect]") {
  const auto shown = [](const std::string& name, const std::string& value) { return values().shown(name, value); };
  CHECK(shown("LOG_LEVEL", "info,app=debug") == "info,app=debug");
  CHECK(shown("MESSAGE_OF_THE_DAY", "all is well") == "[redacted:MESSAGE_OF_THE_DAY]");
  CHECK(shown("FEATURE", "TRUE") == "TRUE");
  CHECK(shown("NODE_ENV", "production") == "production");
  CHECK(shown("PORT", "8080") == "8080");
  CHECK(shown("OFFSET", "-3") == "-3");
  CHECK(shown("CARD", "4111111111111111") == "[redacted:CARD]");
  CHECK(shown("EMPTY", "") == "");
  CHECK(shown("PG_VERSION", "17.5-1.pgdg120+1") == "17.5-1.pgdg120+1");
  CHECK(shown("NEW", "${DB_PASSWORD}") == "${DB_PASSWORD}");
  CHECK(shown("NEW", "$apr1$salt$hash") == "[redacted:NEW]");
  CHECK(shown("NEW", "$2b") == "[redacted:NEW]");
  CHECK(shown("NEW", "${DB_PASSWORD:-hunter2}") == "[redacted:NEW]");
  // Secret by name, by description, or by value, whatever it looks like.
  CHECK(shown("ADMIN_TOKEN", "12345678") == "[redacted:ADMIN_TOKEN]");
  CHECK(shown("DB_PASSWORD", "true") == "[redacted:DB_PASSWORD]");
  CHECK(shown("LOG_LEVEL", "postgres://u:hunter2hunter2@h/d").find("hunter2") == std::string::npos);
  CHECK(shown("bad name\n]", "x") == "[redacted:value]");
}

TEST_CASE("of a URL scheme, host, port and path are shown", "[collect]") {
  const auto shown = [](const std::string& name, const std::string& value) { return values().shown(name, value); };
  CHECK(shown("UPSTREAM", "https://api.example.com:8443/v1/x?token=abc#f") ==
        "https://api.example.com:8443/v1/x?[redacted:UPSTREAM]");
  CHECK(shown("DATABASE_URL", "postgres://app:hunter2hunter2@db:5432/app") ==
        "postgres://[redacted:DATABASE_URL]@db:5432/app");
  CHECK(shown("DATABASE_URL", "postgres://app:a/b@c#d?e@db/app") == "postgres://[redacted:DATABASE_URL]@db/app");
  CHECK(shown("DATABASE_URL", "postgres://app:hunter2hunter2") == "[redacted:DATABASE_URL]");
  CHECK(shown("HOOK", "https://hooks.example.com/services/T012AB3CD/wJalrXUtnFEMIK7MDENGbPx") ==
        "https://hooks.example.com/services/T012AB3CD/[redacted:HOOK]");
  CHECK(shown("API_KEY", "https://key.example.com/") == "[redacted:API_KEY]");
  CHECK(shown("REDIS_URL", "redis://127.0.0.1:6379/0") == "redis://127.0.0.1:6379/0");
  CHECK(shown("DATABASE_URL", "postgres://app:${DB_PASSWORD}@db/app") == "postgres://app:${DB_PASSWORD}@db/app");
  CHECK(shown("DATABASE_URL", "postgres://app:${DB_PASSWORD:-hunter2}@db/app") ==
        "postgres://[redacted:DATABASE_URL]@db/app");
  CHECK(shown("DATABASE_URL", "postgres://app:x${DB_PASSWORD}@db/app") == "postgres://[redacted:DATABASE_URL]@db/app");
  CHECK(shown("NODES", "http://a:1,b:2/x") == "http://a:1,b:2/x");
}

TEST_CASE("values of options are taken from command lines", "[collect]") {
  const auto shown = [](const std::vector<std::string>& words) { return values().shown_arguments(words); };
  using Words = std::vector<std::string>;
  CHECK(shown({"redis-server", "--requirepass", "hunter2", "--port", "6379"}) ==
        Words{"redis-server", "--requirepass", "[redacted:argument]", "--port", "6379"});
  CHECK(shown({"--api-token=abc", "--log-level=debug"}) ==
        Words{"--api-token=[redacted:api-token]", "--log-level=debug"});
  CHECK(shown({"turnserver", "--user=web:hunter2"}) == Words{"turnserver", "--user=web:[redacted:user]"});
  CHECK(shown({"sh", "-c", "exec  redis-server --requirepass hunter2 --save 60"}) ==
        Words{"sh", "-c", "exec  redis-server --requirepass [redacted:argument] --save 60"});
  CHECK(shown({"--password-file", "/run/secrets/db"}) == Words{"--password-file", "/run/secrets/db"});
  CHECK(shown({"env", "DB_PASSWORD=hunter2", "app"}) == Words{"env", "DB_PASSWORD=[redacted:DB_PASSWORD]", "app"});
}

TEST_CASE("an .env file keeps its lines and comments", "[collect]") {
  CHECK(env("# about\n\nPORT=8080\nDB_PASSWORD=hunter2 # old\n") ==
        "# about\n\nPORT=8080\nDB_PASSWORD=[redacted:DB_PASSWORD] # old\n");
  CHECK(env("export DB_PASSWORD = hunter2\r\nA=1\r\n") == "export DB_PASSWORD = [redacted:DB_PASSWORD]\r\nA=1\r\n");
  CHECK(env("#DB_PASSWORD=hunter2\n# see: the guide\n") == "#DB_PASSWORD=[redacted:DB_PASSWORD]\n# see: the guide\n");
  CHECK(env("DB_PASSWORD: hunter2") == "DB_PASSWORD: [redacted:DB_PASSWORD]");
  CHECK(env("DB_PASSWORD=\nLOG_LEVEL\n") == "DB_PASSWORD=\nLOG_LEVEL\n");
  CHECK(env("\xEF\xBB\xBF"
            "DB_PASSWORD='a b'\n") ==
        "\xEF\xBB\xBF"
        "DB_PASSWORD='[redacted:DB_PASSWORD]'\n");
  CHECK(env("KEY=\"-----BEGIN\nabc\\\"d\n-----END\"\nPORT=1\n") == "KEY=\"[redacted:KEY]\n\n\"\nPORT=1\n");
  CHECK(env("DATABASE_URL=\"postgres://a:${DB_PASSWORD}@db/x\"") ==
        "DATABASE_URL=\"postgres://a:${DB_PASSWORD}@db/x\"");
}

TEST_CASE("a broken .env file shows nothing of its values", "[collect]") {
  const auto open = env("DB_PASSWORD=\"hunter2\nabcdef\nghi = jkl\n");
  CHECK(open == "DB_PASSWORD=\"[redacted:DB_PASSWORD]\n[redacted:line]\nghi = [redacted:ghi]\n");
  CHECK(env("my password is hunter2\n") == "[redacted:line]\n");
  CHECK(env("A='x' hunter2\n") == "A='[redacted:A]' [redacted:line]\n");
  CHECK(env("two words=hunter2\n") == "[redacted:line]\n");
  for (const std::string text : {"\n\n=x\n", "'\n'", "A=\"\\", "#", "=", ":", "export", "export \n", "\"", "A='\n\n"}) {
    INFO(text);
    CHECK(lines(env(text)) == lines(text));
  }
}

TEST_CASE("secrets are taken from YAML line by line", "[collect]") {
  CHECK(yaml("services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: hunter2\n      POSTGRES_USER: app\n") ==
        "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: [redacted:POSTGRES_PASSWORD]\n"
        "      POSTGRES_USER: app\n");
  CHECK(yaml("      - POSTGRES_PASSWORD=hunter2\n      - \"API_TOKEN=abc\"\n") ==
        "      - POSTGRES_PASSWORD=[redacted:POSTGRES_PASSWORD]\n      - \"API_TOKEN=[redacted:API_TOKEN]\"\n");
  CHECK(yaml("A_SECRET: |\n  one\n  two\nB: x\n") ==
        "A_SECRET: |\n  [redacted:A_SECRET]\n  [redacted:A_SECRET]\nB: x\n");
  CHECK(yaml("A_SECRET: \"one\n  two\"\nB: x\n").find("two") == std::string::npos);
  for (const std::string same :
       {"    POSTGRES_PASSWORD: ${DB_PASSWORD}\n", "    POSTGRES_PASSWORD: ${DB_PASSWORD:?set it}\r\n",
        "      - POSTGRES_PASSWORD=${DB_PASSWORD}\n", "secrets:\n  - db_password\n",
        "secretKeyRef:\n  key: DATABASE_URL\n", "POSTGRES_PASSWORD_FILE: /run/secrets/db\n", "# POSTGRES\n",
        "image: a:b\n", "POSTGRES_PASSWORD:\n"})
    CHECK(yaml(same) == same);
  CHECK(yaml("DATABASE_URL: \"postgres://app:hunter2hunter2@db/x\"\r\n") ==
        "DATABASE_URL: \"postgres://[redacted:DATABASE_URL]@db/x\"\r\n");
  CHECK(yaml("P_TOKEN: ${DB_PASSWORD:-hunter2}\n") == "P_TOKEN: [redacted:P_TOKEN]\n");
}

TEST_CASE("what a Secret of Kubernetes holds is taken from it", "[collect]") {
  const std::string secret =
      "kind: Secret\nmetadata:\n  name: app\ndata:\n  any: aHVudGVyMg==\nstringData:\n  b: |\n    x\n    y\n";
  const std::string map = "---\nkind: ConfigMap\ndata:\n  any: text\n";
  CHECK(
      yaml(secret + map) ==
      "kind: Secret\nmetadata:\n  name: app\ndata:\n  any: [redacted:any]\nstringData:\n  b: |\n    [redacted:b]\n    "
      "[redacted:b]\n" +
          map);
  CHECK(yaml("data:\n  any: hunter2\nkind: Secret # last\n") == "data:\n  any: [redacted:any]\nkind: Secret # last\n");
}

TEST_CASE("the redactor leaves what was replaced as it is", "[collect]") {
  const redact::Redactor redactor{{{"DB_PASSWORD", "hunter2hunter2"}}};
  for (const auto& text : {env("DB_PASSWORD=hunter2\nDATABASE_URL=postgres://a:b@db/x\n"),
                           yaml("POSTGRES_PASSWORD: hunter2\nA_SECRET: |\n  one\n")})
    CHECK(redactor.redact(text) == text);
}

TEST_CASE("an answer of the Engine without values", "[collect]") {
  const auto answer = nlohmann::json::parse(R"({"Name": "/app", "Config": {
      "Env": ["DB_PASSWORD=hunter2", "PORT=8080", "PATH=/bin", "odd"],
      "Cmd": ["--requirepass", "hunter2"], "Labels": {"a": "b"}},
      "HostConfig": {"LogConfig": {"Config": {"splunk-token": "abc", "max-size": "10m"}}},
      "NetworkSettings": {"SandboxKey": "/var/run/docker/netns/x"}, "Health": {"Log": [{"Output": "ok"}]}})");
  const auto shown = bundle::shown_inspect(answer, values());
  CHECK(shown["Config"]["Env"] ==
        nlohmann::json{"DB_PASSWORD=[redacted:DB_PASSWORD]", "PORT=8080", "PATH=/bin", "odd"});
  CHECK(shown["Config"]["Cmd"] == nlohmann::json{"--requirepass", "[redacted:argument]"});
  CHECK(shown["HostConfig"]["LogConfig"]["Config"]["splunk-token"] == "[redacted:splunk-token]");
  CHECK(shown["HostConfig"]["LogConfig"]["Config"]["max-size"] == "10m");
  CHECK(shown["NetworkSettings"] == answer["NetworkSettings"]);
  CHECK(shown["Health"] == answer["Health"]);
}

}  // namespace doctor
