#include "deployment/effect.hpp"

#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;

namespace {

Setting setting(const std::string& service, const std::string& name, Reach reach) {
  Setting made;
  made.service = service;
  made.name = name;
  made.reach = reach;
  if (reach != Reach::not_passed) made.passed_at = Place{"docker-compose.yml", 14, 7};
  return made;
}

Deployment stack() {
  Deployment made;
  made.compose_file = "docker-compose.yml";
  made.env_file = ".env";
  made.settings = {setting("chatalot", "RUST_LOG", Reach::passed), setting("chatalot", "DATABASE_URL", Reach::pinned),
                   setting("chatalot", "UPLOAD_QUOTA_MB", Reach::not_passed),
                   setting("compose", "DB_PASSWORD", Reach::passed)};
  return made;
}

}  // namespace

TEST_CASE("an edit of what is passed on reaches the process") {
  CHECK(edit_effect(stack(), "RUST_LOG").reaches);
  CHECK(edit_effect(stack(), "DB_PASSWORD").reaches);
}

TEST_CASE("an edit of what a passed value is built from in .env reaches the process") {
  auto made = stack();
  auto base = setting("compose", "BASE", Reach::not_passed);
  base.built_from = {"setting:compose/DOMAIN"};
  made.settings.push_back(base);
  made.settings.push_back(setting("compose", "DOMAIN", Reach::not_passed));
  CHECK_FALSE(edit_effect(made, "DOMAIN").reaches);
  made.settings[0].built_from = {"setting:compose/BASE"};
  CHECK(edit_effect(made, "BASE").reaches);
  CHECK(edit_effect(made, "DOMAIN").reaches);
}

TEST_CASE("an edit of what is pinned does not, and the line is named") {
  const auto effect = edit_effect(stack(), "DATABASE_URL");
  CHECK_FALSE(effect.reaches);
  CHECK(effect.pinned.text() == "docker-compose.yml:14");
  CHECK_FALSE(effect.instead.empty());
}

TEST_CASE("nor does an edit of what the compose file never passes or does not know") {
  for (const auto* name : {"UPLOAD_QUOTA_MB", "NEVER_HEARD_OF"}) {
    const auto effect = edit_effect(stack(), name);
    CHECK_FALSE(effect.reaches);
    CHECK(effect.pinned.file.empty());
    CHECK_FALSE(effect.instead.empty());
  }
}

TEST_CASE("one service that gets it is enough") {
  auto made = stack();
  made.settings.push_back(setting("worker", "DATABASE_URL", Reach::passed));
  CHECK(edit_effect(made, "DATABASE_URL").reaches);
}

TEST_CASE("a variable of the shell wins over the edit") {
  auto made = stack();
  made.settings[0].chain = {{"shell", "shell variable RUST_LOG", "debug"}};
  CHECK_FALSE(edit_effect(made, "RUST_LOG").reaches);
  made.settings[0].chain = {{"shell", "shell variable OTHER", "OTHER=x"}};
  CHECK(edit_effect(made, "RUST_LOG").reaches);
}

TEST_CASE("without a compose file an edit is believed to reach") {
  auto made = stack();
  made.compose_file.clear();
  CHECK(edit_effect(made, "ANYTHING").reaches);
}
