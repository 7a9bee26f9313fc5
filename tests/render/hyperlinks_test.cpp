#include "render/hyperlinks.hpp"

#include <sstream>

#include "render/render.hpp"
#include "render/report_fixture.hpp"
#include "support/catch.hpp"

namespace doctor::render {
namespace {

const std::string end = "\x1b]8;;\x1b\\";

std::string begin(const std::string& path) {
  return "\x1b]8;;file://host" + path + "\x1b\\";
}

Hyperlinks links() {
  return {"host", "/srv/my chat", {"docker-compose.yml", ".env", "/etc/nginx/nginx.conf", "3 containers", "--url"}};
}

}  // namespace

TEST_CASE("names of files become links, with their lines", "[hyperlinks]") {
  CHECK(links().linked("see .env:12.") == "see " + begin("/srv/my%20chat/.env") + ".env:12" + end + ".");
  CHECK(links().linked("(/etc/nginx/nginx.conf)") ==
        "(" + begin("/etc/nginx/nginx.conf") + "/etc/nginx/nginx.conf" + end + ")");
  CHECK(links().linked("\x1b[36m.env\x1b[0m") == "\x1b[36m" + begin("/srv/my%20chat/.env") + ".env" + end + "\x1b[0m");
  CHECK(links().linked(".env") == begin("/srv/my%20chat/.env") + ".env" + end);
}

TEST_CASE("what only contains the name of a file is no link", "[hyperlinks]") {
  for (const std::string line : {".env.example", "prod.env", "other/.env", "x/etc/nginx/nginx.conf", "3 containers",
                                 "--url", "docker-compose.yml.orig", "\x1b[", "\x1b", ""})
    CHECK(links().linked(line) == line);
  CHECK(Hyperlinks{}.linked(".env:12") == ".env:12");
}

TEST_CASE("a report for people has links where the terminal knows them, and shows the same", "[hyperlinks]") {
  auto report = report_fixture();
  report.directory = "/srv/chatalot";
  report.sources = {"docker-compose.yml", ".env"};
  const auto printed = [&](const std::string& host) {
    Style style;
    style.link_host = host;
    std::ostringstream out;
    human(report, style, out);
    return out.str();
  };
  auto text = printed("host");
  CHECK(text.find("\x1b]8;;file://host/srv/chatalot/.env\x1b\\.env") != std::string::npos);
  for (auto at = text.find("\x1b]8;;"); at != std::string::npos; at = text.find("\x1b]8;;"))
    text.erase(at, text.find("\x1b\\", at) + 2 - at);
  CHECK(text == printed(""));

  report.recording.emplace();  // its files are elsewhere
  CHECK(printed("host").find("\x1b]8;;") == std::string::npos);
}

}  // namespace doctor::render
