// The command line of the finished binary: wrong usage, every option, signals, and outputs that cannot be written.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "cli/hanging.hpp"
#include "lab/files_case.hpp"
#include "support/catch.hpp"
#include "support/places.hpp"
#include "support/sanitized.hpp"

namespace doctor::lab {
namespace {

namespace fs = std::filesystem;

CommandResult doctor_run(Arguments arguments, const CommandOptions& options = {}) {
  arguments.insert(arguments.begin(), doctor_binary());
  return run(arguments, options);
}

void expect_refused(const Arguments& arguments, const std::string& words) {
  const auto result = doctor_run(arguments);
  INFO(arguments.back() << "\n" << result.err);
  CHECK(result.exit == 2);
  CHECK(result.out.empty());
  CHECK(result.err.find(words) != std::string::npos);
  expect_clean(result.err, "standard error");
}

void expect_partial_report(int signal) {
  const Hanging hanging;
  Child child{hanging.command({"--format", "json"}), {}};
  REQUIRE(hanging.is_asked());
  const auto sent = std::chrono::steady_clock::now();
  child.send(signal);
  const auto result = child.wait(std::chrono::seconds{20});
  const auto took = std::chrono::steady_clock::now() - sent;
  if (!test::is_sanitized) CHECK(took < std::chrono::seconds{1});
  CHECK(result.signal == 0);
  CHECK(result.exit == 128 + signal);
  const auto report = nlohmann::json::parse(result.out, nullptr, false);
  REQUIRE(report.is_object());
  CHECK(report.at("run").at("complete") == false);
  CHECK_FALSE(report.at("unexamined").empty());
  CHECK(report.at("summary").at("exit_code") == result.exit);
}

}  // namespace

TEST_CASE("wrong usage is exit 2 with a message", "[usage]") {
  const FilesCase files;
  const auto& here = files.directory().path();
  expect_refused({"check", here + "/nowhere"}, "nowhere");
  expect_refused({"check", here + "/.env"}, ".env");
  expect_refused({"check", here, "--frmat", "json"}, "--format");
  expect_refused({"check", here, "--format", "yaml"}, "yaml");
  expect_refused({"check", here, "--only", "databse"}, "database");
  expect_refused({"check", here, "--skip", "databse"}, "database");
  expect_refused({"check", here, "--system", "chatlot"}, "chatalot");
  expect_refused({"check", here, "--timeout", "soon"}, "soon");
  expect_refused({"check", here, "--fail-on", "disaster"}, "disaster");
  expect_refused({"check", here, "--ignore", "database-refusd"}, "database-refused");
  expect_refused({"check", here, "--baseline", here + "/nowhere.json"}, "nowhere.json");
  expect_refused({"check", here, "--guides", here + "/nowhere"}, "nowhere");
  expect_refused({"check", here, "--guides", ""}, "--guides");
  expect_refused({"check", here, "--watch"}, "--watch");
  expect_refused({"check", here, "--interval", "soon"}, "soon");
  expect_refused({"check", here, here}, "");
  expect_refused({"examine", here}, "examine");
  expect_refused({"explain", "no-such-code"}, "no-such-code");
  expect_refused({"list", "dragons"}, "dragons");
  expect_refused({"check", here, "--\x1b[31m"}, "\\x1b");
  expect_refused({"check", here, "--junit"}, "--format junit");
  expect_refused({"analyze", here, "--wait", "2m"}, "option of check");
  expect_refused({"analyze", here}, "doctor check");
  expect_refused({"check", here + "/docker-compose.yml"}, "is a file");
  expect_refused({"analyze"}, "doctor analyze --help");
  expect_refused({"bundle", here, "-o", "-"}, "'-'");
  expect_refused({"check", here, "--bundle", "-"}, "'-'");
}

TEST_CASE("an empty directory is exit 2 with a message", "[usage]") {
  const Directory empty;
  expect_refused({"check", empty.path()}, "nothing");
}

TEST_CASE("every option of check is taken", "[usage]") {
  const FilesCase files;
  const auto& directory = files.directory();
  directory.write("nginx.conf", "events {}\n");
  directory.write("guides/shop.md", read_file(test::source_path("docs/examples/shop/guides/shop.md")));
  const auto baseline = directory.parent() + "/baseline.json";
  REQUIRE(doctor_run({"check", directory.path(), "--format", "json", "--output", baseline}).exit != 2);
  const std::vector<Arguments> options{
      {"--system", "chatalot"},
      {"--env-file", directory.path(".env")},
      {"--compose-file", directory.path("docker-compose.yml")},
      {"--project-name", "elsewhere"},
      {"--profile", "turn"},
      {"--set", "chatalot.REGISTRATION_MODE=open"},
      {"--url", "http://127.0.0.1:" + std::to_string(free_port())},
      {"--env-from-process"},
      {"--format", "human"},
      {"--output", directory.parent() + "/report"},
      {"--report", "markdown=" + directory.parent() + "/report.md"},
      {"--color", "always"},
      {"--verbose"},
      {"--quiet"},
      {"--only", "env,jwt"},
      {"--skip", "database"},
      {"--proxy-config", directory.path("nginx.conf")},
      {"--fail-on", "never"},
      {"--allow-incomplete"},
      {"--offline"},
      {"--deep"},
      {"--no-progress"},
      {"--timeout", "20s"},
      {"--check-timeout", "5s"},
      {"--ignore", "database-refused"},
      {"--baseline", baseline},
      {"--bundle", directory.parent() + "/bundle.tar.gz"},
      {"--wait", "1s"},
      {"--interval", "1s"},
      {"--plugins", directory.path()},
      {"--guides", directory.path("guides")},
      {"--nagios", "nothing=/bin/true"},
      {"--no-plugins"},
      {"--timings"},
  };
  const auto help = doctor_run({"check", "--help"}).out;
  std::size_t described = 0;
  for (auto at = help.find("\n  -"); at != std::string::npos; at = help.find("\n  -", at + 1)) ++described;
  INFO(help);
  CHECK(described == options.size() + 2);  // and --watch, which needs a terminal, --from
  for (const auto& option : options) {
    Arguments arguments{"check", directory.path()};
    arguments.insert(arguments.end(), option.begin(), option.end());
    const auto result = doctor_run(arguments);
    INFO(option.front() << "\n" << result.out << result.err);
    CHECK(help.find(option.front()) != std::string::npos);
    CHECK(result.signal == 0);
    CHECK(result.exit != 2);
  }
}

TEST_CASE("an option can be an environment variable", "[usage]") {
  const FilesCase files;
  CommandOptions options;
  options.environment =
      Environment{{"PATH", "/usr/bin"}, {"DOCTOR_FORMAT", "json"}, {"DOCTOR_ALLOW_INCOMPLETE", "true"}};
  const auto result = doctor_run({"check", files.directory().path()}, options);
  INFO(result.err);
  CHECK(result.exit == 0);
  CHECK(nlohmann::json::parse(result.out, nullptr, false).is_object());
}

TEST_CASE("SIGINT ends the run with the partial report", "[signal]") {
  expect_partial_report(SIGINT);
}

TEST_CASE("SIGTERM ends the run with the partial report", "[signal]") {
  expect_partial_report(SIGTERM);
}

TEST_CASE("--timeout ends a run that hangs", "[signal]") {
  const Hanging hanging;
  const auto result = run(hanging.command({"--format", "json", "--timeout", "1s"}));
  if (!test::is_sanitized) CHECK(result.wall < std::chrono::milliseconds{2000});
  CHECK((result.exit == 1 || result.exit == 3));
}

TEST_CASE("an output file is whole and private", "[output]") {
  const FilesCase files;
  const auto file = files.directory().parent() + "/report.json";
  const auto result = doctor_run({"check", files.directory().path(), "--format", "json", "--output", file});
  CHECK(result.exit == 3);
  CHECK(result.out.empty());
  CHECK(nlohmann::json::parse(read_file(file), nullptr, false).is_object());
  CHECK((fs::status(file).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("-o - is standard output", "[output]") {
  const FilesCase files;
  const Directory elsewhere{"elsewhere"};
  CommandOptions options;
  options.directory = elsewhere.path();
  const auto result = doctor_run({"check", files.directory().path(), "--format", "json", "-o", "-"}, options);
  CHECK(nlohmann::json::parse(result.out, nullptr, false).is_object());
  CHECK(fs::is_empty(elsewhere.path()));
}

TEST_CASE("an output that cannot be written fails and leaves nothing", "[output]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  const auto target = outputs.path("full");
  const bool device = ::mknod(target.c_str(), S_IFCHR | 0600, makedev(1, 7)) == 0;
  if (!device) fs::create_directory(target);
  for (const auto& output : {target, outputs.path(), outputs.path("missing/report")}) {
    const auto result = doctor_run({"check", files.directory().path(), "--allow-incomplete", "--output", output});
    INFO(output << "\n" << result.err);
    CHECK(result.exit != 0);
    CHECK_FALSE(result.err.empty());
  }
  CHECK(fs::is_character_file(target) == device);
  CHECK(std::distance(fs::directory_iterator{outputs.path()}, fs::directory_iterator{}) == 1);
}

TEST_CASE("a report that standard output does not take is no success", "[output]") {
  const FilesCase files;
  CommandOptions options;
  options.output = "/dev/full";
  CHECK(doctor_run({"check", files.directory().path(), "--allow-incomplete"}, options).exit != 0);
  CHECK(doctor_run({"list", "checks"}, options).exit != 0);
}

TEST_CASE("the small commands", "[usage]") {
  CHECK(doctor_run({"version"}).exit == 0);
  CHECK(doctor_run({"--version"}).exit == 0);
  CHECK(doctor_run({"--help"}).exit == 0);
  CHECK(doctor_run({"list", "checks"}).out.find("database") != std::string::npos);
  CHECK(doctor_run({"list", "systems"}).out.find("chatalot") != std::string::npos);
  const auto entries = nlohmann::json::parse(doctor_run({"list", "entries", "--format", "json"}).out, nullptr, false);
  REQUIRE(entries.is_array());
  CHECK(entries.size() > 150);
  const auto explained = doctor_run({"explain", "chatalot-database-auth-failed"});
  CHECK(explained.exit == 0);
  CHECK(explained.out.find("PostgreSQL") != std::string::npos);
}

TEST_CASE("config shows chains and hides secrets", "[usage]") {
  FilesCase files;
  const auto result = doctor_run({"config", files.directory().path()});
  CHECK(result.exit == 0);
  CHECK(result.out.find("TOTP_ENCRYPTION_KEY") != std::string::npos);
  CHECK(result.out.find("docker-compose.yml:") != std::string::npos);
  files.secrets().expect_absent(result.out, "config");
  const auto json = doctor_run({"config", files.directory().path(), "--format", "json"});
  CHECK(nlohmann::json::parse(json.out, nullptr, false).is_object());
  files.secrets().expect_absent(json.out, "config, json");
}

}  // namespace doctor::lab
