#include "probes/program.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "probes/files_support.hpp"
#include "probes/plugins.hpp"
#include "support/catch.hpp"

using namespace doctor;
using namespace std::chrono_literals;
using probes::run_program;
using test::soon;
using test::TemporaryDirectory;

namespace {

Outcome<probes::ProgramEnd> shell(const std::string& script, const std::string& input = {},
                                  std::chrono::milliseconds limit = 5s, std::stop_token stop = {}) {
  return run_program({"/bin/sh", {"-c", script}, input, "/"}, Deadline::after(limit, std::move(stop)));
}

bool lives(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string number;
  std::string name;
  std::string state;
  file >> number >> name >> state;
  return file.good() && state != "Z";
}

/// The process whose number a script has written has ended within a second.
bool is_gone(const std::string& pid_file) {
  pid_t pid = 0;
  std::ifstream{pid_file} >> pid;
  REQUIRE(pid > 1);
  for (int i = 0; i < 100 && lives(pid); ++i) std::this_thread::sleep_for(10ms);
  return !lives(pid);
}

}  // namespace

TEST_CASE("a program gets its input and gives its output, its errors and its exit code") {
  const auto end = shell("cat; echo oops >&2; exit 3", "hello");
  REQUIRE(end);
  CHECK(end->out == "hello");
  CHECK(end->err == "oops\n");
  CHECK(end->exit_code == 3);
}

TEST_CASE("no shell looks at the arguments") {
  const auto end = run_program({"/bin/echo", {"$HOME", "a b", "`id`", ";"}, "", ""}, soon());
  REQUIRE(end);
  CHECK(end->out == "$HOME a b `id` ;\n");
}

TEST_CASE("the environment is clean, no descriptor is inherited, signals are the usual ones") {
  setenv("DOCTOR_TEST_TOKEN", "hunter2hunter2", 1);
  const int leaked = dup(1);  // without CLOEXEC it would be there
  std::signal(SIGPIPE, SIG_IGN);
  const auto end = run_program({"/usr/bin/env", {}, "", ""}, soon());
  unsetenv("DOCTOR_TEST_TOKEN");
  REQUIRE(end);
  CHECK(end->out.find("hunter2") == std::string::npos);
  CHECK(end->out.find("PATH=") != std::string::npos);
  CHECK(end->out.find("HOME=") == std::string::npos);
  close(leaked);
  const auto pipe = shell("yes | head -n 1; kill -PIPE $$; echo still here");
  REQUIRE_FALSE(pipe);
  CHECK(pipe.error().kind == FailureKind::protocol_error);
  CHECK(pipe.error().code == "signal 13");
}

TEST_CASE("a program that does not end is killed with all that it has started") {
  const TemporaryDirectory directory;
  const auto began = std::chrono::steady_clock::now();
  const auto end = shell("trap '' TERM; sleep 60 & echo $! > " + directory / "pid" + "; wait; sleep 60", {}, 500ms);
  CHECK(std::chrono::steady_clock::now() - began < 3s);
  REQUIRE_FALSE(end);
  CHECK(end.error().kind == FailureKind::timed_out);
  CHECK(is_gone(directory / "pid"));
}

TEST_CASE("what a program leaves in the background does not outlive it") {
  const TemporaryDirectory directory;
  const auto end = shell("sleep 60 & echo $! > " + directory / "pid" + "; echo done");
  REQUIRE(end);
  CHECK(end->out == "done\n");
  CHECK(is_gone(directory / "pid"));
}

TEST_CASE("a stop ends a program at once") {
  std::stop_source stop;
  std::jthread stopper{[&] {
    std::this_thread::sleep_for(200ms);
    stop.request_stop();
  }};
  const auto began = std::chrono::steady_clock::now();
  const auto end = shell("sleep 60", {}, 30s, stop.get_token());
  CHECK(std::chrono::steady_clock::now() - began < 2s);
  REQUIRE_FALSE(end);
  CHECK(end.error().kind == FailureKind::cancelled);
}

TEST_CASE("output is bounded, errors are cut, input need not be read") {
  const auto endless = shell("yes");
  REQUIRE_FALSE(endless);
  CHECK(endless.error().kind == FailureKind::too_large);
  const auto noisy = shell("yes | head -c 100000 >&2; echo out");
  REQUIRE(noisy);
  CHECK(noisy->err.size() == probes::most_program_errors);
  CHECK(noisy->out == "out\n");
  const auto deaf = shell("exec 0<&-; echo deaf", std::string(1'000'000, 'x'));
  REQUIRE(deaf);
  CHECK(deaf->out == "deaf\n");
  const auto large = shell("head -c 1000000 /dev/zero");
  REQUIRE(large);
  CHECK(large->out.size() == 1'000'000);
}

