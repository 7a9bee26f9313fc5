#include "deployment/graph.hpp"

#include <algorithm>

#include "deployment/project.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;
using namespace doctor::deployment::test;

namespace {

Deployment stack() {
  Deployment made;
  made.directory = "/srv/chatalot";
  made.compose_file = "docker-compose.yml";
  made.env_file = ".env";
  made.description = description();
  const auto compose = project();
  made.services = services_of(compose, made.description);
  made.volumes = compose.volumes;
  SettingSources sources;
  static const Dotenv dotenv{".env", true, {entry("DB_PASSWORD", "hunter2hunter2", 2)}, {}};
  static const Environment shell;
  sources.compose = &compose;
  sources.dotenv = &dotenv;
  sources.shell = &shell;
  sources.description = &made.description;
  sources.services = &made.services;
  made.settings = build_settings(sources);
  DataSource source;
  source.service = "chatalot";
  source.endpoint = "endpoint:postgres:5432";
  made.data_sources = {source};
  HttpBase base;
  base.service = "chatalot";
  base.endpoint = "endpoint:chatalot:8080";
  made.http = {base};
  made.edges = build_edges(made);
  return made;
}

bool depends(const Deployment& deployment, const std::string& from, const std::string& to) {
  const auto all = deployment.depends_on(from);
  return std::find(all.begin(), all.end(), to) != all.end();
}

}  // namespace

TEST_CASE("what a service depends on") {
  const auto deployment = stack();
  for (const auto* subject :
       {"setting:chatalot/DATABASE_URL", "setting:compose/DB_PASSWORD", "file:.env", "file:docker-compose.yml",
        "file:secrets/jwt_private.pem", "endpoint:postgres:5432", "service:postgres", "volume:postgres_data",
        "volume:file_storage", "disk:docker", "disk:storage", "disk:database"}) {
    INFO(subject);
    CHECK(depends(deployment, "service:chatalot", subject));
    CHECK(depends(deployment, "endpoint:chatalot:8080", subject));
  }
}

TEST_CASE("dependence goes one way") {
  const auto deployment = stack();
  CHECK(depends(deployment, "endpoint:postgres:5432", "service:postgres"));
  CHECK_FALSE(depends(deployment, "endpoint:postgres:5432", "service:chatalot"));
  CHECK_FALSE(depends(deployment, "service:postgres", "endpoint:postgres:5432"));
  CHECK_FALSE(depends(deployment, "service:postgres", "setting:chatalot/DATABASE_URL"));
  CHECK_FALSE(depends(deployment, "setting:compose/DB_PASSWORD", "setting:chatalot/DATABASE_URL"));
  CHECK_FALSE(depends(deployment, "service:postgres", "disk:storage"));
}

TEST_CASE("a pinned setting does not depend on .env, one that is passed on does") {
  const auto deployment = stack();
  CHECK(depends(deployment, "setting:chatalot/RUST_LOG", "file:.env"));
  CHECK_FALSE(depends(deployment, "setting:chatalot/FILE_STORAGE_PATH", "file:.env"));
  CHECK(depends(deployment, "setting:chatalot/DATABASE_URL", "file:.env"));
}

TEST_CASE("edges are sorted and unique") {
  const auto deployment = stack();
  CHECK(std::is_sorted(deployment.edges.begin(), deployment.edges.end()));
  CHECK(std::adjacent_find(deployment.edges.begin(), deployment.edges.end()) == deployment.edges.end());
}

TEST_CASE("a token depends on the clock by which its times are judged") {
  auto deployment = stack();
  CHECK_FALSE(depends(deployment, "setting:chatalot/DATABASE_URL", "host:clock"));
  for (auto& setting : deployment.settings)
    if (setting.name == "DATABASE_URL") setting.rule.token = TokenRule{};
  deployment.edges = build_edges(deployment);
  CHECK(depends(deployment, "setting:chatalot/DATABASE_URL", "host:clock"));
  CHECK(depends(deployment, "service:chatalot", "host:clock"));
}

TEST_CASE("a setting that two services take from one line of .env is the first one's") {
  const auto setting_of = [](const std::string& service, Reach reach, int line) {
    Setting setting;
    setting.service = service;
    setting.name = "KEY";
    setting.described = true;
    setting.reach = reach;
    if (line > 0) setting.written_at = Place{".env", line, 1};
    return setting;
  };
  const auto shared = [](std::vector<Setting> settings) {
    Deployment deployment;
    deployment.settings = std::move(settings);
    deployment.edges = build_edges(deployment);
    CHECK_FALSE(depends(deployment, "setting:web/KEY", "setting:jobs/KEY"));
    return depends(deployment, "setting:jobs/KEY", "setting:web/KEY");
  };
  CHECK(shared({setting_of("web", Reach::passed, 2), setting_of("jobs", Reach::passed, 2)}));
  CHECK(shared({setting_of("web", Reach::passed, 0), setting_of("jobs", Reach::passed, 0)}));
  CHECK(shared({setting_of("web", Reach::unknown, 2), setting_of("jobs", Reach::unknown, 2)}));
  CHECK_FALSE(shared({setting_of("web", Reach::unknown, 0), setting_of("jobs", Reach::unknown, 0)}));
  CHECK_FALSE(shared({setting_of("web", Reach::pinned, 2), setting_of("jobs", Reach::passed, 2)}));
  CHECK_FALSE(shared({setting_of("compose", Reach::passed, 2), setting_of("jobs", Reach::passed, 2)}));
}
