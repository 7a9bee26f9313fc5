#include "deployment/data_source.hpp"

#include "deployment/data_source_url.hpp"
#include "deployment/discover_http.hpp"
#include "deployment/project.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;
using namespace doctor::deployment::test;

namespace {

Deployment deployment_with(const std::string& url) {
  Deployment made;
  made.directory = "/srv/chatalot";
  made.compose_file = "docker-compose.yml";
  made.description = description();
  made.services = services_of(project(), made.description);
  Setting setting;
  setting.service = "chatalot";
  setting.name = "DATABASE_URL";
  setting.rule = made.description.services.front().settings.front();
  setting.configured = Value::secret(url);
  made.settings = {setting};
  return made;
}

Container container(const std::string& name, const std::string& address) {
  Container made;
  made.name = name;
  made.status = "running";
  if (!address.empty()) made.addresses = {{"chatalot_internal", address}};
  return made;
}

DataSource only(const Deployment& deployment, const EngineView& engine = {true, {}}) {
  const auto sources = find_data_sources(deployment, engine);
  REQUIRE(sources.size() == 1);
  return sources.front();
}

HttpBase http(const Deployment& deployment, const EngineView& engine = {true, {}}) {
  for (const auto& base : find_http(deployment, engine, {}))
    if (base.service == "chatalot") return base;
  FAIL("no HTTP base of chatalot");
  return {};
}

const std::string shipped = "postgres://chatalot:secret-word@postgres:5432/chatalot";

}  // namespace

TEST_CASE("a database URL is taken apart") {
  const auto url = parse_database_url("postgres://chat%40lot:p%40ss@db.example.com:6432/da%20ta?sslmode=require");
  CHECK(url.problem.empty());
  CHECK(url.scheme == "postgres");
  CHECK(url.user == "chat@lot");
  CHECK(url.host == "db.example.com");
  CHECK(url.port == 6432);
  CHECK(url.database == "da ta");
  CHECK(url.tls_mode == "require");
  CHECK(url.has_password);
  CHECK(parse_database_url("postgresql://u@[::1]/d").host == "::1");
  CHECK(parse_database_url("postgresql://u@[::1]:5433/d").port == 5433);
  CHECK(parse_database_url("postgresql+asyncpg://u:p@h/d").problem.empty());
  CHECK(parse_database_url("postgres:///d?host=/run/postgresql").host == "/run/postgresql");
  INFO("an @ or a colon in the password survives, as in the WHATWG parser");
  CHECK(parse_database_url("postgres://u:p@s:s@h:5432/d").host == "h");
}

TEST_CASE("what breaks a database URL is said exactly, and never with the secret") {
  struct Broken {
    const char* text;
    const char* expected;
  };
  const Broken broken[] = {
      {"", "empty"},
      {"   ", "empty"},
      {"hidden://chatalot@postgres/db", "scheme"},
      {"chatalot:hidden@postgres/db", "scheme"},
      {"mysql://u:hidden@h/d", "scheme that is not one of"},
      {"postgres://u:hid/den@h:5432/d", "unescaped slash"},
      {"postgres://u:hid#den@h:5432/d", "unescaped hash"},
      {"postgres://u:hid?den@h:5432/d", "unescaped question mark"},
      {"postgres://u:12/hidden@h:5432/d", "unescaped slash"},
      {"postgres://u:a@hid/den@h:5432/d", "unescaped slash"},
      {"postgres://u:hidden@h:99999/d", "port"},
      {"postgres://u:hidden@h:54x/d", "port"},
      {"postgres://u:hidden@[::1/d", "bracket"},
      {"postgres://u:hidden@h/d\r", "control"},
      {"\"postgres://u:hidden@h/d\"", "quotation"},
      {" postgres://u:hidden@h/d", "blank"},
      {"postgres://u:hidden@ho st/d", "host"},
      {"postgres://u:hidden@h/d?sslmode=maybe", "sslmode"},
      {"postgres://u:hidden@h/\xff", "UTF-8"},
  };
  for (const auto& [text, expected] : broken) {
    const auto url = parse_database_url(text);
    INFO(expected);
    CHECK(url.problem.find(expected) != std::string::npos);
    CHECK(url.problem.find("hid") == std::string::npos);
    CHECK(url.host.find("hid") == std::string::npos);
  }
  CHECK_FALSE(parse_database_url("postgres://" + std::string(70000, 'x')).problem.empty());
  CHECK(parse_database_url("postgres://u:p@h/d?application_name=a@b").problem.empty());
  CHECK_FALSE(parse_database_url("postgresql://h/d", {"postgres"}).problem.empty());
}

