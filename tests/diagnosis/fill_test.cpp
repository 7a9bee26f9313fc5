#include "diagnosis/fill.hpp"

#include "support/catch.hpp"

using doctor::Deployment;
using doctor::Service;
using doctor::diagnosis::fill;
using doctor::diagnosis::fill_prose;
using doctor::diagnosis::Names;
using doctor::diagnosis::names_for;
using doctor::diagnosis::Quoting;

namespace {

Deployment deployment() {
  Deployment made;
  made.directory = "/srv/chat";
  made.project = "chat";
  made.env_file = ".env";
  made.compose_file = "docker-compose.yml";
  Service postgres;
  postgres.name = "postgres";
  postgres.container_name = "chat-db";
  Service app;
  app.name = "app";
  app.rule.name = "app";
  made.services = {postgres, app};
  return made;
}

}  // namespace

TEST_CASE("placeholders are filled, quoted for the shell where they go into a command") {
  const Names names{{"file", "a b.pem"}, {"user", "app"}};
  CHECK(fill("chown {user} {file}", names, Quoting::shell) == "chown app 'a b.pem'");
  CHECK(fill("chown {user} {file}", names, Quoting::none) == "chown app a b.pem");
}

TEST_CASE("a step whose placeholder has no value is no step, and prose shows the name") {
  CHECK_FALSE(fill("ls {path}", {}, Quoting::shell));
  CHECK(fill_prose("Look at {path}.", {}) == "Look at <path>.");
}

TEST_CASE("doubled braces are braces, and a brace that opens no name is text") {
  CHECK(fill("docker inspect --format '{{{{.State}}}}' x", {}, Quoting::none) ==
        "docker inspect --format '{{.State}}' x");
  CHECK(fill("echo $(HOME) { x } {", {}, Quoting::none) == "echo $(HOME) { x } {");
}

TEST_CASE("no control character of an observed value reaches a command") {
  CHECK(fill("cat {file}", {{"file", "a\x1b[2Jb\n"}}, Quoting::shell) == "cat 'a\\x1b[2Jb\\n'");
}

TEST_CASE("the fixed names come from the deployment and the subject") {
  auto names = names_for(deployment(), "endpoint:postgres:5432", {});
  CHECK(names.at("service") == "postgres");
  CHECK(names.at("container") == "chat-db");
  CHECK(names.at("override_file") == "docker-compose.override.yml");
  names = names_for(deployment(), "file:.env", {});
  CHECK(names.at("service") == "app");
  CHECK(names.at("container") == "chat-app-1");
}

TEST_CASE("the pseudo-service of compose variables never gets into a command") {
  const auto names = names_for(deployment(), "setting:compose/DB_PASSWORD", {{"service", "compose", "", ""}});
  CHECK(names.at("service") == "app");
}
