#include "deployment/recognise.hpp"

#include "deployment/project.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;

namespace {

SystemDescription other() {
  SystemDescription system;
  system.name = "other";
  system.recognise = {{"web"}, {"*/other:*"}, {"OTHER_KEY", "TOTP_ENCRYPTION_KEY"}};
  ServiceRule rule;
  rule.name = "web";
  rule.process.exe = "other-server";
  system.services = {rule};
  return system;
}

const std::vector<SystemDescription> candidates{test::description(), other()};

}  // namespace

TEST_CASE("the system with most hits is recognised") {
  Traits traits;
  traits.services = {"chatalot", "postgres"};
  traits.settings = {"TOTP_ENCRYPTION_KEY"};
  const auto found = recognise(traits, candidates);
  REQUIRE(found.system != nullptr);
  CHECK(found.system->name == "chatalot");
  CHECK(found.note.empty());
}

TEST_CASE("an image, a setting or a bare process is enough") {
  for (const auto& traits : {Traits{{}, {"ghcr.io/x/other:latest"}, {}, {}}, Traits{{}, {}, {"OTHER_KEY"}, {}},
                             Traits{{}, {}, {}, {"other-server"}}}) {
    const auto found = recognise(traits, candidates);
    REQUIRE(found.system != nullptr);
    CHECK(found.system->name == "other");
  }
}

TEST_CASE("a tie is no system, and it is said") {
  Traits traits;
  traits.settings = {"TOTP_ENCRYPTION_KEY"};
  const auto tie = recognise(traits, candidates);
  CHECK(tie.system == nullptr);
  CHECK(tie.note.find("chatalot and other") != std::string::npos);
  const auto nothing = recognise({}, candidates);
  CHECK(nothing.system == nullptr);
  CHECK_FALSE(nothing.note.empty());
}