TEST_CASE("a name of the compose network is dialled by the container's address") {
  auto deployment = deployment_with(shipped);
  deployment.services[1].container = container("chatalot-db", "172.20.0.2");
  const auto source = only(deployment);
  CHECK(source.endpoint == "endpoint:postgres:5432");
  CHECK(source.dial.host == "172.20.0.2");
  CHECK(source.dial.port == 5432);
  CHECK(source.dial.how == "container address");
  CHECK(source.dial.vantage == "host");
  INFO("the container's name and an alias mean the same");
  deployment.settings[0].configured = Value::secret("postgres://u:p@chatalot-db/d");
  CHECK(only(deployment).endpoint == "endpoint:postgres:5432");
  deployment.settings[0].configured = Value::secret("postgres://u:p@db/d");
  CHECK(only(deployment, {true, "", {{"postgres", {"db"}}}}).dial.host == "172.20.0.2");
}

TEST_CASE("else by its published port, else not at all") {
  auto deployment = deployment_with(shipped);
  const auto nowhere = only(deployment);
  CHECK(nowhere.dial.host.empty());
  CHECK(nowhere.dial.reason.find("compose network") != std::string::npos);
  deployment.services[1].ports = {{"", 15432, 5432, "tcp", {}}};
  INFO("without a container nothing is published, when the Engine says so");
  CHECK_FALSE(only(deployment).dial.reason.empty());
  INFO("an Engine that cannot be asked leaves what the file says");
  const auto published = only(deployment, {false, {}});
  CHECK(published.dial.host == "127.0.0.1");
  CHECK(published.dial.port == 15432);
  CHECK(published.dial.how == "published port");
}

TEST_CASE("addresses outside of the compose network are dialled as configured") {
  auto source = only(deployment_with("postgres://u:p@db.example.com/d"));
  CHECK(source.endpoint == "endpoint:database:5432");
  CHECK(source.dial.host == "db.example.com");
  CHECK(source.dial.how == "as configured");
  source = only(deployment_with("postgres://u:p@host.docker.internal:5433/d"));
  CHECK(source.dial.host == "127.0.0.1");
  INFO("localhost in a container is not the host's");
  source = only(deployment_with("postgres://u:p@localhost/d"));
  CHECK(source.dial.host.empty());
  CHECK_FALSE(source.dial.reason.empty());
}

TEST_CASE("a bare process stands on the host") {
  auto deployment = deployment_with("postgres://u:p@localhost:5432/d");
  deployment.services.resize(1);
  deployment.services[0].process = Process{};
  CHECK(only(deployment).dial.host == "localhost");
  CHECK(only(deployment).endpoint == "endpoint:database:5432");
  INFO("a port that a container publishes is that container's");
  deployment.services.push_back(service("postgres", {"internal"}));
  deployment.services[1].container = container("chatalot-db", "172.20.0.2");
  deployment.services[1].container->ports = {{"127.0.0.1", 5432, 5432, "tcp", {}}};
  CHECK(only(deployment).endpoint == "endpoint:postgres:5432");
}

TEST_CASE("an unreadable URL is a data source with a problem, a missing one is none") {
  auto deployment = deployment_with("postgres://chatalot:hid/den@postgres:5432/chatalot");
  const auto source = only(deployment);
  CHECK_FALSE(source.problem.empty());
  CHECK(source.endpoint.empty());
  CHECK(source.host.empty());
  deployment.settings[0].configured = Value::secret("");
  CHECK(find_data_sources(deployment, {}).empty());
  deployment.settings[0].configured.reset();
  CHECK(find_data_sources(deployment, {}).empty());
}

