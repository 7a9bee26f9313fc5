#include "diagnosis/fix.hpp"

#include "support/catch.hpp"

using doctor::Deployment;
using doctor::diagnosis::fix_steps;
using doctor::diagnosis::Names;
using doctor::guides::Entry;
using doctor::guides::Step;

namespace {

Step step(std::string kind, std::string text, std::string when = {}) {
  Step made;
  made.kind = std::move(kind);
  made.text = std::move(text);
  made.when = std::move(when);
  return made;
}

Entry entry(std::vector<Step> steps) {
  Entry made;
  made.fix = std::move(steps);
  return made;
}

Deployment with_compose() {
  Deployment made;
  made.compose_file = "docker-compose.yml";
  return made;
}

}  // namespace

TEST_CASE("prose leads to the step that follows it") {
  const auto steps = fix_steps(entry({step("text", "Look:"), step("command", "ls {path}")}), {{"path", "a b"}}, {});
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].text == "Look:");
  CHECK(steps[0].command == "ls 'a b'");
}

TEST_CASE("a step without its value goes, and its prose with it") {
  const auto steps =
      fix_steps(entry({step("text", "Gone:"), step("command", "ls {path}"), step("command", "ls")}), {}, {});
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].text.empty());
  CHECK(steps[0].command == "ls");
}

TEST_CASE("when no step is left the prose remains as a note") {
  const auto steps = fix_steps(entry({step("text", "Restore {path}."), step("command", "cp x {path}")}), {}, {});
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].kind == "note");
  CHECK(steps[0].text == "Restore <path>.");
}

TEST_CASE("a step is offered only to the kind of deployment that it is for") {
  const auto both =
      entry({step("command", "docker compose up -d", "compose"), step("command", "systemctl restart x", "process")});
  REQUIRE(fix_steps(both, {}, with_compose()).size() == 1);
  CHECK(fix_steps(both, {}, with_compose())[0].command == "docker compose up -d");
  REQUIRE(fix_steps(both, {}, {}).size() == 1);
  CHECK(fix_steps(both, {}, {})[0].command == "systemctl restart x");
  const auto cluster =
      entry({step("command", "docker compose up -d", "compose"), step("command", "systemctl restart x", "process"),
             step("command", "kubectl rollout restart x", "kubernetes")});
  doctor::Deployment manifests;
  manifests.manifests = {{"rendered.yaml", "manifests"}};
  REQUIRE(fix_steps(cluster, {}, manifests).size() == 1);
  CHECK(fix_steps(cluster, {}, manifests)[0].command == "kubectl rollout restart x");
  CHECK(fix_steps(cluster, {}, with_compose())[0].command == "docker compose up -d");
}

TEST_CASE("an edit of .env that no process would see is not effective and says what to edit") {
  auto deployment = with_compose();
  doctor::Setting pinned;
  pinned.service = "app";
  pinned.name = "LIMIT";
  pinned.reach = doctor::Reach::pinned;
  pinned.passed_at = doctor::Place{"docker-compose.yml", 14, 0};
  deployment.settings = {pinned};
  auto edit = step("edit", "LIMIT=5");
  edit.language = "env";
  edit.file = ".env";
  const auto steps = fix_steps(entry({edit}), {}, deployment);
  REQUIRE(steps.size() == 1);
  CHECK_FALSE(steps[0].effective);
  CHECK(steps[0].instead.find("docker-compose.yml:14") != std::string::npos);
}
