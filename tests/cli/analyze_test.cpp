// A bundle is examined as the deployment was, and nothing else is needed or touched.

#include <unistd.h>

#include <fstream>

#include "lab/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

/// A deployment with a fault, a bundle of it, and what was said of it.
class Recorded {
 public:
  explicit Recorded(Arguments arguments = {}) {
    FilesCase files;
    files.directory().write("Cargo.lock", "<<<<<<< HEAD\n");
    arguments.insert(arguments.begin(),
                     {doctor_binary(), "check", files.directory().path(), "--format", "json", "--bundle", bundle()});
    const auto done = run(arguments);
    INFO(done.err);
    exit = done.exit;
    report = nlohmann::json::parse(done.out);
  }  // the deployment is gone

  std::string bundle() const { return beside_.path("run.tar.gz"); }

  nlohmann::json report;
  int exit = -1;

 private:
  Directory beside_{"bundle"};
};

CommandResult analyzed(Arguments arguments, bool without_network = false) {
  arguments.insert(arguments.begin(), doctor_binary());
  if (without_network && geteuid() == 0) arguments.insert(arguments.begin(), {"/usr/bin/unshare", "--net"});
  return run(arguments);
}

void expect_refused(const CommandResult& result) {
  INFO(result.out << result.err);
  CHECK(result.exit == 2);
  CHECK(result.out.empty());
  CHECK(result.err.find("doctor: ") == 0);
}

}  // namespace

TEST_CASE("a bundle that a browser or a mail program has unpacked tells the same", "[analyze]") {
  const Recorded recorded;
  const Directory beside{"unpacked"};
  const auto tar = beside.path("run.tar");
  run_or_throw({"/bin/sh", "-c", "gzip -dc <\"$0\" >\"$1\"", recorded.bundle(), tar});
  const auto result = analyzed({"analyze", tar, "--format", "json"});
  INFO(result.err);
  CHECK(result.exit == recorded.exit);
  CHECK(nlohmann::json::parse(result.out).at("findings") == recorded.report.at("findings"));
  CHECK(analyzed({"diff", recorded.bundle(), tar}).exit == 0);
  // Packed again by somebody who looked into it: the file itself is needed.
  run_or_throw({"/bin/sh", "-c", "cd \"$0\" && mkdir all && tar xf run.tar -C all && tar czf again.tar.gz -C all .",
                beside.path()});
  const auto again = analyzed({"analyze", beside.path("again.tar.gz")});
  expect_refused(again);
  CHECK(again.err.find("packed again") != std::string::npos);
  const auto folder = analyzed({"analyze", beside.path("all")});
  expect_refused(folder);
  CHECK(folder.err.find("archive") != std::string::npos);
}

TEST_CASE("a bundle tells what the deployment told, which is gone, without a network", "[analyze]") {
  const Recorded recorded;
  for (const auto& command :
       {Arguments{"analyze", recorded.bundle()}, Arguments{"check", "--from", recorded.bundle()}}) {
    auto arguments = command;
    arguments.insert(arguments.end(), {"--format", "json"});
    const auto result = analyzed(arguments, true);
    INFO(result.err);
    const auto report = nlohmann::json::parse(result.out);
    CHECK(result.exit == recorded.exit);
    CHECK(report.at("findings") == recorded.report.at("findings"));
    CHECK(!report.at("findings").empty());
    CHECK(report.at("unexamined") == recorded.report.at("unexamined"));
    CHECK(report.at("run").at("started") == recorded.report.at("run").at("started"));
    CHECK(report.at("run").at("duration_ms") == recorded.report.at("run").at("duration_ms"));
    CHECK(report.at("run").at("recording").at("file") == recorded.bundle());
    CHECK(report.at("run").at("recording").at("version") == report.at("tool").at("version"));
    CHECK(!recorded.report.at("run").contains("recording"));
  }
}

TEST_CASE("the human report says that it is of a bundle", "[analyze]") {
  const Recorded recorded;
  const auto result = analyzed({"analyze", recorded.bundle()});
  CHECK(result.exit == recorded.exit);
  CHECK(result.out.find(recorded.report.at("run").at("started").get<std::string>()) != std::string::npos);
  CHECK(result.out.find("run.tar.gz") != std::string::npos);
}

TEST_CASE("what a bundle does not hold is unexamined and not healthy", "[analyze]") {
  const Recorded recorded{{"--only", "env"}};
  const auto result = analyzed({"analyze", recorded.bundle(), "--only", "files,disk", "--format", "json"});
  const auto report = nlohmann::json::parse(result.out);
  CHECK(result.exit == 3);
  CHECK(report.at("summary").at("passed") == 0);
  for (const auto& check : report.at("checks")) {
    INFO(check.dump());
    CHECK(check.at("status") == "unexamined");
  }
  std::string reasons;
  for (const auto& item : report.at("unexamined")) reasons += item.at("reason").get<std::string>() + "\n";
  CHECK(reasons.find("not in the bundle") != std::string::npos);
}

TEST_CASE("the options of check work on a bundle", "[analyze]") {
  const Recorded recorded;
  CHECK(recorded.exit == 1);
  CHECK(analyzed({"analyze", recorded.bundle(), "--fail-on", "never", "--allow-incomplete"}).exit == 0);
  CHECK(analyzed({"analyze", recorded.bundle(), "--skip", "files", "--allow-incomplete"}).exit == 0);
  const Directory beside{"report"};
  const auto written = analyzed({"analyze", recorded.bundle(), "--format", "json", "-o", beside.path("out.json")});
  CHECK(written.out.empty());
  CHECK(nlohmann::json::parse(beside.read("out.json")).at("findings") == recorded.report.at("findings"));
}

TEST_CASE("a bundle that cannot be read is an input of doctor's own", "[analyze]") {
  const Recorded recorded;
  const Directory beside{"broken"};
  const auto whole = read_file(recorded.bundle());
  beside.write("half.tar.gz", whole.substr(0, whole.size() / 2));
  beside.write("text.tar.gz", "no archive\n");
  beside.write("empty.tar.gz", "");
  for (const auto* name : {"half.tar.gz", "text.tar.gz", "empty.tar.gz", "missing.tar.gz", ""}) {
    INFO(name);
    expect_refused(analyzed({"analyze", beside.path(name)}));
    expect_refused(analyzed({"check", "--from", beside.path(name)}));
  }
}

TEST_CASE("what names a deployment does not go with a bundle", "[analyze]") {
  const Recorded recorded;
  for (const auto& more :
       {Arguments{"."}, Arguments{"--system", "chatalot"}, Arguments{"--env-file", "x"}, Arguments{"--url", "http://x"},
        Arguments{"--offline"}, Arguments{"--deep"}, Arguments{"--wait", "2s"}, Arguments{"--bundle", "x"}}) {
    INFO(more.front());
    Arguments arguments{"check", "--from", recorded.bundle()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    expect_refused(analyzed(arguments));
  }
  expect_refused(analyzed({"analyze"}));
  expect_refused(analyzed({"analyze", recorded.bundle(), "--only", "nothing"}));
}

}  // namespace doctor::lab
