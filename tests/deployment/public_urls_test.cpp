#include "deployment/public_urls.hpp"

#include <algorithm>

#include "deployment/graph.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace doctor::deployment;

namespace {

Deployment with(const std::string& value, bool secret = false) {
  Deployment made;
  Service service;
  service.name = "chatalot";
  made.services = {service};
  Setting setting;
  setting.service = "chatalot";
  setting.name = "PUBLIC_URL";
  setting.rule.role = "public-url";
  setting.rule.examples = {"chat.example.com"};
  setting.configured = secret ? Value::secret(value) : Value::plain(value);
  made.settings = {setting};
  return made;
}

bool is_none(const std::string& value) {
  return find_public_urls(with(value)).empty();
}

}  // namespace

TEST_CASE("a public address is taken apart") {
  const auto urls = find_public_urls(with("https://chat.lab.invalid/"));
  REQUIRE(urls.size() == 1);
  CHECK(urls[0].service == "chatalot");
  CHECK(urls[0].setting == "setting:chatalot/PUBLIC_URL");
  CHECK(urls[0].endpoint == "endpoint:chatalot:public");
  CHECK(urls[0].url == "https://chat.lab.invalid");
  CHECK(urls[0].host == "chat.lab.invalid");
  CHECK(urls[0].port == 443);
  CHECK(urls[0].tls);
  const auto plain = find_public_urls(with("http://[::1]:8080/chat"));
  REQUIRE(plain.size() == 1);
  CHECK(plain[0].host == "::1");
  CHECK(plain[0].port == 8080);
  CHECK(plain[0].url == "http://[::1]:8080/chat");
  CHECK_FALSE(plain[0].tls);
}

TEST_CASE("what is no address of anybody's gives none") {
  CHECK(is_none(""));
  CHECK(is_none("https://chat.example.com"));
  CHECK(is_none("chat.lab.invalid"));
  CHECK(is_none("ftp://chat.lab.invalid"));
  CHECK(is_none("https://"));
  CHECK(is_none("https://user:word@chat.lab.invalid"));
  CHECK(is_none("https://chat.lab.invalid:0"));
  CHECK(is_none("https://chat.lab.invalid/\x1b[31m{"));
  CHECK(find_public_urls(with("https://chat.lab.invalid", true)).empty());
}

TEST_CASE("a service that is switched off has no public address") {
  auto made = with("https://chat.lab.invalid");
  made.services.front().enabled = false;
  CHECK(find_public_urls(made).empty());
}

TEST_CASE("what a public address depends on") {
  auto made = with("https://chat.lab.invalid");
  HttpBase base;
  base.service = "chatalot";
  base.endpoint = "endpoint:chatalot:8080";
  made.http = {base};
  made.public_urls = find_public_urls(made);
  made.edges = build_edges(made);
  const auto all = made.depends_on("endpoint:chatalot:public");
  for (const auto* subject :
       {"service:chatalot", "endpoint:chatalot:8080", "setting:chatalot/PUBLIC_URL", "host:clock"})
    CHECK(std::find(all.begin(), all.end(), subject) != all.end());
  const auto direct = made.depends_on("endpoint:chatalot:8080");
  CHECK(std::find(direct.begin(), direct.end(), "endpoint:chatalot:public") == direct.end());
}
