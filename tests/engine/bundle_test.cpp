// What a bundle of containers holds.

#include <string>
#include <vector>

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

TEST_CASE("a bundle of containers with hidden addresses tells the same", "[engine][bundle][hide]") {
  DockerStack stack;
  stack.change("    extra_hosts: [\"mail.acme-corp.de:93.184.216.41\"]\n").up();
  stack.files().set("REGISTRATION_MODE", "open");
  stack.compose({"stop", "-t", "1", "chatalot"});
  const auto address = stack.inspect("postgres", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}");
  const auto bare_address = address.substr(0, address.find_first_not_of("0123456789."));
  const Directory beside{"bundle"};
  std::vector<Json> told;
  for (const std::string name : {"plain.tar.gz", "hidden.tar.gz"}) {
    Arguments words{"bundle", stack.directory().path(), "-o", beside.path(name)};
    if (name == "hidden.tar.gz") words.push_back("--hide-hosts");
    const auto run = stack.doctor(words);
    INFO(run.err);
    REQUIRE(run.exit == 0);
    const auto report = Json::parse(stack.doctor({"analyze", beside.path(name), "--format", "json"}).out);
    Json kinds;
    for (const auto& finding : report.at("findings"))
      kinds.push_back({finding.at("entry"), finding.at("severity"), finding.at("root")});
    for (const auto& check : report.at("checks")) kinds.push_back({check.at("id"), check.at("status")});
    told.push_back(std::move(kinds));
  }
  CHECK(told[0].size() > 5);
  CHECK(told[0] == told[1]);
  REQUIRE(bare_address.size() > 6);
  CHECK(holds(bundle_members(beside.path("plain.tar.gz")).at("answers/deployment.json"), bare_address));
  for (const auto& [path, bytes] : bundle_members(beside.path("hidden.tar.gz"))) {
    INFO(path);
    CHECK_FALSE(holds(bytes, "\"" + bare_address + "\""));
    CHECK_FALSE(holds(bytes, "acme-corp"));
  }
}

}  // namespace doctor::lab
