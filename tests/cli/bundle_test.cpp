// `doctor bundle` as an operator runs it: what it writes, what it never leaves behind, and what it refuses.

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "bundle/archive.hpp"
#include "bundle/manifest.hpp"
#include "bundle/sha256.hpp"
#include "lab/files_case.hpp"
#include "support/catch.hpp"
#include "support/sanitized.hpp"

namespace doctor::lab {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

CommandResult doctor_run(Arguments arguments, const CommandOptions& options = {}) {
  arguments.insert(arguments.begin(), doctor_binary());
  return run(arguments, options);
}

Environment plain(const Environment& more = {}) {
  Environment environment{{"PATH", "/usr/bin:/bin:/usr/sbin:/sbin"}, {"LANG", "C.UTF-8"}};
  environment.insert(environment.end(), more.begin(), more.end());
  return environment;
}

struct Read {
  std::map<std::string, std::string> members;
  bundle::Manifest manifest;
};

/// Everything of a bundle, held against its own sums. Fails the test when it is not whole.
Read read_whole(const std::string& file) {
  Read all;
  const auto read = bundle::read_archive(file, [&](const bundle::ArchiveMember& member) {
    auto& content = all.members[member.path];
    return member
        .bytes([&](std::string_view bytes) {
          content += bytes;
          return true;
        })
        .has_value();
  });
  INFO((read ? file : read.error()));
  REQUIRE(read.has_value());
  const auto manifest = bundle::manifest_from_json(all.members["manifest.json"]);
  REQUIRE(manifest.has_value());
  all.manifest = *manifest;
  for (const auto& member : manifest->members) CHECK(member.sha256 == bundle::Sha256::of(all.members.at(member.path)));
  CHECK(manifest->members.size() + 1 == all.members.size());
  return all;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{directory}) names.push_back(entry.path().filename());
  return names;
}

}  // namespace

