// What doctor writes of a live installation is what the published schemas say, and no more than they say.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "docs/pages.hpp"
#include "docs/published.hpp"
#include "lab/check.hpp"
#include "lab/lab.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"
#include "util/text.hpp"

namespace doctor::lab {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Faults = std::vector<std::string>;

const std::vector<std::string> names{"report", "diff", "plan", "plugin"};

Faults faults(const json& document, const std::string& name) {
  return test::published_faults(document, name);
}

CommandResult doctor_run(Arguments arguments, const CommandOptions& options = {}) {
  arguments.insert(arguments.begin(), doctor_binary());
  return run(arguments, options);
}

json document_of(const CommandResult& result, int exit) {
  INFO(result.out << result.err);
  REQUIRE(result.exit == exit);
  auto document = json::parse(result.out, nullptr, false);
  REQUIRE(document.is_object());
  return document;
}

/// A database that refuses the password, a log level that is put up with, and the plugins of the documentation.
struct Broken {
  ChatalotLab lab{shared_postgres()};
  Directory around{"around"};

  Broken() {
    lab.set("RUST_LOG", "debug").start();
    for (const auto& plugin : fs::directory_iterator{test::source_path("docs/examples/plugins")})
      around.write("plugins/" + plugin.path().filename().string(), read_file(plugin.path()), 0755);
    around.write("plugins/doctor-check-listener.sh",
                 "#!/bin/sh\n[ \"$1\" = run ] && cat >" + around.path("told.json") +
                     "\necho '{\"schema\": \"doctor-plugin/v1\", \"id\": \"listener\", \"title\": \"It listens\", "
                     "\"unexamined\": [{\"subject\": \"plugin:listener\", \"reason\": \"it only listens\"}]}'\n",
                 0755);
    lab.directory().write("doctor.ignore.yaml",
                          "- code: env-value-noisy\n  reason: for this week\n  expires: 2999-12-31\n");
  }
  ~Broken() { heal(); }
  Broken(const Broken&) = delete;
  Broken& operator=(const Broken&) = delete;

  void harm() {
    lab.postgres().sql("ALTER ROLE chatalot PASSWORD 'another-one-for-a-while'");
    lab.postgres().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'chatalot'");
  }
  void heal() { lab.postgres().sql("ALTER ROLE chatalot PASSWORD '" + lab.password() + "'"); }

  CommandResult examine(const std::string& command, Arguments more) const {
    more.insert(more.begin(), {command, lab.directory().path()});
    return doctor_run(more);
  }
};

const json* finding(const json& report, const std::string& entry) {
  for (const auto& one : report.at("findings"))
    if (one.at("entry") == entry) return &one;
  return nullptr;
}

}  // namespace

TEST_CASE("what is written about a live installation is what the schemas say", "[schema]") {
  Broken broken;
  const auto& around = broken.around;
  const auto before = around.path("before.json");
  REQUIRE(broken.examine("check", {"--format", "json", "--output", before}).exit == 0);
  CHECK(faults(json::parse(read_file(before)), "report") == Faults{});

  broken.harm();
  const auto bundle = around.path("bundle.tar.gz");
  const auto report = document_of(
      broken.examine("check", {"--format", "json", "--wait", "1s", "--interval", "200ms", "--timings", "--plugins",
                               around.path("plugins"), "--baseline", before, "--bundle", bundle}),
      1);
  CHECK(faults(report, "report") == Faults{});
  REQUIRE(finding(report, "chatalot-database-auth-failed") != nullptr);
  CHECK(finding(report, "chatalot-database-auth-failed")->at("baseline") == false);
  CHECK(finding(report, "plugin-backup-age-none") != nullptr);
  CHECK_FALSE(report.at("run").at("wait").at("starting").empty());
  CHECK(report.at("run").contains("timings"));
  CHECK(report.at("baseline").at("file") == before);
  CHECK_FALSE(report.at("timeline").empty());
  CHECK(report.at("summary").at("ignored") > 0);
  CHECK_FALSE(report.at("unexamined").empty());

  const auto told = json::parse(read_file(around.path("told.json")));
  CHECK(faults(told, "plugin") == Faults{});
  CHECK_FALSE(told.at("deployment").at("settings").empty());

  const auto what_if = document_of(doctor_run({"analyze", bundle, "--format", "json", "--set", "RUST_LOG=info", "--set",
                                               "JWT_PRIVATE_KEY_PATH=/nowhere"}),
                                   1);
  CHECK(faults(what_if, "report") == Faults{});
  CHECK(what_if.at("run").contains("recording"));
  CHECK(what_if.at("what_if").at("changes").size() == 2);

  const auto diff = document_of(doctor_run({"diff", before, bundle, "--format", "json"}), 1);
  CHECK(faults(diff, "diff") == Faults{});
  CHECK_FALSE(diff.at("new").empty());

  const auto plan = document_of(broken.examine("plan", {"--format", "json", "--plugins", around.path("plugins")}), 0);
  CHECK(faults(plan, "plan") == Faults{});
  CHECK(plan.at("parts").size() > 5);
}

