// A check that crashes, in the finished binary: its thread gets the signal that a bug would raise.

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/again.hpp"
#include "cli/hanging.hpp"
#include "lab/check.hpp"
#include "lab/files.hpp"
#include "support/catch.hpp"
#include "support/sanitized.hpp"

namespace doctor::lab {
namespace {

using namespace std::chrono_literals;

/// The thread of a process that bears this name; 0: there is none.
pid_t thread_named(pid_t process, const std::string& name) {
  for (const auto& task : std::filesystem::directory_iterator{"/proc/" + std::to_string(process) + "/task"}) {
    std::ifstream file{task.path() / "comm"};
    std::string comm;
    if (std::getline(file, comm) && comm == name) return std::stoi(task.path().filename());
  }
  return 0;
}

/// False: no thread of that name was there within 20 s.
bool crash(pid_t process, const std::string& check, int signal) {
  for (int i = 0; i < 2000; ++i, std::this_thread::sleep_for(10ms))
    if (const auto thread = thread_named(process, check); thread != 0)
      return syscall(SYS_tgkill, process, thread, signal) == 0;
  return false;
}

}  // namespace

TEST_CASE("a check that crashes takes no other with it, and is not called healthy", "[crash][signal]") {
  if (test::is_sanitized) return;  // the sanitizers tell more, and end the process
  const auto [signal, name] = GENERATE(std::pair{SIGSEGV, "SIGSEGV"}, std::pair{SIGABRT, "SIGABRT"});
  const Hanging hanging;
  Child child{hanging.command({"--format", "json", "--check-timeout", "3s"}), {}};
  REQUIRE(hanging.is_asked());
  REQUIRE(crash(child.pid(), "health", signal));
  const auto result = child.wait(20s);
  INFO(result.out << result.err);
  CHECK(result.signal == 0);
  CHECK(result.err.find("health crashed (" + std::string{name}) != std::string::npos);
  const auto report = nlohmann::json::parse(result.out, nullptr, false);
  REQUIRE(report.is_object());
  CHECK(result.exit == report.at("summary").at("exit_code"));
  CHECK(report.at("summary").at("unexamined") == 1);
  std::size_t told = 0;
  for (const auto& check : report.at("checks"))
    if (check.at("id") == "health") {
      CHECK(check.at("status") == "unexamined");
      CHECK(check.at("reason").get<std::string>().find(name) != std::string::npos);
    } else if (check.at("status") == "passed") {
      ++told;
    }
  CHECK(told > 0);
}

TEST_CASE("a crash outside the checks ends with a message, exit code 2 and nothing half written", "[crash][signal]") {
  if (test::is_sanitized) return;
  const Hanging hanging;
  const Directory folder{"outputs"};
  const auto file = folder.path() + "/report.json";
  Child child{hanging.command({"--format", "json", "--output", file}), {}};
  REQUIRE(hanging.is_asked());
  REQUIRE(syscall(SYS_tgkill, child.pid(), child.pid(), SIGSEGV) == 0);
  const auto result = child.wait(20s);
  CHECK(result.exit == 2);
  CHECK(result.signal == 0);
  CHECK(result.out.empty());
  CHECK(result.err.find("SIGSEGV") != std::string::npos);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("what a run is told that follows a crash", "[crash]") {
  using cli::CheckCommand;
  const auto now = std::chrono::steady_clock::now();
  const auto first = cli::read_before("", now);
  CHECK(first.crashed.empty());
  CHECK(first.began == now);
  const auto later = cli::read_before(cli::state_of(first) + ",env=SIGBUS,redis=SIGSEGV", now + 10s);
  CHECK(later.crashed == std::map<std::string, std::string>{{"env", "SIGBUS"}, {"redis", "SIGSEGV"}});
  CHECK(cli::read_before(cli::state_of(later), now + 10s).crashed == later.crashed);
  CheckCommand command;
  cli::go_on_after(first, now + 10s, command);
  CHECK(command.timeout == CheckCommand{}.timeout);
  cli::go_on_after(later, now + 10s, command);
  CHECK(command.crashed.count("redis") == 1);
  CHECK(command.timeout <= CheckCommand{}.timeout - 9s);
  CHECK(command.wait == 0s);
  for (const auto* nonsense : {",", "x", "-1,=", "99999999999999999999,a=b", "99999999999999,a=b"})
    CHECK(cli::read_before(nonsense, now).began == now);
}

}  // namespace doctor::lab
