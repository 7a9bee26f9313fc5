#include "guides/description.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "pages.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

using namespace doctor::guides;
using doctor::test::has_problem;
using doctor::test::texts;
using std::chrono::milliseconds;

namespace {

const std::string whole = R"YAML(name: demo
recognise: {services: [demo], images: ['*demo*'], settings: [DEMO_KEY]}
compose: docker-compose.yml
env_examples: [.env.example]
variables:
  DB_PASSWORD: {secret: true, required: true, length: 12}
  OTHER:
groups:
  - {id: pair, settings: [DB_PASSWORD, OTHER]}
services:
  demo:
    port: 8080
    user: '999:999'
    process: {exe: demo-server, unit: demo.service}
    talks_to: [postgres]
    settings:
      DATABASE_URL: {role: database-url, form: url, schemes: [postgres], examples: [change_me]}
      LIMIT: {form: integer, least: -1, most: 105, when: compose, fallback: '100'}
    milestones:
      - {id: started, log: 'Starting'}
    expect:
      - http: /api/health
        method: HEAD
        status: [200, 204]
        json: {/ok: true, /n: 5, /s: text, /q: 'true', /none: null, /f: 1.5, '/esc': 'a"b'}
        present: [/version]
        timeout: 2m
        slow: 500ms
        else: demo-health-degraded
    database:
      setting: DATABASE_URL
      minimum_version: 130000
      pool: 50
      oversized_bytes: 2147483648
      migrations: {kind: sqlx, table: _m, latest: 51}
  helper: {optional: true}
files:
  - {file: Cargo.lock, forbids: '^<<<<<<< ', else: demo-conflict}
support: [/api/health]
)YAML";

std::string without(const std::string& from, const std::string& to) {
  auto text = whole;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a description is read completely") {
  Problems problems;
  const auto system = read_description(whole, "demo.yaml", problems);
  INFO(texts(problems));
  REQUIRE(problems.empty());
  CHECK(system.name == "demo");
  CHECK(system.recognise.images == std::vector<std::string>{"*demo*"});
  CHECK(system.compose == std::vector<std::string>{"docker-compose.yml"});
  REQUIRE(system.variables.size() == 2);
  CHECK(system.variables[0].name == "DB_PASSWORD");
  CHECK(system.variables[0].secret);
  CHECK(system.variables[0].length == 12);
  CHECK(system.variables[1].name == "OTHER");
  CHECK_FALSE(system.variables[1].secret);
  REQUIRE(system.groups.size() == 1);
  REQUIRE(system.services.size() == 2);
  const auto& service = system.services[0];
  CHECK(service.port == 8080);
  CHECK(service.user == "999:999");
  CHECK(service.process.unit == "demo.service");
  CHECK(service.talks_to == std::vector<std::string>{"postgres"});
  REQUIRE(service.settings.size() == 2);
  CHECK(service.settings[1].least == -1);
  CHECK(service.settings[1].most == 105);
  CHECK(service.settings[1].when == "compose");
  CHECK(service.settings[1].fallback == "100");
  CHECK(service.milestones.at(0).log == "Starting");
  REQUIRE(service.database.has_value());
  CHECK(service.database->oversized_bytes == 2147483648);
  CHECK(service.database->migrations.latest == 51);
  CHECK(system.services[1].optional);
  CHECK_FALSE(system.services[1].database.has_value());
  CHECK(system.files.at(0).forbids == "^<<<<<<< ");
  CHECK(system.support.size() == 1);
}

