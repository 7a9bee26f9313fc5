#include "deployment/match_processes.hpp"

#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;

namespace {

ServiceRule role(const std::vector<std::string>& values, bool optional) {
  ServiceRule rule;
  rule.process.exe = "node";
  rule.process.argument = "dist/main.js";
  rule.process.when = SettingCondition{"ROLE", values};
  rule.optional = optional;
  SettingRule setting;
  setting.name = "ROLE";
  setting.allowed = {"web", "jobs", "all"};
  setting.fallback = "all";
  rule.settings = {setting};
  return rule;
}

ServiceRule web() {
  return role({"web", "all"}, false);
}

ServiceRule jobs() {
  return role({"jobs"}, true);
}

FoundProcess process(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment) {
  FoundProcess found;
  found.arguments = arguments;
  found.environment = environment;
  return found;
}

Dotenv file(const std::string& text) {
  return parse_dotenv(text, ".env", {});
}

}  // namespace

TEST_CASE("a word of the command line tells one program's applications apart") {
  auto rule = web();
  rule.process.when.reset();
  CHECK(is_process_of(rule, process({"dist/main.js"}, {})));
  CHECK(is_process_of(rule, process({"--max-old-space-size=64", "/opt/app/dist/main.js"}, {})));
  CHECK_FALSE(is_process_of(rule, process({"dist/main.js.map"}, {})));
  CHECK_FALSE(is_process_of(rule, process({"otherdist/main.js"}, {})));
  CHECK_FALSE(is_process_of(rule, process({}, {})));
  rule.process.argument.clear();
  CHECK(is_process_of(rule, process({}, {})));
}

TEST_CASE("a variable of the environment tells the roles of one application apart") {
  const std::vector<std::string> command{"dist/main.js"};
  CHECK(is_process_of(web(), process(command, {{"ROLE", "web"}})));
  CHECK_FALSE(is_process_of(jobs(), process(command, {{"ROLE", "web"}})));
  CHECK(is_process_of(jobs(), process(command, {{"ROLE", "JOBS"}})));
  CHECK_FALSE(is_process_of(web(), process(command, {{"ROLE", "JOBS"}})));
  INFO("a value that the application does not know is as good as none");
  for (const auto& environment :
       {Environment{}, Environment{{"ROLE", ""}}, Environment{{"ROLE", "worker"}}, Environment{{"ROLE", "all"}}}) {
    CHECK(is_process_of(web(), process(command, environment)));
    CHECK_FALSE(is_process_of(jobs(), process(command, environment)));
  }
}

TEST_CASE("a process whose environment nobody may read counts for the service that must be there") {
  auto hidden = process({"dist/main.js"}, {});
  hidden.environment = Failed{ProbeFailure{}};
  CHECK(is_process_of(web(), hidden));
  CHECK_FALSE(is_process_of(jobs(), hidden));
}

TEST_CASE("which service is expected where none runs") {
  CHECK(is_expected(web(), file("")));
  CHECK_FALSE(is_expected(jobs(), file("")));
  CHECK(is_expected(web(), file("ROLE=web\n")));
  CHECK_FALSE(is_expected(jobs(), file("ROLE=web\n")));
  CHECK_FALSE(is_expected(web(), file("ROLE=jobs\n")));
  CHECK(is_expected(jobs(), file("ROLE=jobs\n")));
  auto nothing = web();
  nothing.process.exe.clear();
  CHECK_FALSE(is_expected(nothing, file("")));
}
