// The formats for machines, judged by the schema or the program that reads them.

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "render/formats.hpp"
#include "render/location.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"
#include "tests/render/hostile_report.hpp"
#include "tests/render/json_schema.hpp"
#include "tests/render/judge.hpp"
#include "util/text.hpp"

using doctor::diagnosis::Report;
using doctor::render::Style;
using doctor::test::judged;
using doctor::test::Scratch;
using nlohmann::json;

namespace {

std::string printed(const std::string& format, const Report& report, const Style& style = {}) {
  std::ostringstream out;
  doctor::render::find_format(format)->write(report, style, out);
  return out.str();
}

std::map<std::string, Report> reports() {
  auto waited = report_fixture();
  waited.waiting =
      doctor::diagnosis::Waiting{4000, 3, false, {{"a", "endpoint:a:1", "It <was> {broken} | once", 1, 1}}, {}, {}};
  return {{"healthy", healthy_report()},       {"error", report_fixture()},   {"warning", warning_report()},
          {"unexamined", unexamined_report()}, {"waited", std::move(waited)}, {"interrupted", interrupted_report()},
          {"hostile", hostile_report()}};
}

json schema(const std::string& path) {
  std::ifstream in{doctor::test::source_path(path)};
  return json::parse(in);
}

std::vector<std::string> lines_of(const std::string& text) {
  auto lines = doctor::util::split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

TEST_CASE("short: one line for each root and for each thing not looked at", "[short]") {
  CHECK(printed("short", report_fixture()) ==
        "error chatalot-database-auth-failed endpoint:postgres:5432: PostgreSQL refuses the password from DB_PASSWORD\n"
        "warning chatalot-log-level-debug setting:chatalot/RUST_LOG: Debug logging is left switched on\n"
        "unexamined jwt file:secrets/jwt_private.pem: permission denied\n");
  CHECK(lines_of(printed("short", hostile_report())).size() == 3);
}

TEST_CASE("jsonl: each line is a document, the run first", "[jsonl]") {
  for (const auto& [name, report] : reports()) {
    INFO(name);
    const auto lines = lines_of(printed("jsonl", report));
    REQUIRE(lines.size() == 1 + report.problems.size() + report.unexamined.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto line = json::parse(lines[i]);
      const auto findings = report.problems.size();
      CHECK(line.at("type") == (i == 0 ? "run" : i <= findings ? "finding" : "unexamined"));
    }
  }
  CHECK(json::parse(lines_of(printed("jsonl", report_fixture())).at(0)).at("summary").at("exit_code") == 1);
}

TEST_CASE("json: the published schema holds", "[json]") {
  const auto published = schema("docs/json-schema/report-v1.json");
  for (const auto& [name, report] : reports()) {
    INFO(name);
    auto sane = report;
    if (name == "hostile") {  // severity, status and risk are words of doctor's own
      for (auto& problem : sane.problems) {
        problem.severity = "error";
        for (auto& step : problem.fix) step.risk = "safe";
      }
      sane.checks.back().status = "passed";
    }
    CHECK(doctor::test::schema_faults(json::parse(printed("json", sane)), published) == std::vector<std::string>{});
  }
}

TEST_CASE("junit: Jenkins' schema holds", "[junit]") {
  if (!doctor::test::judge_is_there("xmllint")) return;
  const Scratch scratch;
  for (const auto& [name, report] : reports()) {
    const auto file = scratch.write(name + ".xml", printed("junit", report));
    const auto said =
        judged("xmllint --noout --schema " + doctor::test::source_path("tests/render/schema/junit-10.xsd ") + file);
    INFO(name << ": " << said.said);
    CHECK(said.exit == 0);
  }
  const auto broken = scratch.write("broken.xml", "<testsuites><testsuite/></testsuites>");
  CHECK(judged("xmllint --noout --schema " + doctor::test::source_path("tests/render/schema/junit-10.xsd ") + broken)
            .exit != 0);
}

TEST_CASE("junit: a test case for each check, with the root cause in the failure", "[junit]") {
  if (!doctor::test::judge_is_there("xmllint")) return;
  const Scratch scratch;
  const auto file = scratch.write("r.xml", printed("junit", report_fixture()));
  const auto value = [&](const std::string& expression) {
    return doctor::util::trim(judged("xmllint --xpath \"" + expression + "\" " + file).said);
  };
  CHECK(value("count(//testcase)") == "5");  // four checks, and the one that only the finding names
  CHECK(value("string(//testsuite/@failures)") == "1");
  CHECK(value("string(//testsuite/@errors)") == "1");
  CHECK(value("string(//testcase[@name='database']/failure/@type)") == "chatalot-database-auth-failed");
  CHECK(value("contains(//testcase[@name='database']/failure, 'docker exec -it chatalot-db')") == "true");
  CHECK(value("string(//testcase[@name='jwt']/error/@type)") == "unexamined");
  CHECK(value("count(//testcase[@name='ports']/skipped)") == "1");
  CHECK(value("contains(//testcase[@name='env']/system-out, 'Debug logging')") == "true");
}

TEST_CASE("tap: prove agrees with the exit code", "[tap]") {
  if (!doctor::test::judge_is_there("prove")) return;
  const Scratch scratch;
  for (const auto& [name, report] : reports()) {
    auto text = printed("tap", report);
    REQUIRE(text.starts_with("TAP version 14\n"));
    text.replace(0, text.find('\n'), "TAP version 13");  // what Perl 5.36 knows; for it nothing else is different
    const auto file = scratch.write(name + ".tap", text);
    const auto said = judged("prove --source File " + file);
    INFO(name << ": " << said.said);
    const bool well = doctor::diagnosis::exit_code(report, "error", false) == 0;
    CHECK((said.exit == 0) == well);
    CHECK(said.said.find("Parse errors") == std::string::npos);
    CHECK(said.said.find("No plan") == std::string::npos);
  }
}

TEST_CASE("tap: each point has its diagnostic", "[tap]") {
  const auto text = printed("tap", report_fixture());
  CHECK(text.starts_with("TAP version 14\n1..5\n"));
  CHECK(text.find("not ok 5 - database\n  ---\n") != std::string::npos);
  CHECK(text.find("ok 4 - ports # SKIP nothing listens\n") != std::string::npos);
  for (const auto& line : lines_of(printed("tap", hostile_report())))
    if (line.starts_with("not ok 1")) CHECK(line == "not ok 1 - env");
}

TEST_CASE("nagios: a line with performance data and the plugin's state, then the details", "[nagios]") {
  const std::map<std::string, std::string> states{
      {"healthy", "OK"},      {"error", "CRITICAL"},      {"warning", "WARNING"}, {"unexamined", "UNKNOWN"},
      {"waited", "CRITICAL"}, {"interrupted", "UNKNOWN"}, {"hostile", "CRITICAL"}};
  for (const auto& [name, report] : reports()) {
    INFO(name);
    const auto text = printed("nagios", report);
    const auto lines = lines_of(text);
    CHECK((lines.size() == 1) == (name == "healthy"));
    CHECK(text.size() < 8192);
    CHECK(text.starts_with("DOCTOR " + states.at(name) + " - "));
    CHECK(std::count(text.begin(), text.end(), '|') == 1);
    CHECK(std::count(lines[0].begin(), lines[0].end(), '|') == 1);
    CHECK(text.find("| errors=" + std::to_string(doctor::diagnosis::count(report).error) + ";;0;0 ") !=
          std::string::npos);
    CHECK(text.find(" time=0.412s;;;0") != std::string::npos);
  }
}

TEST_CASE("nagios: many findings are cut, and counted", "[nagios]") {
  auto report = report_fixture();
  report.unexamined.clear();
  report.problems.assign(100, report.problems.front());
  for (auto& problem : report.problems) problem.title = std::string(500, 't');
  const auto text = printed("nagios", report);
  CHECK(lines_of(text).size() == 18);
  CHECK(lines_of(text).back() == "and 84 more");
  CHECK(text.size() < 8192);
}

TEST_CASE("prometheus: promtool takes it", "[prometheus]") {
  if (!doctor::test::judge_is_there("promtool")) return;
  const Scratch scratch;
  for (const auto& [name, report] : reports()) {
    const auto file = scratch.write(name + ".prom", printed("prometheus", report));
    const auto said = judged("promtool check metrics < " + file);
    INFO(name << ": " << said.said);
    CHECK(said.exit == 0);
    CHECK(said.said.empty());
  }
  const auto broken = scratch.write("broken.prom", "doctor_x{a=\"b} 1\n");
  CHECK(judged("promtool check metrics < " + broken).exit != 0);
}

TEST_CASE("prometheus: counts, states and times", "[prometheus]") {
  const auto text = printed("prometheus", report_fixture());
  for (const char* line :
       {"doctor_run_timestamp_seconds 1767225600\n", "doctor_run_duration_seconds 0.412\n", "doctor_exit_code 1\n",
        "doctor_findings{severity=\"error\"} 1\n", "doctor_findings{severity=\"warning\"} 1\n",
        "doctor_check_status{check=\"env\"} 1\n", "doctor_check_status{check=\"jwt\"} 2\n",
        "doctor_check_status{check=\"disk\"} 0\n", "doctor_check_status{check=\"ports\"} 3\n", "doctor_unexamined 1\n"})
    CHECK(text.find(line) != std::string::npos);
}

TEST_CASE("sarif: the schema of the standard holds", "[sarif]") {
  const auto standard = schema("tests/render/schema/sarif-2.1.0.json");
  for (const auto& [name, report] : reports()) {
    INFO(name);
    const auto document = json::parse(printed("sarif", report));
    CHECK(doctor::test::schema_faults(document, standard) == std::vector<std::string>{});
  }
  const auto nothing = doctor::test::schema_faults(json{{"version", "2.0.0"}}, standard);
  CHECK(nothing.size() == 2);  // no runs, and another version
}

TEST_CASE("sarif: findings stand at the line of the file", "[sarif]") {
  auto report = report_fixture();
  report.problems[1].evidence = {{"setting", "RUST_LOG", ".env:8", ""}};
  report.problems[1].ignored = true;
  const auto document = json::parse(printed("sarif", report));
  const auto& run = document.at("runs").at(0);
  CHECK(run.at("originalUriBaseIds").at("%SRCROOT%").at("uri") == "file:///srv/chatalot/");
  REQUIRE(run.at("results").size() == 2);
  const auto& error = run.at("results").at(0);
  CHECK(error.at("ruleId") == "chatalot-database-auth-failed");
  CHECK(error.at("level") == "error");
  const auto& place = error.at("locations").at(0).at("physicalLocation");
  CHECK(place.at("artifactLocation").at("uri") == "docker-compose.yml");
  CHECK_FALSE(place.contains("region"));
  const auto& warning = run.at("results").at(1);
  CHECK(warning.at("locations").at(0).at("physicalLocation").at("region").at("startLine") == 8);
  CHECK(warning.at("suppressions").size() == 1);
  const auto& notes = run.at("invocations").at(0).at("toolExecutionNotifications");
  CHECK(notes.size() == 1);
}

TEST_CASE("github: each line is one command, and nothing ends it early", "[github]") {
  const auto text = printed("github", report_fixture());
  const auto lines = lines_of(text);
  REQUIRE(lines.size() == 4);
  CHECK(
      lines[0].starts_with("::error file=docker-compose.yml,title=PostgreSQL refuses the password from DB_PASSWORD::"));
  CHECK(lines[0].find("%0A") != std::string::npos);
  CHECK(lines[1].starts_with("::warning file="));
  CHECK(lines[2].starts_with("::warning title=not examined%3A file%3Asecrets/jwt_private.pem::permission denied"));
  CHECK(lines[3].starts_with("doctor: 1 error"));
  const auto hostile = lines_of(printed("github", hostile_report()));
  CHECK(std::count_if(hostile.begin(), hostile.end(), [](const auto& line) { return line.starts_with("::"); }) == 3);
  for (const auto& line : hostile) {
    if (line.starts_with("doctor: ") || line.starts_with("doctor waited: ")) {
      CHECK(line.find("##[") == std::string::npos);
      continue;
    }
    // The properties end at the second "::" and hold no other.
    CHECK(line.find("::", 2) == line.find("::", line.find("title=")));
  }
}

TEST_CASE("github: what two checks could not see is one annotation", "[github]") {
  auto report = unexamined_report();
  report.unexamined = {{"endpoint:a:1", "health", "nothing runs"}, {"endpoint:a:1", "websocket", "nothing runs"}};
  const auto lines = lines_of(printed("github", report));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("endpoint%3Aa%3A1") != std::string::npos);
}

TEST_CASE("gitlab: unique fingerprints, a path and a line for each", "[gitlab]") {
  const auto array = json::parse(printed("gitlab", report_fixture()));
  REQUIRE(array.size() == 2);
  CHECK(array[0].at("fingerprint") != array[1].at("fingerprint"));
  CHECK(array[0].at("severity") == "critical");
  CHECK(array[1].at("severity") == "minor");
  CHECK(array[0].at("location").at("path") == "docker-compose.yml");
  CHECK(array[0].at("location").at("lines").at("begin") == 1);
  CHECK(json::parse(printed("gitlab", healthy_report())) == json::array());
}

TEST_CASE("places: files are told from addresses", "[location]") {
  auto report = report_fixture();
  auto& problem = report.problems[0];
  const auto place = [&](const std::string& source, const std::string& root = "") {
    problem.evidence = {{"x", "y", source, ""}};
    Style style;
    style.root = root;
    const auto found = doctor::render::location_of(report, problem, style);
    return found.file + ":" + std::to_string(found.line) + (found.below ? "" : " outside");
  };
  CHECK(place(".env:3") == ".env:3");
  CHECK(place("docker-compose.yml:14:7") == "docker-compose.yml:14");
  CHECK(place("nginx/site.conf:2") == "nginx/site.conf:2");
  CHECK(place("/etc/nginx/nginx.conf:9") == "/etc/nginx/nginx.conf:9 outside");
  CHECK(place("/srv/chatalot/.env:9") == ".env:9");
  CHECK(place(".env:3", "/srv") == "chatalot/.env:3");
  CHECK(place(".env:3", "/other") == ".env:3");
  CHECK(place("/srv/nginx.conf:3", "/srv") == "nginx.conf:3");
  for (const char* address : {"127.0.0.1:5432", "postgres:5432", "db.example.com:443", "[::1]:5432",
                              "https://a.example/x:3", "process 4711", "pg_stat_activity", "", ":", ":3"}) {
    INFO(address);
    CHECK(place(address) == "docker-compose.yml:0");
  }
}
