#include "render/config.hpp"

#include <sstream>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using namespace doctor;

namespace {

Setting setting(const std::string& service, const std::string& name, const std::string& value, bool secret) {
  Setting made;
  made.service = service;
  made.name = name;
  made.rule.secret = secret;
  made.described = true;
  made.configured = secret ? Value::secret(value) : Value::plain(value);
  made.chain = {{"literal", "docker-compose.yml:9", made.configured->shown()}};
  return made;
}

Deployment deployment() {
  Deployment made;
  made.system = "chatalot";
  made.directory = "/srv/chatalot";
  made.env_file = ".env";
  made.compose_file = "docker-compose.yml";
  made.sources = {"docker-compose.yml", ".env"};
  Service app;
  app.name = "chatalot";
  app.image = "chatalot:latest";
  app.container = Container{};
  app.container->name = "chatalot-server";
  app.container->status = "running";
  app.ports = {{"127.0.0.1", 3000, 8080, "tcp", {}}};
  made.services = {app};
  auto url = setting("chatalot", "DATABASE_URL", "postgres://u:hidden-word@h/d", true);
  url.reach = Reach::pinned;
  url.written = Value::secret("written-word");
  url.written_at = Place{".env", 3, 1};
  url.passed_at = Place{"docker-compose.yml", 9, 1};
  auto level = setting("chatalot", "RUST_LOG", "info", false);
  level.running = Value::plain("debug\x1b[31m");
  auto quiet = setting("chatalot", "IMAGE_VERSION", "17", false);
  quiet.described = false;
  quiet.chain = {{"image", "chatalot:latest", "17"}};
  auto unset = setting("chatalot", "PUBLIC_URL", "", false);
  unset.configured.reset();
  unset.chain.clear();
  made.settings = {url, level, quiet, unset, setting("compose", "HTTP_PORT", "3000", false)};
  DataSource source;
  source.setting = "setting:chatalot/DATABASE_URL";
  source.host = "postgres";
  source.port = 5432;
  source.dial.reason = "postgres is a name inside the compose network";
  made.data_sources = {source};
  HttpBase base;
  base.service = "chatalot";
  base.url = "http://127.0.0.1:3000";
  base.dial = {"127.0.0.1", 3000, "host", "published port", ""};
  made.http = {base};
  return made;
}

std::string text(const Deployment& given, const render::Style& style = {}) {
  std::ostringstream out;
  render::config(given, style, out);
  return out.str();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("settings are shown with their chains, secrets are not") {
  const auto shown = text(deployment());
  CHECK(has(shown, "DATABASE_URL=[redacted]"));
  CHECK(has(shown, "docker-compose.yml:9"));
  CHECK(has(shown, "container chatalot-server, running"));
  CHECK(has(shown, "127.0.0.1:3000 -> 8080/tcp"));
  CHECK(has(shown, "HTTP_PORT=3000"));
  CHECK(has(shown, "not set: PUBLIC_URL"));
  CHECK_FALSE(has(shown, "hidden-word"));
  CHECK_FALSE(has(shown, "written-word"));
}

TEST_CASE("what is written without effect is marked, and what is not applied") {
  const auto shown = text(deployment());
  CHECK(has(shown, "! written at .env:3 without effect"));
  CHECK(has(shown, "! a process that starts now would get info"));
  auto passed = deployment();
  passed.settings[0].reach = Reach::passed;
  passed.settings[1].running = Value::plain("info");
  CHECK_FALSE(has(text(passed), "!"));
}

TEST_CASE("data sources and HTTP say how they are dialled, or why not") {
  const auto shown = text(deployment());
  CHECK(has(shown, "not dialled: postgres is a name"));
  CHECK(has(shown, "dialled at 127.0.0.1:3000"));
  auto broken = deployment();
  broken.data_sources[0].problem = "it is empty";
  CHECK(has(text(broken), "cannot be read: it is empty"));
}

TEST_CASE("the variables of an image are shown on request") {
  CHECK_FALSE(has(text(deployment()), "IMAGE_VERSION"));
  render::Style verbose;
  verbose.verbose = true;
  CHECK(has(text(deployment(), verbose), "IMAGE_VERSION=17"));
}

TEST_CASE("no line is longer than the width, and no control character gets through") {
  auto wide = deployment();
  wide.settings.push_back(setting("compose", "LONG", std::string(500, 'x'), false));
  wide.settings.push_back(setting("compose", "WORDS", std::string(60, 'a') + " " + std::string(60, 'b'), false));
  for (const int width : {40, 80, 120}) {
    render::Style style;
    style.width = width;
    std::istringstream lines{text(wide, style)};
    for (std::string line; std::getline(lines, line);) {
      CHECK(line.size() <= static_cast<std::size_t>(width));
      CHECK_FALSE(has(line, "\x1b"));
    }
  }
}

TEST_CASE("the JSON document has the same facts and no secret") {
  auto given = deployment();
  given.settings.push_back(setting("compose", "BYTES", "a\xff", false));
  std::ostringstream out;
  render::config_json(given, out);
  CHECK_FALSE(has(out.str(), "hidden-word"));
  CHECK_FALSE(has(out.str(), "written-word"));
  const auto json = nlohmann::json::parse(out.str());
  CHECK(json.at("schema") == "doctor-config/v1");
  const auto& settings = json.at("services").at(0).at("settings");
  CHECK(settings.at(0).at("value") == "[redacted]");
  CHECK(settings.at(0).at("reach") == "pinned");
  CHECK(settings.at(0).at("chain").at(0).at("where") == "docker-compose.yml:9");
  CHECK(settings.at(3).at("value").is_null());
  CHECK(json.at("compose").at(0).at("name") == "HTTP_PORT");
  CHECK(json.at("http").at(0).at("url") == "http://127.0.0.1:3000");
}