TEST_CASE("what the examples of plugins say is what the schema says", "[schema]") {
  const Directory directory;
  for (const auto& plugin : fs::directory_iterator{test::source_path("docs/examples/plugins")})
    for (const auto* verb : {"describe", "run"}) {
      const auto input =
          R"({"schema": "doctor-plugin/v1", "deployment": {"settings": [)"
          R"({"subject": "setting:web/PORT", "service": "web", "name": "PORT", "role": "", "value": "80"}]}})";
      directory.write("input.json", input);
      CommandOptions options;
      options.directory = directory.path();
      const auto said = run({"/bin/sh", "-c", "exec \"$0\" \"$1\" <input.json", plugin.path().string(), verb}, options);
      INFO(plugin.path() << " " << verb << "\n" << said.out << said.err);
      REQUIRE(said.exit == 0);
      CHECK(faults(json::parse(said.out), "plugin") == Faults{});
    }
}

TEST_CASE("documents that the pages show are what the schemas say", "[schema]") {
  int shown = 0;
  for (const auto& page : test::pages())
    for (const auto& block : page.blocks) {
      if (block.info != "json") continue;
      const auto document = json::parse(block.text, nullptr, false);
      INFO(page.name << ":" << block.line);
      CHECK_FALSE(document.is_discarded());
      if (!document.is_object() || !document.contains("schema")) continue;
      const auto name = util::split(document.at("schema").get<std::string>().substr(7), '/').front();
      CHECK(faults(document, name) == Faults{});
      ++shown;
    }
  CHECK(shown >= 4);
}

TEST_CASE("doctor schema prints what is published", "[schema]") {
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator{test::source_path("docs/json-schema")})
    files.insert(entry.path().filename().string());
  const auto list = util::split(doctor_run({"schema"}).out, '\n');
  REQUIRE(list.size() == names.size() + 1);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto result = doctor_run({"schema", names[i]});
    CHECK(result.exit == 0);
    CHECK(result.out == test::published_schema(names[i]));
    CHECK(list[i].starts_with(names[i] + " "));
    CHECK(list[i].find(json::parse(result.out).at("title").get<std::string>()) != std::string::npos);
    files.erase(names[i] + "-v1.json");
  }
  CHECK(files.empty());
  const Directory directory;
  CHECK(doctor_run({"schema", "plan", "--output", directory.path("plan.json")}).out.empty());
  CHECK(directory.read("plan.json") == test::published_schema("plan"));
  const auto wrong = doctor_run({"schema", "reprot"});
  CHECK(wrong.exit == 2);
  CHECK(wrong.out.empty());
  CHECK(doctor_run({"__complete", "--", "schema", "re"}).out == "report\n:\n");
}

}  // namespace doctor::lab
