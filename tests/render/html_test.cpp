// The page, and what a browser makes of it.

#include <openssl/evp.h>

#include <array>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "render/html_assets.hpp"
#include "render/html_text.hpp"
#include "render/render.hpp"
#include "support/catch.hpp"
#include "support/scripted_server.hpp"
#include "tests/render/hostile_report.hpp"
#include "tests/render/judge.hpp"

using doctor::diagnosis::Report;
using doctor::test::judged;
using doctor::test::Scratch;

namespace {

std::string printed(const Report& report) {
  std::ostringstream out;
  doctor::render::html(report, {}, out);
  return out.str();
}

/// As a Content-Security-Policy names it.
std::string hash_source(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::array<unsigned char, 64> base64{};
  EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(length));
  return "'sha256-" + std::string{reinterpret_cast<const char*>(base64.data())} + "'";
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

/// What headless Chromium says and makes of a file.
struct Page {
  std::string document;  ///< after scripts have run
  std::string console;   ///< messages of the page, refused loads included
};

Page opened(const Scratch& scratch, const std::string& name, const std::string& html, int width = 1000) {
  const auto file = scratch.write(name + ".html", html);
  const auto log = scratch.path() + "/" + name + ".log";
  // --no-sandbox: the tests run as root. The page is a file of our own making.
  const auto said = judged(
      "timeout 60 chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars "
      "--no-first-run --disable-background-networking --disable-component-update --disable-sync "
      "--enable-logging=stderr --user-data-dir=" +
      scratch.path() + "/profile --window-size=" + std::to_string(width) + ",900 --dump-dom file://" + file + " 2> " +
      log);
  REQUIRE(said.exit == 0);
  return {said.said, judged("grep CONSOLE " + log).said};
}

/// The page in a frame of that width, and a script beside it that writes down how wide the page became: a window is
/// never as narrow as a telephone.
std::string measuring(const std::string& html, int width) {
  return "<!doctype html><iframe style=\"border:0\" width=\"" + std::to_string(width) + "\" height=\"900\" srcdoc=\"" +
         doctor::render::html_lines(html) +
         "\"></iframe><script>onload = () => { document.documentElement.dataset.width = "
         "document.querySelector('iframe').contentDocument.documentElement.scrollWidth; };</script>";
}

std::string address_of(const doctor::test::ScriptedServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port());
}

}  // namespace

TEST_CASE("the policy allows the style sheet and the script of the page and nothing else", "[html]") {
  using doctor::render::html_policy;
  CHECK(std::string{html_policy} == "default-src 'none'; style-src " + hash_source(doctor::render::html_style) +
                                        "; script-src " + hash_source(doctor::render::html_script) +
                                        "; base-uri 'none'; form-action 'none'");
  for (const char* load : {"url(", "@import", "http", "fetch", "XMLHttp", "innerHTML", "eval"}) {
    INFO(load);
    CHECK(doctor::render::html_style.find(load) == std::string_view::npos);
    CHECK(doctor::render::html_script.find(load) == std::string_view::npos);
  }
}

TEST_CASE("the page consists of tags of its own, whatever the report says", "[html]") {
  static const std::set<std::string> known{
      "!doctype", "html", "head", "meta",    "title",   "style", "body",   "main",    "header",  "p",     "svg",
      "path",     "h1",   "h2",   "h3",      "strong",  "span",  "dl",     "div",     "dt",      "dd",    "ol",
      "ul",       "li",   "a",    "section", "article", "code",  "pre",    "details", "summary", "table", "thead",
      "tbody",    "tr",   "th",   "td",      "rect",    "time",  "footer", "script"};
  for (const auto& report : {report_fixture(), hostile_report()}) {
    const auto page = printed(report);
    CHECK(count(page, "<script") == 1);
    CHECK(count(page, "</script") == 1);
    CHECK(count(page, "<style") == 1);
    const auto body = page.substr(page.find("<body>"), page.rfind("<script>") - page.find("<body>"));
    const std::regex tag{"<(/?)([^ >]*)([^>]*)>"};
    for (std::sregex_iterator it{body.begin(), body.end(), tag}, end; it != end; ++it) {
      INFO(it->str());
      CHECK(known.count((*it)[2]) == 1);
      CHECK_FALSE(std::regex_search((*it)[3].str(), std::regex{" on[a-z]+=|src=|style=|href=\"[^#]"}));
    }
    CHECK(count(body, "<article") == 2);
  }
}

TEST_CASE("the page says what the report for people says", "[html]") {
  const auto page = printed(report_fixture());
  for (const char* part : {"2 root causes", "PostgreSQL refuses the password", "docker-compose.yml:14", "disk:docker",
                           "permission denied", "1 problem follows from it", "Every setting is well.", "28P01"})
    CHECK(page.find(part) != std::string::npos);
  CHECK(page.find("DATABASE_URL=postgres") == std::string::npos);  // an edit without effect
  CHECK(printed(healthy_report()).find("<h1>No fault found.</h1>") != std::string::npos);
  CHECK(printed(interrupted_report()).find("The run was not complete") != std::string::npos);
}

TEST_CASE("in a browser the page complains of nothing and nothing in the report runs or loads", "[html][browser]") {
  if (!doctor::test::judge_is_there("chromium")) return;
  const Scratch scratch;
  const doctor::test::ScriptedServer server{doctor::test::closing()};
  const auto address = address_of(server);
  for (const auto& report : {report_fixture(), hostile_report(address)}) {
    const auto page = opened(scratch, "page", printed(report));
    CHECK(page.console == "");
    CHECK(page.document.find("<title>doctor: ") != std::string::npos);
    CHECK(page.document.find("<title>owned") == std::string::npos);
    CHECK(count(page.document, "<button") > 1);  // the page's own script ran
    CHECK(count(page.document, "<img") == 0);
  }
  CHECK(server.connections() == 0);
  // What the same words do where nobody escapes them.
  const auto careless = opened(scratch, "careless", "<!doctype html><title>x</title>" + hostile_text(address));
  CHECK(careless.document.find("<title>owned") != std::string::npos);
  CHECK(server.connections() > 0);
}

TEST_CASE("the page fits a telephone", "[html][browser]") {
  if (!doctor::test::judge_is_there("chromium")) return;
  const Scratch scratch;
  auto wide = report_fixture();
  wide.problems[0].fix[0].command = "docker exec " + std::string(300, 'x');
  wide.problems[0].evidence.push_back({"value", std::string(300, 'y'), std::string(200, 'z'), "host"});
  wide.problems[0].subject = "endpoint:" + std::string(200, 's');
  const auto fits = [&](const std::string& html, int width) {
    const auto page = opened(scratch, "fits", measuring(html, width), 1500);
    return page.document.find("data-width=\"" + std::to_string(width) + "\"") != std::string::npos;
  };
  for (const int width : {360, 800, 1400}) {
    INFO(width);
    CHECK(fits(printed(wide), width));
    CHECK(fits(printed(hostile_report()), width));
  }
  CHECK_FALSE(fits("<!doctype html><p style=\"width:900px\">x</p>", 360));
}
