#include "render/explain.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "guides/blob.hpp"
#include "render/wrap.hpp"
#include "support/catch.hpp"
#include "util/text.hpp"

using namespace doctor;

namespace {

guides::Entry sample() {
  guides::Entry entry;
  entry.code = "demo-auth-failed";
  entry.guide = "demo";
  entry.system = "demo";
  entry.title = "PostgreSQL refuses {user}";
  entry.severity = "error";
  entry.explains = {{"database-auth-failed", {{"setting", {"A", "B"}}}}};
  entry.symptom =
      "The log of `{container}` says that the password is wrong, again and again, until somebody looks at it.";
  entry.cause = "- first\n- second";
  entry.fix = {
      {"text", "Say it first.", "", "", "", ""},
      {"command",
       "docker inspect --format '{{{{.State.ExitCode}}}}' {container} --and-a-line-that-is-longer-than-eighty-columns "
       "--so-it-must-not-be-wrapped",
       "sh", "", "host", "disruptive"},
      {"edit", "DB_PASSWORD=new", "env", "{env_file}", "host", "safe"}};
  entry.verify = "# nothing fails\ndoctor check --only database";
  return entry;
}

std::string explained(const guides::Entry& entry, bool colour = false) {
  std::ostringstream out;
  render::Style style;
  style.colour = colour;
  render::explain(entry, style, out);
  return out.str();
}

bool has_line(const std::string& text, const std::string& line) {
  for (const auto& each : util::split(text, '\n'))
    if (each == line) return true;
  return false;
}

std::string listed(const std::string& blob, bool json) {
  std::ostringstream out;
  render::list_entries(guides::Library{blob}, json, out);
  return out.str();
}

}  // namespace

TEST_CASE("an entry is printed in the order of its sections") {
  const auto text = explained(sample());
  std::size_t last = 0;
  for (const auto* heading :
       {"demo-auth-failed", "\nSymptom\n", "\nCause\n", "\nFix\n", "\nVerify\n", "\nExplains\n"}) {
    const auto at = text.find(heading);
    INFO(heading << "\n" << text);
    REQUIRE(at != std::string::npos);
    CHECK(at >= last);
    last = at;
  }
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(has_line(text, "  doctor check --only database"));
  CHECK(has_line(text, "  - database-auth-failed when setting is A or B"));
}

TEST_CASE("prose is wrapped, commands are not") {
  const auto text = explained(sample());
  INFO(text);
  for (const auto& line : util::split(text, '\n'))
    if (line.find("docker inspect") == std::string::npos) CHECK(render::display_width(line) <= 80);
  CHECK(has_line(text,
                 "    docker inspect --format '{{.State.ExitCode}}' <container> "
                 "--and-a-line-that-is-longer-than-eighty-columns --so-it-must-not-be-wrapped"));
}

TEST_CASE("placeholders are shown as names") {
  const auto text = explained(sample());
  CHECK(text.find("PostgreSQL refuses <user>") != std::string::npos);
  CHECK(text.find("<env_file>") != std::string::npos);
  CHECK(text.find("{container}") == std::string::npos);
}

TEST_CASE("colour is used only when it is wanted, and changes no word") {
  const auto coloured = explained(sample(), true);
  CHECK(coloured.find("\x1b[") != std::string::npos);
  std::string plain;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\x1b')
      i = coloured.find('m', i);
    else
      plain += coloured[i];
  }
  CHECK(plain == explained(sample()));
}

TEST_CASE("an entry says how it is detected, or why it is not") {
  auto entry = sample();
  CHECK(explained(entry).find("etected") == std::string::npos);
  entry.reason = "It leaves no trace.";
  CHECK(has_line(explained(entry), "Not detected"));
  entry.detection = "database,log";
  CHECK(has_line(explained(entry), "Detected by"));
  CHECK(has_line(explained(entry), "  database, log"));
}