TEST_CASE("a bundle holds report, answers, configuration and no secret", "[bundle]") {
  FilesCase files;
  const Directory outputs{"outputs"};
  const auto file = outputs.path("b.tar.gz");
  const auto result = doctor_run({"bundle", files.directory().path(), "-o", file, "--label", "ticket 42"});
  INFO(result.out << result.err);
  REQUIRE(result.exit == 0);
  expect_clean(result.out, "standard output");
  files.secrets().expect_absent(result.out + result.err, "output");
  CHECK(result.out.find(file) != std::string::npos);
  CHECK(result.out.find("doctor analyze") != std::string::npos);
  const auto read = read_whole(file);
  for (const auto* member : {"answers/deployment.json", "answers/tape.json", "config/.env", "config/docker-compose.yml",
                             "report/report.json", "report/report.md", "report/report.html", "redaction.json"})
    CHECK(read.members.count(member) == 1);
  for (const auto& [name, content] : read.members) {
    files.secrets().expect_absent(name, "name of a member");
    files.secrets().expect_absent(content, name);
  }
  CHECK(read.manifest.label == "ticket 42");
  CHECK(nlohmann::json::parse(read.members.at("report/report.json"), nullptr, false).at("schema") ==
        "doctor-report/v1");
  CHECK(nlohmann::json::parse(read.members.at("redaction.json"), nullptr, false).at("total") > 0);
  CHECK((fs::status(file).permissions() & fs::perms::all) == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(names_in(outputs.path()) == std::vector<std::string>{"b.tar.gz"});
}

TEST_CASE("a bundle has a name of its own, in the working directory", "[bundle]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  CommandOptions options;
  options.directory = outputs.path();
  options.environment = plain({{"SOURCE_DATE_EPOCH", "1767225600"}});
  const auto result = doctor_run({"bundle", files.directory().path(), "--only", "env"}, options);
  INFO(result.out << result.err);
  REQUIRE(result.exit == 0);
  CHECK(names_in(outputs.path()) == std::vector<std::string>{"doctor-chatalot-20260101T000000Z.tar.gz"});
  const auto packed = doctor_run({"bundle", files.directory().path(), "--only", "env", "--zstd", "--quiet"}, options);
  CHECK(packed.out == "doctor-chatalot-20260101T000000Z.tar.zst\n");
  CHECK(read_whole(outputs.path("doctor-chatalot-20260101T000000Z.tar.zst")).manifest.created ==
        "2026-01-01T00:00:00Z");
}

TEST_CASE("two bundles of the same state differ in times alone", "[bundle]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  CommandOptions options;
  options.environment = plain({{"SOURCE_DATE_EPOCH", "1767225600"}});
  std::vector<Read> read;
  for (const auto* name : {"first", "second"}) {
    const Arguments arguments{"bundle", files.directory().path(), "--only", "env,jwt", "--exclude", "host",
                              "-o",     outputs.path(name)};
    REQUIRE(doctor_run(arguments, options).exit == 0);
    read.push_back(read_whole(outputs.path(name)));
  }
  REQUIRE(read[0].members.size() == read[1].members.size());
  for (const auto& [name, content] : read[0].members) {
    if (name.starts_with("report/") || name.starts_with("answers/") || name == "manifest.json") continue;
    INFO(name);
    CHECK(content == read[1].members.at(name));
  }
  CHECK(read[0].members.at("answers/deployment.json") == read[1].members.at("answers/deployment.json"));
}

TEST_CASE("sections are chosen, and --estimate writes nothing", "[bundle]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  CommandOptions options;
  options.directory = outputs.path();
  const auto& here = files.directory().path();
  REQUIRE(doctor_run({"bundle", here, "--only", "env", "-o", "a", "--include", "config/.env*"}, options).exit == 0);
  const auto some = read_whole(outputs.path("a")).members;
  CHECK(some.count("config/.env") == 1);
  CHECK(some.count("config/docker-compose.yml") == 0);
  CHECK(some.count("answers/tape.json") == 1);
  CHECK(std::none_of(some.begin(), some.end(), [](const auto& member) { return member.first.starts_with("host/"); }));
  REQUIRE(doctor_run({"bundle", here, "--only", "env", "-o", "b", "--exclude", "host,config/.env"}, options).exit == 0);
  const auto rest = read_whole(outputs.path("b")).members;
  CHECK(rest.count("config/.env") == 0);
  CHECK(rest.count("config/docker-compose.yml") == 1);
  const auto before = names_in(outputs.path()).size();
  const auto estimate = doctor_run({"bundle", here, "--estimate"}, options);
  CHECK(estimate.exit == 0);
  CHECK(estimate.out.find("config/docker-compose.yml") != std::string::npos);
  const auto json = nlohmann::json::parse(doctor_run({"bundle", here, "--estimate", "--format", "json"}, options).out,
                                          nullptr, false);
  CHECK(json.at("items").size() > 3);
  CHECK(names_in(outputs.path()).size() == before);
}

TEST_CASE("wrong usage of bundle is exit 2, and nothing is written", "[bundle]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  CommandOptions options;
  options.directory = outputs.path();
  const auto& here = files.directory().path();
  for (const auto& [option, value] :
       std::vector<std::pair<std::string, std::string>>{{"--include", "lgs"},
                                                        {"--exclude", "report"},
                                                        {"--exclude", "answers/tape.json"},
                                                        {"--max-size", "many"},
                                                        {"--max-size", "2GB"},
                                                        {"--max-size", "1kB"},
                                                        {"--since", "yesterday"},
                                                        {"--since", "2026-13-01"},
                                                        {"--only", "databse"},
                                                        {"-o", "missing/b"},
                                                        {"-o", "."},
                                                        {"-o", "/dev/null"},
                                                        {"-o", "/dev/full"}}) {
    const auto result = doctor_run({"bundle", here, option, value}, options);
    INFO(option << " " << value << "\n" << result.err);
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    CHECK_FALSE(result.err.empty());
  }
  CHECK(doctor_run({"bundle", outputs.path()}, options).exit == 2);  // nothing to examine
  CHECK(names_in(outputs.path()).empty());
}

TEST_CASE("nothing but a regular file is replaced", "[bundle]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  outputs.write("victim", "precious");
  fs::create_symlink(outputs.path("victim"), outputs.path("link"));
  REQUIRE(mkfifo(outputs.path("fifo").c_str(), 0600) == 0);
  outputs.make("folder");
  for (const auto* name : {"link", "fifo", "folder"}) {
    const auto result = doctor_run({"bundle", files.directory().path(), "-o", outputs.path(name)});
    INFO(name << "\n" << result.err);
    CHECK(result.exit == 2);
    CHECK(result.err.find(name) != std::string::npos);
  }
  CHECK(outputs.read("victim") == "precious");
  CHECK(names_in(outputs.path()).size() == 4);
}

TEST_CASE("a bundle that cannot be written leaves nothing, and says why", "[bundle]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  if (geteuid() == 0) {
    const auto small = outputs.path("small");
    fs::create_directory(small);
    const auto shell = "mount -t tmpfs -o size=40k tmpfs " + small + " && " + doctor_binary() + " bundle " +
                       files.directory().path() + " -o " + small + "/b; code=$?; ls -A " + small + "; exit $code";
    const auto full = run({"unshare", "--mount", "sh", "-c", shell});
    INFO(full.out << full.err);
    CHECK(full.exit == 2);
    CHECK(full.out.empty());
    CHECK(full.err.find("No space left") != std::string::npos);
    const auto read_only = "mount -t tmpfs -o ro tmpfs " + small + " && exec " + doctor_binary() + " bundle " +
                           files.directory().path() + " -o " + small + "/b";
    const auto refused = run({"unshare", "--mount", "sh", "-c", read_only});
    CHECK(refused.exit == 2);
    CHECK(refused.err.find("Read-only") != std::string::npos);
  }
  const auto limited = run({"sh", "-c", "ulimit -f 8; exec \"$0\" bundle \"$1\" -o \"$2\"", doctor_binary(),
                            files.directory().path(), outputs.path("b")});
  INFO(limited.err);
  CHECK(limited.exit == 2);
  CHECK(limited.err.find(outputs.path("b")) != std::string::npos);
  CHECK_FALSE(outputs.exists("b"));
}

