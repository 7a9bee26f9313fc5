// --format and --report of the finished binary: what is written where, and with which exit code.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "cli/hanging.hpp"
#include "lab/files_case.hpp"
#include "render/formats.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

namespace fs = std::filesystem;

CommandResult doctor_run(Arguments arguments, const CommandOptions& options = {}) {
  arguments.insert(arguments.begin(), doctor_binary());
  return run(arguments, options);
}

std::set<std::string> names_in(const std::string& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator{directory}) names.insert(entry.path().filename().string());
  return names;
}

struct Outcome {
  const char* name;
  Arguments more;
  int exit;
  int plugin;
};

/// Nothing runs, so that `env` passes and `jwt` depends on the files.
std::vector<Outcome> outcomes() {
  return {{"healthy", {"--only", "env"}, 0, 0},
          {"error", {"--only", "env", "--set", "DATABASE_URL=mysql://x"}, 1, 2},
          {"warning only", {"--only", "env", "--set", "RUST_LOG=trace"}, 0, 1},
          {"unexamined", {"--only", "database"}, 3, 3},
          {"unexamined, allowed", {"--only", "database", "--allow-incomplete"}, 0, 0}};
}

}  // namespace

TEST_CASE("the exit code does not depend on the format, nagios excepted", "[formats]") {
  const FilesCase files;
  for (const auto& outcome : outcomes()) {
    for (const auto& format : render::format_names()) {
      Arguments arguments{"check", files.directory().path(), "--format", format};
      arguments.insert(arguments.end(), outcome.more.begin(), outcome.more.end());
      const auto result = doctor_run(arguments);
      INFO(outcome.name << " " << format << "\n" << result.out << result.err);
      CHECK(result.exit == (format == "nagios" ? outcome.plugin : outcome.exit));
      CHECK(result.signal == 0);
      CHECK((!result.out.empty() || format == "short"));
    }
  }
}

TEST_CASE("an interrupted run has its exit code in every format, nagios excepted", "[formats][signal]") {
  const Hanging hanging;
  for (const std::string format : {"nagios", "junit", "html"}) {
    const int before = hanging.connections();
    Child child{hanging.command({"--format", format}), {}};
    REQUIRE(hanging.is_asked(before));
    child.send(SIGTERM);
    const auto result = child.wait(std::chrono::seconds{20});
    INFO(format << "\n" << result.out << result.err);
    CHECK(result.exit == (format == "nagios" ? 3 : 143));
    CHECK_FALSE(result.out.empty());
  }
}

TEST_CASE("a plugin that cannot do its work is UNKNOWN, and says so where it is shown", "[formats]") {
  const FilesCase files;
  const auto& here = files.directory().path();
  const std::vector<Arguments> wrong{{here + "/nowhere"}, {here, "--fail-on", "disaster"}, {here, "--only", "databse"}};
  for (const auto& more : wrong)
    for (const bool by_variable : {false, true}) {
      Arguments arguments{"check"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      CommandOptions options;
      if (by_variable) options.environment = Environment{{"PATH", "/usr/bin"}, {"DOCTOR_FORMAT", "nagios"}};
      if (!by_variable) arguments.insert(arguments.end(), {"--format", "nagios"});
      const auto result = doctor_run(arguments, options);
      INFO(result.out << result.err);
      CHECK(result.exit == 3);
      CHECK(result.out.starts_with("DOCTOR UNKNOWN - "));
      CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 1);
      CHECK_FALSE(result.err.empty());
    }
  CHECK(doctor_run({"check", here + "/nowhere", "--format", "junit"}).exit == 2);
}