TEST_CASE("a Redis URL is a source with the rules of a database, and its own port, path and scheme") {
  const auto redis = [](const std::string& url) {
    auto deployment = deployment_with(shipped);
    deployment.services[1].container = container("chatalot-db", "172.20.0.2");
    deployment.settings[0].rule = {};
    deployment.settings[0].rule.role = "redis-url";
    deployment.settings[0].configured = Value::secret(url);
    CHECK(find_data_sources(deployment, {true, {}}).empty());
    const auto sources = find_redis(deployment, {true, {}});
    REQUIRE(sources.size() == 1);
    return sources.front();
  };
  const auto source = redis("rediss://worker:secret-word@cache.example.com/3");
  CHECK(source.role == "redis-url");
  CHECK(source.scheme == "rediss");
  CHECK(source.user == "worker");
  CHECK(source.port == 6379);
  CHECK(source.database == "3");
  CHECK(source.endpoint == "endpoint:redis:6379");
  CHECK(source.dial.host == "cache.example.com");
  INFO("a service of the deployment has its own name");
  CHECK(redis("redis://postgres:6380").endpoint == "endpoint:postgres:6380");
  CHECK(redis("redis://postgres:6380").dial.host == "172.20.0.2");
  CHECK(redis("redis://:p@h").database.empty());
  CHECK(redis("redis://:p@h/first").problem.find("not a number") != std::string::npos);
  CHECK(redis("redis://:secret/word@h:6379/0").problem.find("unescaped slash") != std::string::npos);
  CHECK(redis("postgres://h/d").problem.find("scheme") != std::string::npos);
  CHECK(redis("unix:///run/redis.sock").dial.reason.find("socket") != std::string::npos);
}

TEST_CASE("HTTP is asked at the published port, or at the container, or of the process") {
  auto deployment = deployment_with(shipped);
  const auto nothing = http(deployment);
  CHECK(nothing.url.empty());
  CHECK(nothing.dial.reason == "no container or process of chatalot is running");
  CHECK(nothing.endpoint == "endpoint:chatalot:8080");

  deployment.services[0].container = container("chatalot-server", "172.18.0.3");
  deployment.services[0].container->ports = {{"0.0.0.0", 3000, 8080, "tcp", {}}};
  CHECK(http(deployment).url == "http://127.0.0.1:3000");
  CHECK(http(deployment).endpoint == "endpoint:chatalot:8080");
  deployment.services[0].container->ports.clear();
  CHECK(http(deployment).url == "http://172.18.0.3:8080");
  INFO("a container that has stopped would have had the ports of the file");
  deployment.services[0].container->status = "restarting";
  deployment.services[0].container->addresses.clear();
  CHECK(http(deployment).url == "http://127.0.0.1:8080");

  deployment.services[0].container.reset();
  deployment.services[0].process = Process{};
  Setting listen;
  listen.service = "chatalot";
  listen.name = "LISTEN_ADDR";
  listen.rule = rule("LISTEN_ADDR", "listen-address");
  listen.running = Value::plain("0.0.0.0:9090");
  deployment.settings.push_back(listen);
  CHECK(http(deployment).url == "http://127.0.0.1:9090");
  CHECK(http(deployment).endpoint == "endpoint:chatalot:9090");
  deployment.settings.back().running = Value::plain("[::1]:9090");
  CHECK(http(deployment).url == "http://[::1]:9090");
  deployment.settings.back().running = Value::plain("nonsense");
  CHECK(http(deployment).url == "http://127.0.0.1:8080");
}

TEST_CASE("a base URL on the command line wins") {
  const auto deployment = deployment_with(shipped);
  std::string problem;
  const auto given = parse_base_url("https://chat.example.com/base/", problem);
  REQUIRE(problem.empty());
  const auto bases = find_http(deployment, {true, {}}, {{"chatalot", given}});
  REQUIRE(bases.size() == 1);
  CHECK(bases[0].url == "https://chat.example.com/base");
  CHECK(bases[0].dial.host == "chat.example.com");
  CHECK(bases[0].dial.port == 443);
  CHECK(bases[0].dial.how == "--url");
  for (const auto* text : {"chat.example.com", "ftp://h", "http://", "http://u:p@h", "http://h:0", "http://h:99999",
                           "http://h/?a=b", "http://h /"}) {
    problem.clear();
    parse_base_url(text, problem);
    INFO(text);
    CHECK_FALSE(problem.empty());
  }
}
