// What a bundle of containers holds.

#include "lab/bundle.hpp"
#include "lab/docker_engine.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

using Json = nlohmann::json;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a bundle of containers holds what the Engine knows of them and what they wrote", "[engine][bundle]") {
  DockerStack stack;
  const auto password = random_alphanumeric(32);
  stack.files().password(password);
  stack.change("    environment:\n      EXTRA_NOTE: nobodys-business\n").up();
  const Directory beside{"bundle"};
  const auto file = beside.path("b.tar.gz");
  const auto run = stack.doctor({"bundle", stack.directory().path(), "-o", file});
  INFO(run.err);
  REQUIRE(run.exit < 2);
  const auto members = bundle_members(file);
  const auto inspect = Json::parse(members.at("containers/" + stack.container("chatalot") + ".json"));
  bool extra = false;
  for (const auto& entry : inspect.at("Config").at("Env")) extra = extra || entry == "EXTRA_NOTE=[redacted:EXTRA_NOTE]";
  CHECK(extra);
  CHECK(members.count("containers/images/doctor-test-chatalot-latest.json") +
            members.count("containers/images/doctor-test-chatalot.json") ==
        1);
  CHECK(holds(members.at("containers/project/networks.json"), "com.docker.compose.network"));
  CHECK(holds(members.at("containers/project/volumes.json"), "chatalot_postgres_data"));
  CHECK(holds(members.at("logs/chatalot.log"), "Starting Chatalot server"));
  CHECK(holds(members.at("logs/chatalot.log"), "Z std"));
  CHECK(holds(members.at("logs/postgres.log"), "database system is ready"));
  CHECK(holds(members.at("host/docker/version.json"), "ApiVersion"));
  CHECK(holds(members.at("host/deployment.txt"), "Docker Compose"));
  CHECK(holds(members.at("config/docker-compose.yml"), "services:"));
  for (const auto& [path, bytes] : members) {
    INFO(path);
    CHECK_FALSE(holds(bytes, password));
    // What no description knows may be anything. Compose files are read by name, so it stays there.
    if (path.starts_with("containers/")) CHECK_FALSE(holds(bytes, "nobodys-business"));
  }
}

TEST_CASE("a log that only the Engine can read", "[engine][bundle]") {
  DockerStack stack;
  stack.change("    logging:\n      driver: local\n").up();
  const Directory beside{"bundle"};
  const auto file = beside.path("b.tar.gz");
  const auto run = stack.doctor({"bundle", stack.directory().path(), "-o", file, "--include", "logs"});
  INFO(run.err);
  REQUIRE(run.exit < 2);
  CHECK(holds(bundle_members(file).at("logs/chatalot.log"), "Starting Chatalot server"));
}

}  // namespace doctor::lab
