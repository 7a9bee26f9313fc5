#include "diagnosis/what_if.hpp"

#include "support/catch.hpp"

using namespace doctor::diagnosis;

namespace {

Problem root(const std::string& name) {
  Problem problem;
  problem.code = problem.entry = name;
  problem.severity = "error";
  problem.check = "database";
  problem.subject = "endpoint:" + name;
  problem.fingerprint = "f-" + name;
  problem.title = name;
  return problem;
}

Problem consequence(const std::string& name, std::vector<std::string> causes) {
  auto problem = root(name);
  problem.check = "health";
  problem.root = false;
  for (auto& cause : causes) cause.insert(0, "f-");
  problem.caused_by = std::move(causes);
  return problem;
}

Report report(std::vector<Problem> problems) {
  Report report;
  report.problems = std::move(problems);
  report.checks = {{"database", "failed", "", 0, ""}, {"health", "failed", "", 0, ""}};
  return report;
}

using Names = std::vector<std::string>;

Names names(const std::vector<WhatIf::Item>& items) {
  Names names;
  for (const auto& item : items) names.push_back(item.entry);
  return names;
}

Names names(const Report& report) {
  Names names;
  for (const auto& problem : report.problems) names.push_back(problem.entry);
  return names;
}

}  // namespace

TEST_CASE("a root that is gone takes along what followed from it, though that still shows") {
  auto still_there = consequence("ill", {"port"});
  still_there.root = true;  // nothing explains it any more
  still_there.caused_by.clear();
  const auto result = what_if(report({root("port"), root("other"), consequence("ill", {"port"})}),
                              report({root("other"), still_there}), {});
  REQUIRE(result.what_if);
  CHECK(names(result.what_if->resolved) == Names{"port"});
  CHECK(names(result.what_if->expected) == Names{"ill"});
  CHECK(names(result.what_if->remaining) == Names{"other"});
  CHECK(result.what_if->fresh.empty());
  CHECK(result.what_if->unknown.empty());
  CHECK(names(result) == Names{"other"});
  CHECK(exit_code(result, "error", false) == 1);
}

TEST_CASE("nothing is left when the only root goes") {
  const auto result =
      what_if(report({root("port"), consequence("ill", {"port"})}), report({consequence("ill", {"port"})}), {});
  CHECK(result.problems.empty());
  CHECK(exit_code(result, "error", false) == 0);
}

TEST_CASE("what follows from another fault, too, remains") {
  auto after = consequence("ill", {"other"});
  const auto result = what_if(report({root("port"), root("other"), consequence("ill", {"port", "other"})}),
                              report({root("other"), after}), {});
  CHECK(names(result.what_if->remaining) == Names{"other", "ill"});
  CHECK(result.what_if->expected.empty());
  REQUIRE(result.problems.size() == 2);
  CHECK_FALSE(result.problems[1].root);
}

TEST_CASE("what nobody can look at is not resolved, and what follows from it is not judged") {
  auto after = report({consequence("ill", {"password"})});
  after.unexamined = {{"endpoint:password", "database", "given to another value"}};
  const auto result = what_if(report({root("password"), consequence("ill", {"password"})}), after, {});
  CHECK(result.what_if->resolved.empty());
  CHECK(names(result.what_if->unknown) == Names{"password", "ill"});
  CHECK(result.problems.empty());
  CHECK(exit_code(result, "error", false) == 3);
  CHECK(exit_code(result, "error", true) == 0);
}

TEST_CASE("another password is not right because it is another", "[what-if]") {
  auto refused = root("password");
  refused.subject = "setting:app/DATABASE_URL";
  auto after = report({});
  after.unexamined = {{"endpoint:db:5432", "database", "not in the bundle"}};
  const auto changed = what_if(report({refused}), after, {{"setting:app/DATABASE_URL", true, true, "", ""}});
  CHECK(names(changed.what_if->unknown) == Names{"password"});
  CHECK(changed.what_if->unexamined.size() == 1);
  // Where the same check had not looked there before either, nothing is hidden by the change.
  auto before = report({refused});
  before.unexamined = after.unexamined;
  const auto known = what_if(before, after, {{"setting:app/DATABASE_URL", true, true, "", ""}});
  CHECK(names(known.what_if->resolved) == Names{"password"});
}

TEST_CASE("what the other value breaks is new") {
  const auto result = what_if(report({}), report({root("worse")}), {});
  CHECK(names(result.what_if->fresh) == Names{"worse"});
  CHECK(names(result) == Names{"worse"});
  CHECK(exit_code(result, "error", false) == 1);
}

TEST_CASE("a finding that is left without its cause stands on its own") {
  auto fresh = consequence("fresh", {"ill"});
  const auto result = what_if(report({root("port"), consequence("ill", {"port"})}), report({root("ill"), fresh}), {});
  REQUIRE(names(result) == Names{"fresh"});
  CHECK(result.problems[0].root);
  CHECK(result.problems[0].caused_by.empty());
}