TEST_CASE("a bundle of which standard output does not take the name is no success", "[bundle]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  CommandOptions options;
  options.output = "/dev/full";
  CHECK(doctor_run({"bundle", files.directory().path(), "--only", "env", "-o", outputs.path("b")}, options).exit == 2);
  const auto closed = run({"sh", "-c", "{ \"$0\" bundle \"$1\" --only env -o \"$2\"; echo code $? >&2; } | true",
                           doctor_binary(), files.directory().path(), outputs.path("c")});
  CHECK(closed.err.find("code 2") != std::string::npos);
  read_whole(outputs.path("c"));
  read_whole(outputs.path("b"));
  CHECK(names_in(outputs.path()).size() == 2);
}

TEST_CASE("a bundle that is interrupted is not there", "[bundle][signal]") {
  const FilesCase files;
  for (const int signal : {SIGINT, SIGTERM}) {
    const Directory outputs{"outputs"};
    Child child{{doctor_binary(), "bundle", files.directory().path(), "-o", outputs.path("b")}, {}};
    std::this_thread::sleep_for(milliseconds{300});
    child.send(signal);
    const auto result = child.wait(std::chrono::seconds{20});
    INFO(result.out << result.err);
    if (result.exit == 0 || (result.signal == signal && names_in(outputs.path()).empty())) continue;  // too late, early
    CHECK(result.exit == 128 + signal);
    CHECK(names_in(outputs.path()).empty());
  }
}

TEST_CASE("killed at any moment: no bundle, or a whole one, and nothing else", "[bundle][signal]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  const auto file = outputs.path("b");
  const Arguments arguments{doctor_binary(), "bundle", files.directory().path(), "--only", "env", "-o", file};
  const auto once = run(arguments);
  REQUIRE(once.exit == 0);
  std::mt19937 random{20260101};
  std::uniform_int_distribution<long> moment{0, std::max(once.wall.count(), 1000L)};
  int absent = 0;
  for (int i = 0; i < 100; ++i) {
    if (outputs.exists("b")) outputs.remove("b");
    Child child{arguments, {}};
    std::this_thread::sleep_for(std::chrono::microseconds{moment(random)});
    child.send(SIGKILL);
    child.wait(std::chrono::seconds{20});
    const auto names = names_in(outputs.path());
    REQUIRE(names.size() <= 1);
    if (names.empty()) {
      ++absent;
      continue;
    }
    REQUIRE(names.front() == "b");
    read_whole(file);
  }
  CHECK(absent > 0);
}

TEST_CASE("check --bundle writes a bundle of the run that it reports", "[bundle]") {
  FilesCase files;
  const Directory outputs{"outputs"};
  const auto& here = files.directory().path();
  const auto result = doctor_run({"check", here, "--format", "json", "--bundle", outputs.path("b")});
  INFO(result.err);
  CHECK(result.exit == 3);
  const auto printed = nlohmann::json::parse(result.out, nullptr, false);
  const auto bundled =
      nlohmann::json::parse(read_whole(outputs.path("b")).members.at("report/report.json"), nullptr, false);
  REQUIRE(printed.is_object());
  CHECK(printed == bundled);
  const auto failed = doctor_run({"check", here, "--format", "json", "--bundle", outputs.path("missing/b")});
  CHECK(failed.exit == 2);
  CHECK(nlohmann::json::parse(failed.out, nullptr, false).is_object());
  CHECK(doctor_run({"check", here, "--watch", "--bundle", outputs.path("b")}).exit == 2);
}

TEST_CASE("doctor bundle tells of its options", "[bundle]") {
  const auto help = doctor_run({"bundle", "--help"}).out;
  for (const auto* option :
       {"--output",        "--since",       "--max-size", "--include", "--exclude", "--label",       "--hide-hosts",
        "--zstd",          "--estimate",    "--only",     "--skip",    "--offline", "--deep",        "--timeout",
        "--check-timeout", "--no-progress", "--format",   "--url",     "--set",     "--compose-file"})
    CHECK(help.find(option) != std::string::npos);
}

TEST_CASE("the options of bundle are taken", "[bundle]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  for (const auto& option : std::vector<Arguments>{{"--since", "2h"},
                                                   {"--since", "3d"},
                                                   {"--since", "2026-01-31"},
                                                   {"--since", "2026-01-31T12:00:00Z"},
                                                   {"--max-size", "500kB"},
                                                   {"--max-size", "1GB"},
                                                   {"--format", "json"},
                                                   {"--no-progress"},
                                                   {"--verbose"},
                                                   {"--offline"},
                                                   {"--timeout", "20s"}}) {
    Arguments arguments{"bundle", files.directory().path(), "--only", "env", "-o", outputs.path("b")};
    arguments.insert(arguments.end(), option.begin(), option.end());
    const auto result = doctor_run(arguments);
    INFO(option.front() << "\n" << result.err);
    CHECK(result.exit == 0);
    read_whole(outputs.path("b"));
  }
}

}  // namespace doctor::lab