TEST_CASE("several reports at once, each whole and private, beside the one on standard output", "[reports]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  Arguments arguments{"check", files.directory().path(), "--only", "env", "--format", "json"};
  for (const auto& format : render::format_names()) {
    arguments.emplace_back("--report");
    arguments.push_back(format + "=" + outputs.path(format));
  }
  const auto result = doctor_run(arguments);
  INFO(result.err);
  CHECK(result.exit == 0);
  CHECK(nlohmann::json::parse(result.out, nullptr, false).is_object());
  for (const auto& format : render::format_names()) {
    INFO(format);
    REQUIRE(fs::exists(outputs.path(format)));
    CHECK((fs::status(outputs.path(format)).permissions() & fs::perms::all) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(read_file(outputs.path(format)).find('\x1b') == std::string::npos);
  }
  CHECK(read_file(outputs.path("html")).starts_with("<!doctype html>"));
  CHECK(read_file(outputs.path("tap")).starts_with("TAP version 14\n"));
}

TEST_CASE("killed or interrupted at any moment: each report is the old one or a whole new one", "[reports][signal]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  const std::vector<std::string> formats{"json", "junit", "html", "prometheus"};
  const std::set<std::string> known{"json", "junit", "html", "prometheus", "human"};
  Arguments arguments{doctor_binary(), "check", files.directory().path(), "--only", "env", "-o", outputs.path("human")};
  for (const auto& format : formats)
    arguments.insert(arguments.end(), {"--report", format + "=" + outputs.path(format)});
  REQUIRE(run(arguments).exit == 0);
  const auto whole = [&](const std::string& format) {
    const auto text = read_file(outputs.path(format));
    if (format == "json") return nlohmann::json::accept(text);
    const std::map<std::string, std::string> ends{
        {"junit", "</testsuites>\n"}, {"html", "</html>\n"}, {"prometheus", "\n"}, {"human", " s\n"}};
    return text.ends_with(ends.at(format)) && text.size() > 60;
  };
  std::mt19937 random{20260301};
  const auto wall = std::max(run(arguments).wall.count(), 1000L);
  std::uniform_int_distribution<long> moment{wall / 2, wall + wall / 10};  // nothing is written before
  int written = 0;
  for (int i = 0; i < 100; ++i) {
    const bool from_nothing = i % 2 == 0;
    for (const auto& entry : fs::directory_iterator{outputs.path()})
      if (from_nothing) fs::remove(entry.path());
    const auto before = fs::exists(outputs.path("json")) ? read_file(outputs.path("json")) : std::string{};
    const auto were = names_in(outputs.path());
    Child child{arguments, {}};
    std::this_thread::sleep_for(std::chrono::microseconds{moment(random)});
    const bool is_asked = i % 3 == 2;
    child.send(is_asked ? SIGTERM : SIGKILL);
    const auto result = child.wait(std::chrono::seconds{20});
    if (is_asked) CHECK((result.exit == 0 || result.exit == 128 + SIGTERM));
    auto are = names_in(outputs.path());
    for (const auto& name : were) CHECK(are.count(name) == 1);
    for (const auto& name : known) {
      INFO(i << " " << name);
      if (are.erase(name) == 1) CHECK(whole(name));
    }
    // A second name of a whole file may stay of a replacement, never of a new file.
    CHECK(are.size() <= (were.empty() || is_asked ? 0 : 1));
    for (const auto& name : are) fs::remove(outputs.path(name));
    if (fs::exists(outputs.path("json")) && read_file(outputs.path("json")) != before) ++written;
  }
  CHECK(written > 0);
  CHECK(written < 100);
}

TEST_CASE("a report that cannot be written is exit 2, and the others are written", "[reports]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  const auto good = outputs.path("good.xml");
  const auto result = doctor_run({"check", files.directory().path(), "--only", "env", "--report",
                                  "html=" + outputs.path("nowhere/x.html"), "--report", "junit=" + good});
  CHECK(result.exit == 2);
  CHECK(result.err.find("nowhere/x.html") != std::string::npos);
  CHECK(fs::exists(good));
  CHECK_FALSE(result.out.empty());
}

TEST_CASE("a --report that makes no sense is refused before anything is examined", "[reports]") {
  const FilesCase files;
  const Directory outputs{"outputs"};
  const auto file = outputs.path("r");
  const std::vector<Arguments> wrong{{"--report", "junit"},
                                     {"--report", "junit="},
                                     {"--report", "=" + file},
                                     {"--report", "docx=" + file},
                                     {"--report", "junit=-"},
                                     {"--report", "junit=" + file, "--report", "html=" + file},
                                     {"--report", "junit=" + file, "--output", file}};
  for (const auto& more : wrong) {
    Arguments arguments{"check", files.directory().path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = doctor_run(arguments);
    INFO(more.back() << "\n" << result.err);
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    CHECK_FALSE(result.err.empty());
    CHECK_FALSE(fs::exists(file));
  }
}

TEST_CASE("the pipelines of docs/ci.md", "[reports]") {
  const FilesCase files;
  const auto summary = files.directory().parent() + "/summary.md";
  CommandOptions options;
  options.directory = files.directory().path();
  options.environment = Environment{{"PATH", "/usr/bin"}, {"GITHUB_WORKSPACE", files.directory().path()}};
  const auto github = doctor_run({"check", "--allow-incomplete", "--set", "DATABASE_URL=mysql://x", "--format",
                                  "github", "--report", "markdown=" + summary, "--report", "sarif=doctor.sarif"},
                                 options);
  INFO(github.out << github.err);
  CHECK(github.exit == 1);
  CHECK(github.out.find("::error file=.env") != std::string::npos);
  CHECK(read_file(summary).starts_with("## doctor: "));
  const auto sarif = nlohmann::json::parse(read_file(files.directory().path("doctor.sarif")), nullptr, false);
  CHECK(sarif.at("version") == "2.1.0");
  const auto gitlab = doctor_run({"check", "--allow-incomplete", "--report", "junit=doctor.xml", "--report",
                                  "gitlab=doctor.json", "--report", "html=doctor.html"},
                                 options);
  CHECK(gitlab.exit == 0);
  for (const char* file : {"doctor.xml", "doctor.json", "doctor.html"}) CHECK(fs::exists(files.directory().path(file)));
}

TEST_CASE("the width of the terminal is kept to, and COLUMNS is believed", "[terminal]") {
  const FilesCase files;
  for (const int width : {60, 80, 160}) {
    CommandOptions options;
    options.environment = Environment{{"PATH", "/usr/bin"}, {"COLUMNS", std::to_string(width)}};
    const auto result =
        doctor_run({"check", files.directory().path(), "--only", "env", "--set", "DATABASE_URL=mysql://x"}, options);
    INFO(result.out);
    const auto kept = static_cast<std::size_t>(std::min(width, 120));
    const auto first = result.out.find("error\n");
    REQUIRE(first != std::string::npos);
    const auto begin = result.out.rfind('\n', first) + 1;
    CHECK(first + 5 - begin == kept);  // the severity ends at the right margin
  }
}

}  // namespace doctor::lab
