#include "plan/plan.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "checks/registry.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

using namespace doctor;
using plan::Part;
using plan::Step;

namespace {

/// "PostgresRowsQuestion" of sources -> its name on a tape.
const std::map<std::string, std::string> probe_names{{"Resolve", "resolve"},
                                                     {"Tcp", "tcp"},
                                                     {"Http", "http"},
                                                     {"PostgresSession", "postgres"},
                                                     {"PostgresRows", "postgres-rows"},
                                                     {"File", "file"},
                                                     {"Text", "text"},
                                                     {"Directory", "directory"},
                                                     {"Access", "access"},
                                                     {"FileSystem", "file-system"},
                                                     {"Usage", "usage"},
                                                     {"Key", "key"},
                                                     {"Listeners", "listeners"},
                                                     {"Clock", "clock"},
                                                     {"Secret", "secret"},
                                                     {"Certificate", "certificate"},
                                                     {"RedisSession", "redis"},
                                                     {"RedisReply", "redis-reply"},
                                                     {"WebSocket", "websocket"},
                                                     {"Logs", "logs"},
                                                     {"ContainerUsage", "container-usage"},
                                                     {"EngineUsage", "engine-usage"},
                                                     {"TimeKeeping", "time-keeping"},
                                                     {"Memory", "memory"},
                                                     {"Token", "token"},
                                                     {"HostHistory", "host-history"},
                                                     {"EngineHistory", "engine-history"}};

/// What the helpers of the API ask for whoever includes them.
const std::map<std::string, std::vector<std::string>> of_headers{
    {"doctor/clocks.hpp", {"clock", "postgres", "postgres-rows", "http"}},
    {"doctor/access.hpp", {"access", "file"}},
    {"doctor/tables.hpp", {"postgres-rows"}},
    {"doctor/proxy_files.hpp", {"directory", "text"}}};

std::string sources_of(std::string_view check) {
  std::string text;
  for (const auto& file :
       std::filesystem::directory_iterator{doctor::test::source_path("checks/" + std::string{check})}) {
    std::ifstream in{file.path()};
    std::ostringstream content;
    content << in.rdbuf();
    text += content.str();
  }
  return text;
}

std::set<std::string> asked_by(const std::string& source) {
  std::set<std::string> asked;
  const std::regex question{R"(\b([A-Z][A-Za-z]*)Question\b)"};
  for (std::sregex_iterator found{source.begin(), source.end(), question}, none; found != none; ++found) {
    INFO(found->str());
    REQUIRE(probe_names.count(found->str(1)) == 1);
    asked.insert(probe_names.at(found->str(1)));
  }
  for (const auto& [header, questions] : of_headers)
    if (source.find('"' + header + '"') != std::string::npos) asked.insert(questions.begin(), questions.end());
  return asked;
}

Deployment deployment() {
  Deployment deployment;
  deployment.directory = "/srv/app";
  deployment.files = {"/srv/app/.env", "/etc/app/extra.env"};
  deployment.disks = {{"docker", "/var/lib/docker"}};
  auto& app = deployment.services.emplace_back();
  app.name = "app";
  app.vantage = "host";
  app.mounts = {{"bind", "/data/files", "/files", false, {}}};
  DataSource source;
  source.setting = "setting:app/DATABASE_URL";
  source.service = "app";
  source.host = "db.example";
  source.port = 5432;
  source.dial = {"127.0.0.1", 5433, "host", "published port", "", ""};
  deployment.data_sources = {source};
  HttpBase base;
  base.service = "app";
  base.url = "http://127.0.0.1:8080";
  base.dial = {"127.0.0.1", 8080, "host", "as configured", "", ""};
  deployment.http = {base};
  PublicUrl url;
  url.service = "app";
  url.url = "https://app.example";
  url.host = "app.example";
  url.port = 443;
  url.tls = true;
  deployment.public_urls = {url};
  return deployment;
}

std::vector<Step> steps_of(const std::vector<Part>& parts, const std::string& name) {
  for (const auto& part : parts)
    if (part.name == name) return part.steps;
  FAIL("no part " + name);
  return {};
}

bool has(const std::vector<Step>& steps, const std::string& kind, const std::string& target) {
  return std::any_of(steps.begin(), steps.end(),
                     [&](const Step& step) { return step.kind == kind && step.target == target; });
}

}  // namespace

TEST_CASE("every check declares every kind of question that its sources name") {
  for (const auto* check : checks::all()) {
    INFO(check->id);
    const auto* declared = plan::questions_of(check->id);
    REQUIRE(declared != nullptr);
    for (const auto& asked : asked_by(sources_of(check->id))) {
      INFO(asked);
      CHECK(std::find(declared->begin(), declared->end(), asked) != declared->end());
    }
  }
}

TEST_CASE("every kind of question that is declared has a plan") {
  Deployment nothing;
  const auto parts = plan::plan(nothing, checks::all());
  CHECK(parts.size() == checks::all().size() + 2);
  CHECK(parts.front().name == "discovery");
  CHECK(parts.back().name == "timeline");
}

TEST_CASE("the plan names what the deployment has, under the check that asks it") {
  const auto parts = plan::plan(deployment(), checks::all());
  CHECK(has(steps_of(parts, "discovery"), "file", "/srv/app"));
  CHECK(has(steps_of(parts, "discovery"), "file", "/etc/app/extra.env"));
  CHECK(has(steps_of(parts, "database"), "postgres", "127.0.0.1:5433"));
  CHECK_FALSE(has(steps_of(parts, "health"), "postgres", "127.0.0.1:5433"));
  CHECK(has(steps_of(parts, "health"), "http", "http://127.0.0.1:8080"));
  CHECK(has(steps_of(parts, "tls"), "tls", "app.example:443"));
  CHECK(has(steps_of(parts, "websocket"), "websocket", "ws://127.0.0.1:8080"));
  CHECK(has(steps_of(parts, "network"), "resolve", "db.example"));
  CHECK(has(steps_of(parts, "files"), "file", "/data/files"));
  CHECK(has(steps_of(parts, "disk"), "file", "/var/lib/docker"));
}

TEST_CASE("what --offline keeps doctor from is not in the plan") {
  auto offline = deployment();
  offline.offline = true;
  const auto parts = plan::plan(offline, checks::all());
  for (const auto& part : parts)
    for (const auto& step : part.steps) {
      INFO(part.name << " " << step.kind << " " << step.target);
      const bool outside = step.kind == "http" || step.kind == "tls" || step.kind == "websocket";
      CHECK((!outside || step.target.find("app.example") == std::string::npos));
    }
  CHECK(has(steps_of(parts, "health"), "http", "http://127.0.0.1:8080"));
}
