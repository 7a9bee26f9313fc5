#include "plugins/protocol.hpp"

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::plugins;

namespace {

std::string answer(const std::string& rest) {
  return R"({"schema": "doctor-plugin/v1")" + (rest.empty() ? "" : ", " + rest) + "}";
}

Description backup() {
  return {"backup-age", "The newest backup is old", "the newest backup is young", {}};
}

std::string why_not(const std::string& text, const Description& description = backup()) {
  const auto verdict = read_verdict(text, description);
  return verdict ? "" : verdict.error();
}

bool begins(const std::string& text, const std::string& with) {
  return text.rfind(with, 0) == 0;
}

}  // namespace

TEST_CASE("a plugin describes itself") {
  const auto description = read_description(answer(
      R"("id": "backup-age", "title": "t\u001b[31m", "healthy": "h", "codes": ["old", "missing"], "reads": ["x"])"));
  REQUIRE(description);
  CHECK(description->id == "backup-age");
  CHECK(description->title == "t\\x1b[31m");
  CHECK(description->codes == std::vector<std::string>{"old", "missing"});
  const auto bare = read_description(answer(R"("id": "a", "title": "t")"));
  REQUIRE(bare);
  CHECK(bare->healthy == "t");
}

TEST_CASE("a description that breaks the protocol is refused by its field") {
  const auto refused = [](const std::string& text) {
    const auto description = read_description(text);
    return description ? std::string{} : description.error();
  };
  CHECK(begins(refused(""), "the answer"));
  CHECK(begins(refused("[1]"), "the answer"));
  CHECK(begins(refused(std::string(100, '[')), "the answer"));
  CHECK(begins(refused(R"({"schema": "doctor-plugin/v2", "id": "a", "title": "t"})"), "schema"));
  CHECK(begins(refused(answer("")), "id"));
  CHECK(begins(refused(answer(R"("id": "A b", "title": "t")")), "id"));
  CHECK(begins(refused(answer(R"("id": "-a", "title": "t")")), "id"));
  CHECK(begins(refused(answer(R"("id": "a")")), "title"));
  CHECK(begins(refused(answer(R"("id": "a", "title": {})")), "title"));
  CHECK(begins(refused(answer(R"("id": "a", "title": "t", "codes": "x")")), "codes"));
  CHECK(begins(refused(answer(R"("id": "a", "title": "t", "codes": [1])")), "codes[0]"));
}

TEST_CASE("a finding brings its own guide") {
  const auto verdict = read_verdict(
      answer(R"("findings": [{"code": "old", "severity": "warning", "subject": "volume:backup", "title": "It is old",
        "symptom": "s", "cause": "c", "verify": "v",
        "fix": [{"text": "Run it:", "command": "backup now\nsync", "risk": "disruptive"}, {"text": "Or wait."}],
        "evidence": [{"name": "age", "value": 12, "source": "/var/backup"}, {"name": "host"}]}],
        "healthy": [{"subject": "disk:backup", "figure": "3 % used"}], "unexamined": [{"reason": "no right"}])"),
      backup());
  REQUIRE(verdict);
  REQUIRE(verdict->findings.size() == 1);
  const auto& told = verdict->findings.front();
  CHECK(told.finding.code == "plugin-backup-age-old");
  CHECK(told.finding.subject == "volume:backup");
  CHECK(told.finding.evidence.at(0) == Evidence{"age", "12", "/var/backup", ""});
  CHECK(told.finding.evidence.at(1).source == "plugin backup-age");
  CHECK(told.entry.severity == "warning");
  REQUIRE(told.entry.fix.size() == 3);
  CHECK(told.entry.fix[0].kind == "text");
  CHECK(told.entry.fix[1].kind == "command");
  CHECK(told.entry.fix[1].risk == "disruptive");
  CHECK(told.entry.fix[1].text == "backup now\nsync");
  CHECK(told.entry.fix[2].text == "Or wait.");
  CHECK(verdict->healthy.at(0).subject == "disk:backup");
  CHECK(verdict->unexamined.at(0).subject == "plugin:backup-age");
}