TEST_CASE("what a user's page smuggles in never reaches the terminal raw") {
  auto entry = sample();
  entry.cause = "a\x1b[2Jb";
  entry.fix[1].text = "echo \x1b]0;x\x07";
  entry.verify = "true \x1b[31m";
  CHECK(explained(entry).find('\x1b') == std::string::npos);
}

TEST_CASE("entries are listed as JSON") {
  auto generic = sample();
  generic.code = "database-auth-failed";
  generic.guide = "database";
  generic.system = "";
  generic.explains.clear();
  generic.detection = "database";
  const auto blob = guides::write_blob({sample(), generic}, {});
  const auto list = nlohmann::json::parse(listed(blob, true));
  REQUIRE(list.size() == 2);
  CHECK(list[0] == nlohmann::json{{"code", "database-auth-failed"},
                                  {"guide", "database"},
                                  {"system", ""},
                                  {"severity", "error"},
                                  {"title", "PostgreSQL refuses {user}"},
                                  {"detection", "database"},
                                  {"reason", ""}});
  CHECK(list[1]["system"] == "demo");
}

TEST_CASE("entries are listed as tables by guide") {
  auto other = sample();
  other.code = "demo-x";
  other.detection = "log";
  const auto blob = guides::write_blob({sample(), other}, {});
  const auto text = listed(blob, false);
  INFO(text);
  CHECK(text.starts_with("demo\n"));
  CHECK(has_line(text, "  demo-auth-failed  error    -    PostgreSQL refuses <user>"));
  CHECK(has_line(text, "  demo-x            error    log  PostgreSQL refuses <user>"));
}

TEST_CASE("an entry of the user's own says where it is from") {
  auto own = sample();
  own.origin = "/srv/\x1b[31mguides";
  own.reason = "from " + own.origin;
  const auto text = explained(own);
  INFO(text);
  CHECK(text.find("From\n  /srv/\\x1b[31mguides\n") != std::string::npos);
  CHECK(text.find("Not detected") == std::string::npos);
  const auto blob = guides::write_blob({own}, {});
  CHECK(listed(blob, false).starts_with("demo (from /srv/\\x1b[31mguides)\n"));
  CHECK(listed(blob, true).find('\x1b') == std::string::npos);
  CHECK(nlohmann::json::parse(listed(blob, true)).at(0).at("reason") == own.reason);
}

TEST_CASE("an empty library lists nothing") {
  const auto blob = guides::write_blob({}, {});
  CHECK(listed(blob, false).empty());
  CHECK(nlohmann::json::parse(listed(blob, true)).empty());
}

TEST_CASE("code in prose stands in backticks, and in colour where there is any") {
  CHECK(explained(sample()).find("log of `<container>` says") != std::string::npos);
  CHECK(explained(sample(), true).find("log of \x1b[36m`<container>`\x1b[0m says") != std::string::npos);
}

TEST_CASE("a line of a log is wrapped when it does not fit, and keeps its blanks when it does") {
  auto entry = sample();
  entry.symptom = "It says\n\n```\nshort  line\n" + std::string(20, 'a') + " " + std::string(30, 'b') + " " +
                  std::string(30, 'c') + "\n```\n";
  const auto text = explained(entry);
  INFO(text);
  CHECK(has_line(text, "    short  line"));
  CHECK(has_line(text, "    " + std::string(20, 'a') + " " + std::string(30, 'b')));
  CHECK(has_line(text, "      " + std::string(30, 'c')));
}

TEST_CASE("a guide in a locale without UTF-8 is ASCII") {
  auto entry = sample();
  entry.title = "one \u2014 two";
  entry.cause = "a \u2192 b\u2026 \u2018c\u2019 \u20ac";
  entry.verify = "# \u2265 3";
  const auto text = explained(entry);
  CHECK(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  CHECK(has_line(text, "one - two"));
  CHECK(has_line(text, "  a -> b... 'c' ?"));
  CHECK(has_line(text, "  # >= 3"));
}
