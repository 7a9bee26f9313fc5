#include "guides/library.hpp"

#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

#include "guides/blob.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

using namespace doctor;
using namespace doctor::guides;

namespace {

Entry generic(const std::string& code) {
  Entry entry;
  entry.code = code;
  entry.guide = code.substr(0, code.find('-'));
  entry.title = "Title of " + code;
  entry.severity = "error";
  return entry;
}

Entry special(const std::string& code, std::vector<Explains> explains) {
  auto entry = generic(code);
  entry.system = entry.guide;
  entry.explains = std::move(explains);
  return entry;
}

std::string sample() {
  auto full = special("demo-both", {{"db-auth", {{"user", {"a", "b"}}, {"setting", {"URL"}}}}, {"db-slow", {}}});
  full.evidence = {"x"};
  full.leads_to = {"db-slow"};
  full.log = {{"pattern (?P<n>x)", "svc", "after", "before", "WARN"}};
  full.reason = "why";
  full.symptom = "größer";
  full.cause = "c";
  full.fix = {{"command", "ls", "sh", "", "host", "safe"}, {"edit", "A=b", "env", "{env_file}", "host", "safe"}};
  full.verify = "v";
  full.detection = "database,log";
  SystemDescription system;
  system.name = "demo";
  system.compose = {"a.yml"};
  system.variables.push_back({});
  system.variables[0].name = "V";
  system.variables[0].least = 3;
  ServiceRule service;
  service.name = "svc";
  service.port = 80;
  service.database = DatabaseRule{};
  service.expect.push_back({});
  service.expect[0].http = "/";
  service.expect[0].slow = std::chrono::milliseconds{250};
  service.expect[0].json = {{"/a", "true"}};
  service.expect[0].violated = "demo-both";
  system.services.push_back(service);
  return write_blob({special("demo-url", {{"db-auth", {{"setting", {"URL"}}}}}), generic("db-slow"), full,
                     generic("db-auth"), special("other-any", {{"db-auth", {}}})},
                    {system, {}});
}

std::string chosen(const Library& library, const std::string& system,
                   const std::map<std::string, std::string>& evidence) {
  return library.explain(system, "db-auth", evidence).code;
}

/// The codes of a page: its headings of level 2 outside of fences.
std::set<std::string> headings(const std::filesystem::path& page) {
  std::ifstream file{page};
  std::set<std::string> codes;
  bool fenced = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) fenced = !fenced;
    if (!fenced && line.starts_with("## ")) codes.insert(line.substr(3));
  }
  return codes;
}

}  // namespace

TEST_CASE("what goes into a blob comes out of it") {
  const auto blob = sample();
  const Library library{blob};
  CHECK(library.codes() == std::vector<std::string>{"db-auth", "db-slow", "demo-both", "demo-url", "other-any"});
  CHECK(library.systems() == std::vector<std::string>{"", "demo"});
  CHECK_FALSE(library.entry("db").has_value());
  CHECK_FALSE(library.entry("zzz").has_value());
  const auto entry = library.entry("demo-both");
  REQUIRE(entry.has_value());
  CHECK(entry->guide == "demo");
  CHECK(entry->system == "demo");
  CHECK(entry->explains.at(0).where.at("user") == std::vector<std::string>{"a", "b"});
  CHECK(entry->leads_to == std::vector<std::string>{"db-slow"});
  CHECK(entry->log.at(0).before == "before");
  CHECK(entry->symptom == "größer");
  CHECK(entry->fix.at(1).file == "{env_file}");
  CHECK(entry->detection == "database,log");
  CHECK_FALSE(library.entry("db-auth")->leads_to.has_value());
}

TEST_CASE("a library of several sources is one") {
  const auto blob = sample();
  Library library{blob};
  SystemDescription shop;
  shop.name = "another";
  library.add(write_blob({special("demo-mine", {{"db-auth", {{"setting", {"URL"}}, {"host", {"x"}}}}}),
                          special("another-x", {{"db-auth", {}}})},
                         {shop}));
  CHECK(library.codes() ==
        std::vector<std::string>{"db-auth", "db-slow", "another-x", "demo-both", "demo-mine", "demo-url", "other-any"});
  CHECK(library.systems() == std::vector<std::string>{"", "another", "demo"});
  CHECK(library.description("another").has_value());
  CHECK(library.entries_of("demo").size() == 3);
  CHECK(chosen(library, "demo", {{"setting", "URL"}}) == "demo-url");
  CHECK(chosen(library, "demo", {{"setting", "URL"}, {"host", "x"}}) == "demo-mine");
  CHECK(chosen(library, "another", {}) == "another-x");
  const auto moved = std::move(library);
  CHECK(moved.entry("another-x")->title == "Title of another-x");
}

