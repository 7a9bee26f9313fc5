#include "bundle/diff.hpp"

#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "render/diff.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

using namespace doctor;
using bundle::Diff;
using bundle::Side;
using diagnosis::Problem;

namespace {

Problem problem(const std::string& name, const std::string& severity = "error") {
  Problem problem;
  problem.code = problem.entry = name;
  problem.severity = severity;
  problem.check = "database";
  problem.subject = "endpoint:" + name;
  problem.fingerprint = "f-" + name;
  problem.title = "Something is wrong with " + name;
  return problem;
}

Side side(std::vector<Problem> problems, const std::string& time = "2026-01-01T00:00:00Z") {
  Side side;
  side.name = "a.json";
  side.kind = "report";
  side.version = "0.1.0";
  side.time = time;
  side.report.problems = std::move(problems);
  side.report.checks = {{"database", "failed", "", 0, ""}, {"logs", "passed", "", 0, ""}};
  return side;
}

std::vector<std::string> names(const std::vector<bundle::FindingChange>& changes) {
  std::vector<std::string> names;
  for (const auto& change : changes) names.push_back(change.problem.entry);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("findings are new, resolved or unchanged by fingerprint") {
  const auto result = bundle::diff(side({problem("a"), problem("b")}), side({problem("b"), problem("c")}), {});
  CHECK(names(result.failing) == Names{"c"});
  CHECK(names(result.resolved) == Names{"a"});
  CHECK(names(result.unchanged) == Names{"b"});
  CHECK(result.worse.empty());
  CHECK(result.better.empty());
  CHECK(result.unknown.empty());
  CHECK(bundle::exit_code(result, "error") == 1);
}

TEST_CASE("nothing new is exit code 0") {
  const auto result = bundle::diff(side({problem("a"), problem("b")}), side({problem("b")}), {});
  CHECK(bundle::exit_code(result, "error") == 0);
  CHECK(bundle::exit_code(result, "info") == 0);
}

TEST_CASE("severity that rose or fell is told, and a rise past the threshold counts") {
  const auto up = bundle::diff(side({problem("a", "warning")}), side({problem("a")}), {});
  REQUIRE(names(up.worse) == Names{"a"});
  CHECK(up.worse[0].before == "warning");
  CHECK(bundle::exit_code(up, "error") == 1);
  CHECK(bundle::exit_code(up, "warning") == 0);  // it was one already
  const auto down = bundle::diff(side({problem("a")}), side({problem("a", "warning")}), {});
  CHECK(names(down.better) == Names{"a"});
  CHECK(bundle::exit_code(down, "error") == 0);
}

TEST_CASE("the threshold decides which new findings count") {
  const auto result = bundle::diff(side({}), side({problem("a", "warning")}), {});
  CHECK(bundle::exit_code(result, "error") == 0);
  CHECK(bundle::exit_code(result, "warning") == 1);
  CHECK(bundle::exit_code(result, "info") == 1);
  CHECK(bundle::exit_code(result, "never") == 0);
}

TEST_CASE("a new consequence does not count, its root does") {
  auto consequence = problem("b");
  consequence.root = false;
  consequence.caused_by = {"f-a"};
  CHECK(bundle::exit_code(bundle::diff(side({problem("a")}), side({problem("a"), consequence}), {}), "error") == 0);
}

TEST_CASE("what the user ignores is no finding") {
  auto ignored = problem("a");
  ignored.ignored = true;
  const auto now = bundle::diff(side({}), side({ignored}), {});
  CHECK(now.failing.empty());
  const auto no_longer = bundle::diff(side({ignored}), side({problem("a")}), {});
  CHECK(names(no_longer.failing) == Names{"a"});
}

TEST_CASE("what nobody looked at is not resolved") {
  SECTION("the subject was not examined") {
    auto after = side({});
    after.report.unexamined = {{"endpoint:a", "database", "permission denied"}};
    const auto result = bundle::diff(side({problem("a"), problem("b")}), after, {});
    REQUIRE(names(result.unknown) == Names{"a"});
    CHECK(result.unknown[0].reason == "permission denied");
    CHECK(names(result.resolved) == Names{"b"});
    REQUIRE(result.unexamined.size() == 1);
    CHECK(result.unexamined[0].subject == "endpoint:a");
  }
  SECTION("the check was skipped") {
    auto after = side({});
    after.report.checks[0].status = "skipped";
    CHECK(names(bundle::diff(side({problem("a")}), after, {}).unknown) == Names{"a"});
  }
  SECTION("the check was not run") {
    auto after = side({});
    after.report.checks.erase(after.report.checks.begin());
    CHECK(names(bundle::diff(side({problem("a")}), after, {}).unknown) == Names{"a"});
  }
}

TEST_CASE("a new finding that the earlier report could not see is marked") {
  auto before = side({});
  before.report.unexamined = {{"endpoint:a", "database", "permission denied"}};
  const auto result = bundle::diff(before, side({problem("a"), problem("b")}), {});
  REQUIRE(result.failing.size() == 2);
  CHECK(result.failing[0].reason == "permission denied");
  CHECK(result.failing[1].reason.empty());
}

TEST_CASE("what was unexamined before is not newly unexamined") {
  auto before = side({});
  auto after = side({});
  before.report.unexamined = {{"endpoint:a", "database", "x"}};
  after.report.unexamined = {{"endpoint:a", "database", "y"}, {"endpoint:a", "tls", "x"}};
  const auto result = bundle::diff(before, after, {});
  REQUIRE(result.unexamined.size() == 1);
  CHECK(result.unexamined[0].check == "tls");
}

TEST_CASE("evidence that changed is told of a finding that stays") {
  auto old = problem("a");
  old.evidence = {{"port", "5432", "", ""}, {"days", "12", "", ""}};
  auto now = problem("a");
  now.evidence = {{"port", "5432", "", ""}, {"days", "3", "", ""}};
  const auto result = bundle::diff(side({old}), side({now}), {});
  REQUIRE(result.unchanged.size() == 1);
  REQUIRE(result.unchanged[0].evidence.size() == 1);
  CHECK(result.unchanged[0].evidence[0].name == "days");
  CHECK(result.unchanged[0].evidence[0].after == "3");
}

namespace {

/// endpoint:db:5432 fails anew; it depends on service:db.
struct TwoBundles {
  Side before;
  Side after;
  TwoBundles() {
    auto failing = problem("x");
    failing.subject = "endpoint:db:5432";
    before = side({});
    after = side({failing}, "2026-01-02T00:00:00Z");
    for (auto* one : {&before, &after}) {
      one->kind = "bundle";
      one->deployment.emplace();
      one->deployment->edges = {{"endpoint:db:5432", "service:db"}, {"service:app", "endpoint:db:5432"}};
      DataSource source;
      source.setting = "setting:app/DATABASE_URL";
      source.endpoint = "endpoint:db:5432";
      one->deployment->data_sources = {source};
    }
    before.facts = {{"deployment", "project", "one", false, false},
                    {"host:clock", "time", "1", true, false},
                    {"service:db", "image", "postgres:15", false, false},
                    {"service:db", "restarts", "0", false, false},
                    {"setting:app/DATABASE_URL", "host", "db", false, false}};
    after.facts = {{"deployment", "project", "two", false, false},
                   {"host:clock", "time", "2", true, false},
                   {"service:db", "image", "postgres:17", false, false},
                   {"service:db", "restarts", "0", false, false},
                   {"setting:app/DATABASE_URL", "host", "database", false, false},
                   {"setting:app/LEVEL", "value", "debug", false, false}};
  }
};

}  // namespace

TEST_CASE("facts that the new finding depends on come first, volatile ones not at all") {
  const TwoBundles two;
  const auto facts = bundle::diff(two.before, two.after, {}).facts;
  REQUIRE(facts.size() == 4);
  CHECK(facts[0].subject == "service:db");
  CHECK(facts[0].before == "postgres:15");
  CHECK(facts[0].after == "postgres:17");
  CHECK(facts[0].concerns == Names{"f-x"});
  CHECK(facts[1].subject == "setting:app/DATABASE_URL");  // names the endpoint
  CHECK(facts[1].concerns == Names{"f-x"});
  CHECK(facts[2].subject == "deployment");
  CHECK(facts[2].concerns.empty());
  CHECK(facts[3].subject == "setting:app/LEVEL");
  CHECK(facts[3].before.empty());
}

TEST_CASE("an answer that only one of the two has is no change, unless a new finding depends on it") {
  TwoBundles two;
  two.before.facts.push_back({"file:a", "mode", "0600", false, true});
  two.before.facts.push_back({"service:db", "log", "failed", false, true});
  const auto facts = bundle::diff(two.before, two.after, {}).facts;
  REQUIRE(facts.size() == 5);
  for (const auto& fact : facts) CHECK(fact.subject != "file:a");
}

TEST_CASE("what a subject told before it refused is not told as lost") {
  TwoBundles two;
  two.before.facts.push_back({"endpoint:x", "login", "as app", false, true});
  two.before.facts.push_back({"endpoint:x", "server version", "15", false, true});
  two.after.facts.push_back({"endpoint:x", "login", "failed: auth_rejected", false, true});
  std::vector<std::string> told;
  for (const auto& fact : bundle::diff(two.before, two.after, {}).facts)
    if (fact.subject == "endpoint:x") told.push_back(fact.name);
  CHECK(told == Names{"login"});
}

TEST_CASE("volatile facts are compared when asked for") {
  const TwoBundles two;
  CHECK(bundle::diff(two.before, two.after, {true}).facts.size() == 5);
}

TEST_CASE("a bundle and a report are compared by what both hold") {
  TwoBundles two;
  two.after.deployment.reset();
  two.after.facts.clear();
  two.after.kind = "report";
  const auto result = bundle::diff(two.before, two.after, {});
  CHECK(names(result.failing) == Names{"x"});
  CHECK(result.facts.empty());
}

TEST_CASE("which one is older is told from their times") {
  const auto older = side({}, "2026-01-01T00:00:00Z");
  const auto younger = side({}, "2026-01-02T00:00:00Z");
  CHECK_FALSE(bundle::is_reversed(older, younger));
  CHECK(bundle::is_reversed(younger, older));
  CHECK_FALSE(bundle::is_reversed(older, older));
}

TEST_CASE("the JSON document holds all of it") {
  const TwoBundles two;
  const auto result = bundle::diff(two.before, two.after, {});
  std::ostringstream out;
  render::diff_json(two.before, two.after, result, 1, out);
  const auto json = nlohmann::json::parse(out.str());
  CHECK(json.at("schema") == "doctor-diff/v1");
  CHECK(json.at("exit_code") == 1);
  CHECK(json.at("new").at(0).at("fingerprint") == "f-x");
  CHECK(json.at("facts").at(0).at("concerns").at(0) == "f-x");
  CHECK(json.at("facts").at(3).at("before").is_null());
  // Every field that the schema demands is there, and no other.
  std::ifstream file{doctor::test::source_path("docs/json-schema/diff-v1.json")};
  const auto schema = nlohmann::json::parse(file);
  for (const auto& [key, value] : json.items()) CHECK(schema.at("properties").contains(key));
  for (const auto& key : schema.at("required")) CHECK(json.contains(key.get<std::string>()));
  const auto& finding = schema.at("$defs").at("findings").at("items");
  for (const auto& key : finding.at("required")) CHECK(json.at("new").at(0).contains(key.get<std::string>()));
  for (const auto& [key, value] : json.at("new").at(0).items()) CHECK(finding.at("properties").contains(key));
}

TEST_CASE("the text fits its width, and hostile names do not reach the terminal") {
  TwoBundles two;
  two.after.report.problems[0].title = "evil \x1b[31m title that goes on and on so that it has to be wrapped somewhere";
  const auto result = bundle::diff(two.before, two.after, {});
  for (const int width : {40, 80, 160}) {
    std::ostringstream out;
    render::Style style;
    style.width = width;
    render::diff(two.before, two.after, result, style, out);
    CHECK(out.str().find('\x1b') == std::string::npos);
    CHECK(out.str().find("postgres:17") != std::string::npos);
  }
}

TEST_CASE("quiet shows what is new and the last line") {
  const TwoBundles two;
  std::ostringstream out;
  render::Style style;
  style.quiet = true;
  render::diff(two.before, two.after, bundle::diff(two.before, two.after, {}), style, out);
  CHECK(out.str().find("endpoint:db:5432") != std::string::npos);
  CHECK(out.str().find("postgres:17") == std::string::npos);
}
