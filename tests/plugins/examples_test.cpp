// The examples of the documentation, run and read as doctor does.

#include <sys/stat.h>
#include <utime.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "plugins/protocol.hpp"
#include "probes/program.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"

using namespace doctor;
using namespace std::chrono_literals;

namespace {

const std::string docs = doctor::test::source_path("docs/");

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "doctor-test-XXXXXX";
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string path;
};

std::string said(const std::string& program, const std::string& verb, const std::string& input = {},
                 const std::string& directory = {}) {
  const auto end =
      probes::run_program({docs + "examples/plugins/" + program, {verb}, input, directory}, Deadline::after(10s));
  REQUIRE(end);
  INFO(end->err);
  REQUIRE(end->exit_code == 0);
  return end->out;
}

std::string found(const std::string& printed, const plugins::Description& description) {
  const auto verdict = plugins::read_verdict(printed, description);
  INFO(printed);
  REQUIRE(verdict);
  std::string text;
  for (const auto& told : verdict->findings) text += told.finding.code + " " + told.finding.subject + " ";
  for (const auto& item : verdict->healthy) text += "healthy " + item.subject + " ";
  return text;
}

std::vector<std::string> json_blocks(const std::string& page) {
  std::ifstream file{docs + page};
  std::ostringstream all;
  all << file.rdbuf();
  const auto text = all.str();
  std::vector<std::string> blocks;
  const std::string fence = "```json\n";
  for (auto at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    const auto end = text.find("```", at + fence.size());
    blocks.push_back(text.substr(at + fence.size(), end - at - fence.size()));
    at = end;
  }
  return blocks;
}

}  // namespace

TEST_CASE("the example in shell") {
  const auto description = plugins::read_description(said("doctor-check-backup-age.sh", "describe"));
  REQUIRE(description);
  CHECK(description->id == "backup-age");
  const TemporaryDirectory directory;
  const auto run = [&] { return found(said("doctor-check-backup-age.sh", "run", "{}", directory.path), *description); };
  CHECK(run() == "plugin-backup-age-none plugin:backup-age ");
  mkdir((directory.path + "/backups").c_str(), 0755);
  std::ofstream{directory.path + "/backups/all.sql"} << "x";
  CHECK(run() == "healthy plugin:backup-age ");
  const utimbuf old{std::time(nullptr) - 3 * 86'400, std::time(nullptr) - 3 * 86'400};
  REQUIRE(utime((directory.path + "/backups/all.sql").c_str(), &old) == 0);
  CHECK(run() == "plugin-backup-age-old plugin:backup-age ");
}

TEST_CASE("the example in Python") {
  if (!std::filesystem::exists("/usr/bin/python3")) return;
  const auto description = plugins::read_description(said("doctor-check-port-range.py", "describe"));
  REQUIRE(description);
  Deployment deployment;
  const auto run = [&] {
    return found(said("doctor-check-port-range.py", "run", plugins::input_for(deployment)), *description);
  };
  CHECK(run() == "healthy plugin:port-range ");
  Setting port;
  port.service = "web";
  port.name = "LISTEN_ADDR";
  port.configured = Value::plain("0.0.0.0:80");
  deployment.settings = {port};
  CHECK(run().find("plugin-port-range-privileged setting:web/LISTEN_ADDR") == 0);
}

TEST_CASE("the documents of docs/plugins.md are what doctor reads and writes") {
  const auto blocks = json_blocks("plugins.md");
  REQUIRE(blocks.size() == 3);
  const auto description = plugins::read_description(blocks[0]);
  REQUIRE(description);
  CHECK(found(blocks[2], *description) == "plugin-backup-age-old volume:backup healthy disk:backup ");
  const auto shown = nlohmann::json::parse(blocks[1]);
  const auto real = nlohmann::json::parse(plugins::input_for(Deployment{}));
  for (const auto& [name, value] : real.at("deployment").items()) {
    INFO(name);
    CHECK(shown.at("deployment").contains(name));
  }
}