TEST_CASE("a source never hides what another has") {
  const auto blob = sample();
  Library library{blob};
  CHECK_THROWS_AS(library.add(write_blob({generic("db-auth")}, {})), std::invalid_argument);
  SystemDescription demo;
  demo.name = "demo";
  CHECK_THROWS_AS(library.add(write_blob({}, {demo})), std::invalid_argument);
  CHECK_THROWS_AS(library.add("no blob"), std::runtime_error);
  CHECK(library.codes().size() == 5);
}

TEST_CASE("a description goes through the blob unchanged") {
  const auto blob = sample();
  const Library library{blob};
  CHECK_FALSE(library.description("dem").has_value());
  const auto system = library.description("demo");
  REQUIRE(system.has_value());
  CHECK(system->compose == std::vector<std::string>{"a.yml"});
  CHECK(system->variables.at(0).least == 3);
  CHECK_FALSE(system->variables.at(0).most.has_value());
  const auto& service = system->services.at(0);
  CHECK(service.port == 80);
  CHECK(service.database.has_value());
  CHECK(service.expect.at(0).slow == std::chrono::milliseconds{250});
  CHECK(service.expect.at(0).status == std::vector<int>{200});
  CHECK(service.expect.at(0).json.at("/a") == "true");
  CHECK(service.expect.at(0).violated == "demo-both");
}

TEST_CASE("the entry with most matching keys explains a finding") {
  const auto blob = sample();
  const Library library{blob};
  CHECK(chosen(library, "demo", {{"setting", "URL"}, {"user", "b"}}) == "demo-both");
  CHECK(chosen(library, "demo", {{"setting", "URL"}, {"user", "c"}}) == "demo-url");
  CHECK(chosen(library, "demo", {{"setting", "URL"}}) == "demo-url");
  CHECK(chosen(library, "demo", {{"setting", "OTHER"}, {"user", "a"}}) == "db-auth");
  CHECK(chosen(library, "demo", {}) == "db-auth");
  CHECK(chosen(library, "other", {}) == "other-any");
  CHECK(chosen(library, "", {{"setting", "URL"}}) == "db-auth");
  CHECK(chosen(library, "unknown", {{"setting", "URL"}}) == "db-auth");
  CHECK(library.explain("demo", "db-slow", {}).code == "demo-both");
  CHECK(library.explain("demo", "demo-url", {}).code == "demo-url");
  CHECK_THROWS_AS(library.explain("demo", "no-such-code", {}), std::logic_error);
}

TEST_CASE("a code or system that is there twice makes no blob") {
  CHECK_THROWS_AS(write_blob({generic("a-b"), generic("a-b")}, {}), std::invalid_argument);
  CHECK_THROWS_AS(write_blob({}, {{}, {}}), std::invalid_argument);
}

TEST_CASE("a damaged blob is refused, and never read out of bounds") {
  const auto blob = sample();
  CHECK_THROWS_AS(Library{""}, std::runtime_error);
  CHECK_THROWS_AS(Library{"#!/bin/sh\n echo this is no blob at all"}, std::runtime_error);
  const auto read_all = [](const std::string& bytes) {
    try {
      const Library library{bytes};
      for (const auto& code : library.codes()) library.entry(code);
      for (const auto& system : library.systems()) library.description(system);
      library.explain("demo", "db-auth", {{"setting", "URL"}});
      return true;
    } catch (const std::runtime_error&) {
      return false;
    } catch (const std::logic_error&) {
      return false;
    }
  };
  CHECK(read_all(blob));
  for (std::size_t length = 0; length < blob.size(); length += 41) CHECK_FALSE(read_all(blob.substr(0, length)));
  for (std::size_t at = 0; at < blob.size(); at += at < 200 ? 1 : 7) {
    auto changed = blob;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    read_all(changed);
  }
}

TEST_CASE("the embedded library has every code of every page") {
  const Library library{embedded()};
  const auto known = library.codes();
  std::set<std::string> written;
  for (const auto& item : std::filesystem::directory_iterator{doctor::test::source_path("docs/guides")})
    if (item.path().extension() == ".md") written.merge(headings(item.path()));
  CHECK(std::set<std::string>{known.begin(), known.end()} == written);
  for (const auto& code : known) {
    const auto entry = library.entry(code);
    REQUIRE(entry.has_value());
    INFO(code);
    CHECK(entry->code == code);
    CHECK_FALSE(entry->title.empty());
    CHECK_FALSE(entry->fix.empty());
    CHECK_FALSE(entry->verify.empty());
  }
}

TEST_CASE("every embedded description can be decoded") {
  const Library library{embedded()};
  REQUIRE_FALSE(library.systems().empty());
  for (const auto& name : library.systems()) CHECK(library.description(name)->name == name);
}
