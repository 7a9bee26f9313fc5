// Values that containers have and files do not, and the other way round.

#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using nlohmann::json;

json setting_of(const json& config, const std::string& service, const std::string& name) {
  for (const auto& one : config.at("services"))
    for (const auto& setting : one.at("settings"))
      if (one.at("name") == service && setting.at("name") == name) return setting;
  FAIL("no setting " + name);
  return {};
}

bool has_hop(const json& setting, const std::string& kind, const std::string& where) {
  for (const auto& hop : setting.at("chain"))
    if (hop.at("kind") == kind && hop.at("where").get<std::string>().starts_with(where)) return true;
  return false;
}

}  // namespace

TEST_CASE("a stack as its files say, and everything in it works", "[engine]") {
  DockerStack stack;
  stack.up();
  expect_silent(stack.check(), 0);
}

TEST_CASE(".env edited after docker compose up", "[engine]") {
  DockerStack stack;
  stack.up();
  stack.files().set("REGISTRATION_MODE", "open");
  const Root expected{"chatalot-env-not-applied", "env-edit-not-applied", "env", "setting:chatalot/REGISTRATION_MODE"};
  const auto result = stack.check();
  expect_roots(result, {expected}, 0);
  CHECK(result.finding(expected.entry).at("severity") == "warning");
  CHECK(result.evidence(expected.entry, "container") == "container " + stack.container("chatalot"));

  stack.compose({"restart", "-t", "1", "chatalot"});
  expect_finding(stack.check(), expected);
  stack.up();
  CHECK(stack.check().roots().empty());
}

TEST_CASE("config shows what the file says and what the container has", "[engine]") {
  DockerStack stack;
  stack.up();
  stack.files().set("REGISTRATION_MODE", "open");
  const auto run = stack.doctor({"config", stack.directory().path(), "--format", "json"});
  REQUIRE(run.exit == 0);
  const auto setting = setting_of(json::parse(run.out), "chatalot", "REGISTRATION_MODE");
  INFO(setting.dump(2));
  CHECK(setting.at("configured") == "open");
  CHECK(setting.at("running") == "invite_only");
  CHECK(has_hop(setting, "dotenv", ".env:"));
  CHECK(has_hop(setting, "container", "container " + stack.container("chatalot")));
}

TEST_CASE("a password changed in .env after the database was made", "[engine]") {
  DockerStack stack;
  stack.up();
  stack.files().password(random_alphanumeric(32));
  const auto result = stack.check();
  expect_finding(result, {"chatalot-env-not-applied", "env-edit-not-applied", "env", "setting:chatalot/DATABASE_URL"});
  CHECK(result.run.exit == 0);

  stack.compose({"up", "-d", "-t", "1"});  // the volume keeps the old password
  expect_roots(stack.check(),
               {{"chatalot-database-auth-failed", "database-auth-failed", "database", "setting:chatalot/DATABASE_URL"}},
               1);
}

}  // namespace doctor::lab