TEST_CASE("a program that cannot be started says so") {
  const TemporaryDirectory directory;
  const auto missing = run_program({directory / "none", {}, "", ""}, soon());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == FailureKind::not_found);
  directory.write("script", "no interpreter", 0755);
  CHECK_FALSE(run_program({directory / "script", {}, "", directory / "nowhere"}, soon()));
}

TEST_CASE("only a program that nobody else may change is trusted") {
  const TemporaryDirectory directory;
  mkdir((directory / "checks").c_str(), 0755);
  const auto file = directory.write("checks/doctor-check-a", "#!/bin/sh\n", 0755);
  CHECK(probes::trust_program(file).refused.empty());
  SECTION("its file may be written by everybody") {
    chmod(file.c_str(), 0757);
  }
  SECTION("its folder may be written by everybody") {
    chmod((directory / "checks").c_str(), 0777);
  }
  SECTION("a folder above may be written by everybody") {
    chmod(directory.path().c_str(), 0777);
  }
  SECTION("it is not executable") {
    chmod(file.c_str(), 0644);
    if (geteuid() == 0) CHECK_FALSE(probes::trust_program(file).refused.empty());
  }
  SECTION("it belongs to somebody else") {
    if (geteuid() != 0) return;
    REQUIRE(chown(file.c_str(), 65534, 65534) == 0);
  }
  SECTION("its group is somebody else's and may write") {
    if (geteuid() != 0) return;
    REQUIRE(chown(file.c_str(), 0, 65534) == 0);
    chmod(file.c_str(), 0775);
  }
  SECTION("a link leads to it that does") {
    mkdir((directory / "open").c_str(), 0777);
    chmod((directory / "open").c_str(), 0777);
    const auto target = directory.write("open/program", "#!/bin/sh\n", 0755);
    unlink(file.c_str());
    REQUIRE(symlink(target.c_str(), file.c_str()) == 0);
  }
  SECTION("it is a folder") {
    unlink(file.c_str());
    mkdir(file.c_str(), 0755);
  }
  SECTION("it is gone") {
    unlink(file.c_str());
  }
  CHECK_FALSE(probes::trust_program(file).refused.empty());
}

TEST_CASE("a folder that everybody may write to but where nobody can touch what is not theirs") {
  const TemporaryDirectory directory;
  chmod(directory.path().c_str(), 01777);
  CHECK(probes::trust_program(directory.write("doctor-check-a", "#!/bin/sh\n", 0755)).refused.empty());
}

namespace {

std::string listed(const Outcome<probes::PluginsAnswer>& answer) {
  REQUIRE(answer);
  std::string text;
  for (const auto& plugin : answer->plugins)
    text += plugin.kind + ":" + plugin.id + (plugin.refused.empty() ? "" : "!") + (plugin.named ? "*" : "") + " ";
  return text;
}

}  // namespace

TEST_CASE("plugins are found in folders, of two with one name the first counts") {
  const std::shared_ptr<probes::Helper> helper = probes::Helper::start();
  const TemporaryDirectory directory;
  for (const auto* folder : {"a", "b"}) mkdir((directory / folder).c_str(), 0755);
  directory.write("a/doctor-check-one.sh", "#!/bin/sh\n", 0755);
  directory.write("a/doctor-check-open", "#!/bin/sh\n", 0777);
  directory.write("a/doctor-check-one~", "#!/bin/sh\n", 0755);
  directory.write("a/doctor-check-", "#!/bin/sh\n", 0755);
  directory.write("a/README.md", "", 0755);
  directory.write("b/doctor-check-one", "#!/bin/sh\n", 0755);
  directory.write("b/doctor-check-two.py", "#!/bin/sh\n", 0755);
  probes::PluginPlaces places;
  places.folders = {{directory / "a", false}, {directory / "b", true}, {directory / "none", false}};
  places.nagios = {{"true", "/bin/true", {}}, {"no", "/no/such/program", {"x"}}};
  probes::PluginsProbe probe{helper, places};
  CHECK(listed(probe.ask({}, soon())) == "doctor:one doctor:open! doctor:two* nagios:true* nagios:no!* ");
  places.folders = {{directory / "none", true}};
  places.nagios.clear();
  probes::PluginsProbe lacking{helper, places};
  CHECK(listed(lacking.ask({}, soon())).find("!*") != std::string::npos);
}

TEST_CASE("a program that has become untrusted since it was found is not run") {
  const std::shared_ptr<probes::Helper> helper = probes::Helper::start();
  const TemporaryDirectory directory;
  const auto file = directory.write("doctor-check-a", "#!/bin/sh\ncat; pwd\n", 0755);
  probes::PluginRunProbe probe{helper, "told\n", directory.path()};
  const auto answer = probe.ask({file, {"run"}}, soon());
  REQUIRE(answer);
  CHECK(answer->out == "told\n" + directory.path() + "\n");
  chmod(file.c_str(), 0777);
  const auto refused = probe.ask({file, {"run"}}, soon());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == FailureKind::permission_denied);
}