TEST_CASE("a finding has an error's severity and the plugin's title when it says nothing else") {
  const auto verdict = read_verdict(answer(R"("findings": [{"code": "old"}])"), backup());
  REQUIRE(verdict);
  CHECK(verdict->findings.front().entry.severity == "error");
  CHECK(verdict->findings.front().entry.title == "The newest backup is old");
  CHECK(verdict->findings.front().finding.subject == "plugin:backup-age");
}

TEST_CASE("a verdict that breaks the protocol is refused as a whole") {
  CHECK(begins(why_not(answer(R"("findings": {})")), "findings"));
  CHECK(begins(why_not(answer(R"("findings": [{}])")), "findings[0].code"));
  CHECK(begins(why_not(answer(R"("findings": [{"code": "a", "severity": "bad"}])")), "findings[0].severity"));
  CHECK(begins(why_not(answer(R"("findings": [{"code": "a", "fix": [{}]}])")), "findings[0].fix[0]"));
  CHECK(begins(why_not(answer(R"("findings": [{"code": "a", "fix": [{"command": "x", "risk": "none"}]}])")),
               "findings[0].fix[0].risk"));
  CHECK(begins(why_not(answer(R"("findings": [{"code": "a", "evidence": [{"value": "x"}]}])")),
               "findings[0].evidence[0].name"));
  CHECK(begins(why_not(answer(R"("unexamined": [{}])")), "unexamined[0].reason"));
  auto strict = backup();
  strict.codes = {"old"};
  CHECK(begins(why_not(answer(R"("findings": [{"code": "new"}])"), strict), "findings[0].code"));
  CHECK(why_not(answer(R"("findings": [{"code": "old"}])"), strict).empty());
  std::string many;
  for (int i = 0; i < 101; ++i) many += std::string{i > 0 ? "," : ""} + R"({"code":"a"})";
  CHECK(begins(why_not(answer("\"findings\": [" + many + "]")), "findings"));
}

TEST_CASE("what a plugin is told holds no secret") {
  Deployment deployment;
  deployment.directory = "/srv/app";
  deployment.project = "app";
  Service web;
  web.name = "web";
  web.container = Container{};
  web.container->name = "app-web-1";
  web.container->status = "running";
  deployment.services = {web};
  Setting plain;
  plain.service = "web";
  plain.name = "PORT";
  plain.configured = Value::plain("8080");
  Setting secret = plain;
  secret.name = "TOKEN";
  secret.configured = Value::secret("hunter2hunter2");
  Setting unset = secret;
  unset.name = "KEY";
  unset.rule.secret = true;
  unset.configured.reset();
  deployment.settings = {plain, secret, unset};
  DataSource source;
  source.endpoint = "endpoint:postgres:5432";
  source.dial.host = "127.0.0.1";
  deployment.data_sources = {source};
  const auto text = input_for(deployment);
  CHECK(text.find("hunter2") == std::string::npos);
  const auto told = nlohmann::json::parse(text);
  CHECK(told.at("schema") == "doctor-plugin/v1");
  const auto& known = told.at("deployment");
  CHECK(known.at("services").at(0).at("container").at("name") == "app-web-1");
  CHECK(known.at("endpoints").at(0).at("subject") == "endpoint:postgres:5432");
  REQUIRE(known.at("settings").size() == 1);
  CHECK(known.at("settings").at(0).at("value") == "8080");
}

TEST_CASE("what the exit code of a Nagios plugin means") {
  const std::string output = "DISK CRITICAL - 3 % free | /=97%;90;95";
  CHECK(nagios_verdict("disk", 0, "DISK OK").healthy.at(0).figure == "DISK OK");
  const auto critical = nagios_verdict("disk", 2, output);
  REQUIRE(critical.findings.size() == 1);
  CHECK(critical.findings[0].entry.severity == "error");
  CHECK(critical.findings[0].finding.code == "plugin-disk-critical");
  CHECK(critical.findings[0].finding.evidence.at(1).name == "/");
  CHECK(critical.findings[0].finding.evidence.at(1).value == "97%, warning at 90, critical at 95");
  CHECK(nagios_verdict("disk", 1, output).findings.at(0).entry.severity == "warning");
  for (const int code : {3, 4, 127}) {
    CHECK(nagios_verdict("disk", code, "").findings.empty());
    CHECK(nagios_verdict("disk", code, "").unexamined.size() == 1);
  }
}