TEST_CASE("an expectation is read completely") {
  Problems problems;
  const auto system = read_description(whole, "demo.yaml", problems);
  REQUIRE(system.services.size() == 2);
  REQUIRE(system.services[0].expect.size() == 1);
  const auto& expectation = system.services[0].expect[0];
  CHECK(expectation.method == "HEAD");
  CHECK(expectation.status == std::vector<int>{200, 204});
  CHECK(expectation.timeout == milliseconds{120'000});
  CHECK(expectation.slow == milliseconds{500});
  CHECK(expectation.violated == "demo-health-degraded");
  CHECK(expectation.json == std::map<std::string, std::string>{{"/ok", "true"},
                                                               {"/n", "5"},
                                                               {"/s", "\"text\""},
                                                               {"/q", "\"true\""},
                                                               {"/none", "null"},
                                                               {"/f", "1.5"},
                                                               {"/esc", "\"a\\\"b\""}});
}

TEST_CASE("mistakes in a description are reported with their line") {
  struct Case {
    std::string text;
    int line;
    std::string fragment;
  };
  const auto cases = {
      Case{without("compose:", "compos:"), 3, "did you mean compose?"},
      Case{without("    port: 8080", "    prot: 8080"), 12, "did you mean port?"},
      Case{without("secret: true, req", "secrt: true, req"), 6, "did you mean secret?"},
      Case{without("{optional: true}", "{name: x}"), 36, "name is not known"},
      Case{without("secret: true", "secret: yes"), 6, "true or false"},
      Case{without("port: 8080", "port: 65536"), 12, "65535"},
      Case{without("port: 8080", "port: http"), 12, "whole number"},
      Case{without("length: 12", "length: -1"), 6, "not negative"},
      Case{without("length: 12", "length: 99999999999999999999"), 6, "whole number"},
      Case{without("name: demo", "name: [demo]"), 1, "a list"},
      Case{without("name: demo", "name: Demo App"), 1, "name"},
      Case{without("services: [demo]", "services: {demo: x}"), 2, "a mapping"},
      Case{without("timeout: 2m", "timeout: 2h"), 27, "duration"},
      Case{without("timeout: 2m", "timeout: 99999m"), 27, "duration"},
      Case{without("timeout: 2m", "timeout: 8"), 27, "duration"},
      Case{without("when: compose", "when: composed"), 18, "did you mean compose?"},
      Case{without("form: integer", "form: url"), 18, "integer"},
      Case{without("least: -1", "least: 200"), 18, "above"},
      Case{without("form: url", "form: hex"), 17, "schemes"},
      Case{without("form: url", "form: ulr"), 17, "did you mean url?"},
      Case{without("examples: [change_me]", "examples: ['']"), 17, "empty word"},
      Case{without("[DB_PASSWORD, OTHER]", "[DB_PASSWORD, OTHR]"), 9, "did you mean OTHER?"},
      Case{without("[DB_PASSWORD, OTHER]", "[DB_PASSWORD]"), 9, "two settings"},
      Case{without("id: pair, ", ""), 9, "id"},
      Case{without("log: 'Starting'", "log: '('"), 20, "compile"},
      Case{without("log: 'Starting'", "log: ''"), 20, "log line"},
      Case{without("method: HEAD", "method: POST"), 23, "GET"},
      Case{without("[200, 204]", "[200, 42]"), 24, "100"},
      Case{without("[200, 204]", "[]"), 24, "status"},
      Case{without("/ok: true", "ok: true"), 25, "pointer"},
      Case{without("present: [/version]", "present: [version]"), 26, "pointer"},
      Case{without("http: /api/health", "http: api"), 22, "path"},
      Case{without("http: /api/health", "contains: x"), 22, "one of"},
      Case{without("else: demo-h", "else: Demo h"), 29, "else"},
      Case{without("slow: 500ms", "forbids: x"), 28, "belong"},
      Case{without("file: Cargo.lock", "file: ../x"), 38, "below"},
      Case{without("'^<<<<<<< '", "'['"), 38, "compile"},
      Case{without("else: demo-conflict", "timeout: 2s"), 38, "belong"},
      Case{without("setting: DATABASE_URL", "setting: DATABASE"), 31, "DATABASE"},
      Case{without("pool: 50", "pool: -2"), 31, "negative"},
      Case{without("kind: sqlx, ", ""), 35, "kind"},
      Case{without("port: 8080", "port: 0"), 22, "port"},
      Case{without("support: [/api", "support: [api"), 39, "support"},
      Case{without("id: started", "id: Started!"), 20, "id"},
      Case{without("- {id: started, log: 'Starting'}", "- {id: a, log: x}\n      - {id: a, log: y}"), 20, "twice"},
      Case{"", 0, "mapping"},
      Case{"- a\n", 1, "mapping"},
      Case{"a: [\n", 2, "YAML"},
  };
  for (const auto& [text, line, fragment] : cases) {
    Problems problems;
    read_description(text, "demo.yaml", problems);
    INFO("expected " << line << ": " << fragment << "\n" << texts(problems));
    CHECK(has_problem(problems, line, fragment));
  }
}

TEST_CASE("a question about the data") {
  const auto with = [](const std::string& expectation) {
    return without("    database:\n", "      - " + expectation + "\n    database:\n");
  };
  Problems problems;
  const auto system = read_description(with("{sql: 'SELECT $1::int', parameters: [LIMIT], least: 1, most: 5, subject: "
                                            "'setting:demo/LIMIT', else: demo-x}"),
                                       "demo.yaml", problems);
  INFO(texts(problems));
  REQUIRE(problems.empty());
  const auto& expectation = system.services[0].expect.at(1);
  CHECK(expectation.parameters == std::vector<std::string>{"LIMIT"});
  CHECK(expectation.subject == "setting:demo/LIMIT");
  struct Case {
    std::string expectation;
    std::string fragment;
  };
  for (const auto& [text, fragment] : {
           Case{"{sql: SELECT 1}", "must give"},
           Case{"{sql: SELECT 1, least: 2, most: 1}", "above"},
           Case{"{sql: SELECT 1, most: 0, subject: LIMIT}", "kind"},
           Case{"{sql: SELECT 1, most: 0, subject: 'settin:demo/LIMIT'}", "did you mean setting?"},
           Case{"{sql: SELECT 1, most: 0, parameters: [LIMITS]}", "did you mean LIMIT?"},
           Case{"{sql: SELECT 1, opens: LIMT}", "did you mean LIMIT?"},
           Case{"{sql: SELECT 1, most: 0, status: [200]}", "belong"},
           Case{"{http: /, opens: LIMIT}", "belong"},
       }) {
    Problems found;
    read_description(with(text), "demo.yaml", found);
    INFO(text << "\n" << texts(found));
    CHECK(texts(found).find(fragment) != std::string::npos);
  }
  Problems secret;
  auto text = with("{sql: SELECT 1, most: 0, parameters: [LIMIT]}");
  const std::string rule = "LIMIT: {form";
  text.replace(text.find(rule), rule.size(), "LIMIT: {secret: true, form");
  read_description(text, "demo.yaml", secret);
  CHECK(texts(secret).find("secret") != std::string::npos);
}

TEST_CASE("one mistake hides no other") {
  Problems problems;
  const auto system =
      read_description("name: demo\nprot: 1\nservices:\n  a: {port: x, usr: y}\n", "demo.yaml", problems);
  CHECK(problems.size() == 3);
  CHECK(system.services.size() == 1);
}

TEST_CASE("no broken description crashes the reader") {
  for (std::size_t length = 0; length < whole.size(); length += 2) {
    Problems problems;
    read_description(whole.substr(0, length), "demo.yaml", problems);
  }
  std::uint32_t seed = 7;
  for (int round = 0; round < 400; ++round) {
    auto text = whole;
    for (int change = 0; change < 6; ++change) {
      seed = seed * 1664525U + 1013904223U;
      constexpr std::string_view characters = ":{}[]&*!|>'\"\n\t -?,%@\\a0\xC3\xFF";
      text[seed / 256U % text.size()] = characters[seed % characters.size()];
    }
    Problems problems;
    read_description(text, "demo.yaml", problems);
  }
}

TEST_CASE("the descriptions of doctor itself have no mistakes") {
  const std::filesystem::path folder{doctor::test::source_path("checks/systems")};
  int count = 0;
  for (const auto& item : std::filesystem::directory_iterator{folder}) {
    std::ifstream file{item.path(), std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    Problems problems;
    const auto system = read_description(text, item.path().filename().string(), problems);
    INFO(texts(problems));
    CHECK(problems.empty());
    CHECK(system.name == item.path().stem().string());
    ++count;
  }
  CHECK(count > 0);
}

TEST_CASE("doctor.yaml holds rules of redaction, and says where one is wrong") {
  doctor::guides::Problems problems;
  const auto project = doctor::guides::read_project_file(
      "redact:\n  - match: 'CUST-[0-9]+'\n    name: customer\n  - {match: 'no (\\w+)', name: a.b-c_1}\n", "doctor.yaml",
      problems);
  CHECK(problems.empty());
  REQUIRE(project.redact.size() == 2);
  CHECK(project.redact[0].match == "CUST-[0-9]+");
  CHECK(project.redact[1].name == "a.b-c_1");
  for (const std::string rule : {"{match: '(', name: x}", "{match: 'x*', name: x}", "{match: x, name: 'a b'}",
                                 "{match: x}", "{name: x}", "{match: x, name: x, more: y}"}) {
    doctor::guides::Problems found;
    doctor::guides::read_project_file("redact:\n  - " + rule + "\n", "doctor.yaml", found);
    CAPTURE(rule);
    REQUIRE_FALSE(found.empty());
    CHECK(found.front().text().find("doctor.yaml:2") == 0);
  }
}
