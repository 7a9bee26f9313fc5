// The YAML of the documentation: files that doctor reads are given to it, pipelines are what their tools can read.

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <regex>
#include <set>

#include "docs/commands.hpp"
#include "docs/pages.hpp"
#include "lab/check.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"
#include "util/text.hpp"

namespace doctor::lab {
namespace {

using test::Block;
using test::Page;

std::string indented(const std::string& text, const std::string& by) {
  std::string result;
  for (const auto& line : util::split(text, '\n')) result += line.empty() ? "\n" : by + line + "\n";
  return result;
}

/// A doctor.yaml that holds the block, which may be a whole one, a description as it is compiled in, or a piece of one:
/// keys of a service stand four blanks in, expectations six. Empty: it is none of these.
std::string as_doctor_yaml(const Block& block) {
  const auto node = YAML::Load(block.text);
  if (node.IsMap())
    for (const auto* key : {"options", "redact", "system"})
      if (node[key]) return block.text;
  const std::string settings =
      "      settings: {PAYMENTS_URL: {}, PAYMENTS_KEY: {}, LICENCE: {}}\n";  // that pieces name
  const bool has_settings = block.text.find("settings:") != std::string::npos;
  const auto service =
      "system:\n  name: shop\n  services:\n    shop:\n      port: 3000\n" + (has_settings ? std::string{} : settings);
  const auto blanks = block.text.find_first_not_of(' ');
  if (blanks == 6) return service + "      expect:\n" + indented(block.text, "  ");
  if (blanks == 4) return service + indented(block.text, "  ");
  if (node.IsMap() && node["name"] && node["recognise"]) return "system:\n" + indented(block.text, "  ");
  if (node.IsMap() && node["singletons"]) return "system:\n  name: shop\n" + indented(block.text, "  ");
  return {};
}

bool is_yaml(const Block& block) {
  return block.info == "yaml" || (block.info.empty() && block.text.starts_with("options:\n"));
}

std::vector<Page> pages_with_yaml() {
  auto all = test::pages();
  all.erase(
      std::remove_if(all.begin(), all.end(),
                     [](const Page& page) { return std::none_of(page.blocks.begin(), page.blocks.end(), is_yaml); }),
      all.end());
  return all;
}

/// A page of the user's own with the entries that a description names.
std::string page_for(const std::string& description) {
  static const std::regex named{R"re((?:else|outlived): (shop-[a-z0-9-]+))re"};
  std::set<std::string> codes{"shop-nothing"};
  for (std::sregex_iterator match{description.begin(), description.end(), named}, none; match != none; ++match)
    codes.insert(match->str(1));
  std::string page = "# The shop\n\nWhat goes wrong with it.\n";
  for (const auto& code : codes)
    page += "\n## " + code +
            "\n\n```doctor\ntitle: Something is wrong\nseverity: error\n```\n\n### Symptom\n\nx\n\n### Cause\n\nx\n\n"
            "### Fix\n\nx\n\n### Verify\n\n```sh\ntrue\n```\n";
  return page;
}

std::vector<std::string> commands_in(const std::string& info, const std::string& text) {
  Page page{"page", {{info, text, 1}}, {}};
  std::vector<std::string> found;
  for (const auto& shown : test::commands_of(page)) found.push_back(shown.text);
  return found;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("every doctor.yaml of the documentation is taken", "[examples]") {
  int taken = 0;
  for (const auto& page : pages_with_yaml())
    for (const auto& block : page.blocks) {
      if (!is_yaml(block)) continue;
      const auto text = as_doctor_yaml(block);
      if (text.empty()) continue;
      const Directory directory;
      directory.write("docker-compose.yml", "services:\n  shop:\n    image: shop\n    environment: {ROLE: all}\n");
      const bool is_of_the_user = text.find("nagios:") != std::string::npos;
      directory.write(is_of_the_user ? "home/doctor/doctor.yaml" : "doctor.yaml", text);
      CommandOptions options;
      options.environment = Environment{{"PATH", "/usr/bin:/bin"}, {"XDG_CONFIG_HOME", directory.path("home")}};
      directory.write("guides/shop.md", page_for(text));
      const auto result =
          run({doctor_binary(), "config", directory.path(), "--guides", directory.path("guides")}, options);
      INFO(page.name << ":" << block.line << "\n" << text << result.err);
      CHECK(result.exit == 0);
      CHECK(result.err.empty());
      ++taken;
    }
  CHECK(taken >= 12);
}

TEST_CASE("the doctor.ignore.yaml of the documentation is taken", "[examples]") {
  int taken = 0;
  for (const auto& page : pages_with_yaml())
    for (const auto& block : page.blocks) {
      if (!is_yaml(block) || !block.text.starts_with("- code: ")) continue;
      const Directory directory;
      directory.write("docker-compose.yml", "services:\n  shop:\n    image: shop\n");
      directory.write("doctor.ignore.yaml", block.text);
      const auto result = run({doctor_binary(), "check", directory.path(), "--only", "env", "--allow-incomplete"});
      INFO(page.name << ":" << block.line << "\n" << result.out << result.err);
      CHECK(result.exit == 0);
      ++taken;
    }
  CHECK(taken >= 1);
}

TEST_CASE("the pipelines of docs/ci.md are workflows of their services", "[examples]") {
  std::vector<YAML::Node> pipelines;
  for (const auto& page : pages_with_yaml())
    for (const auto& block : page.blocks)
      if (page.name == "docs/ci.md" && is_yaml(block)) pipelines.push_back(YAML::Load(block.text));
  REQUIRE(pipelines.size() == 2);
  const auto& github = pipelines.front();
  CHECK(github["on"]);
  for (const auto& job : github["jobs"]) {
    CHECK(job.second["runs-on"]);
    for (const auto& step : job.second["steps"])
      CHECK(static_cast<bool>(step["uses"]) != static_cast<bool>(step["run"]));
  }
  for (const auto& job : pipelines.back()) CHECK(job.second["script"].IsSequence());
}

TEST_CASE("what a page tells to type is found, however it is written", "[examples]") {
  CHECK(commands_in("sh", "cd /srv  # there\n# nothing\ndoctor check \\\n  --offline\n") ==
        Lines{"cd /srv", "doctor check --offline"});
  CHECK(commands_in("console", "$ ls\nx\n") == Lines{"ls"});
  CHECK(commands_in("", "doctor check\nready\n") == Lines{"doctor check"});
  CHECK(commands_in("", "build/release/doctor check\n./dev test\n") ==
        Lines{"build/release/doctor check", "./dev test"});
  CHECK(commands_in("yaml", "j: {script: [a, b], steps: [{run: 'c'}]}") == Lines{"a", "b", "c"});
  CHECK(commands_in("groovy", "steps { sh 'doctor check' }") == Lines{"doctor check"});
  CHECK(commands_in("text", "ExecStart=/usr/bin/doctor check\n") == Lines{"/usr/bin/doctor check"});
  CHECK(commands_in("text", "  command = [ \"doctor\", \"check\" ]\n") == Lines{"doctor check"});
  CHECK(commands_in("json", R"({"text": "Verify doctor check --only env\n  More doctor explain x"})") ==
        Lines{"doctor check --only env", "doctor explain x"});
  CHECK(commands_in("text", "doctor: after 0.1 s\nthe doctor checks\n").empty());
}

}  // namespace doctor::lab
