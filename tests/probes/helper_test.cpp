#include "probes/helper.hpp"

#include <csignal>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/files_failure.hpp"
#include "probes/files_support.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::Outcome;
using doctor::probes::Helper;
using doctor::probes::HelperJob;
using doctor::test::soon;
using doctor::test::TemporaryDirectory;
using Clock = std::chrono::steady_clock;

namespace {

Outcome<std::string> echo(const std::string& request) {
  return request;
}
Outcome<std::string> pid_of_child(const std::string&) {
  return std::to_string(getpid());
}
Outcome<std::string> pid_of_helper(const std::string&) {
  return std::to_string(getppid());
}
/// Writes its pid into a file and then waits for a writer that never comes: a call that hangs in the kernel.
Outcome<std::string> hang(const std::string& request) {
  std::ofstream{request + ".pid"} << getpid() << std::flush;
  std::ifstream fifo{request};
  return std::string{"never"};
}
Outcome<std::string> nap(const std::string& request) {
  std::this_thread::sleep_for(std::chrono::milliseconds{std::stoi(request)});
  return std::string{"slept"};
}
Outcome<std::string> crash(const std::string&) {
  raise(SIGKILL);
  return std::string{};
}
Outcome<std::string> throws(const std::string& request) {
  throw std::runtime_error(request);
}
Outcome<std::string> refuse(const std::string&) {
  return doctor::probes::failed(FailureKind::permission_denied, "EACCES", "no");
}
Outcome<std::string> large(const std::string& request) {
  return std::string(std::stoul(request), 'x');
}
Outcome<std::string> descriptors(const std::string&) {
  std::string open;
  for (int i = 0; i < 256; ++i)
    if (fcntl(i, F_GETFD) >= 0) open += std::to_string(i) + " ";
  return open;
}

std::unique_ptr<Helper> start() {
  return Helper::start({{"echo", echo},
                        {"child", pid_of_child},
                        {"helper", pid_of_helper},
                        {"hang", hang},
                        {"nap", nap},
                        {"crash", crash},
                        {"throws", throws},
                        {"refuse", refuse},
                        {"large", large},
                        {"descriptors", descriptors}});
}

bool alive(pid_t pid) {
  return kill(pid, 0) == 0;
}

bool ends_within(pid_t pid, std::chrono::milliseconds span) {
  const auto end = Clock::now() + span;
  while (alive(pid) && Clock::now() < end) std::this_thread::sleep_for(5ms);
  return !alive(pid);
}

pid_t read_pid(const std::string& file) {
  const auto end = Clock::now() + 3s;
  pid_t pid = 0;
  while (pid == 0 && Clock::now() < end) {
    std::ifstream{file} >> pid;
    std::this_thread::sleep_for(2ms);
  }
  return pid;
}

std::string make_fifo(const TemporaryDirectory& folder) {
  const auto fifo = folder / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  return fifo;
}

}  // namespace

TEST_CASE("a job answers with bytes or with a failure") {
  const auto helper = start();
  const std::string bytes{"a\0b\n\xff", 5};
  CHECK(helper->call("echo", bytes, soon()).value() == bytes);
  CHECK(helper->call("echo", "", soon()).value().empty());
  const auto refused = helper->call("refuse", "", soon());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == FailureKind::permission_denied);
  CHECK(refused.error().code == "EACCES");
  CHECK_THROWS_AS(helper->call("unlink", "/", soon()), std::invalid_argument);
}

TEST_CASE("a hung job costs its caller the deadline and is killed") {
  const TemporaryDirectory folder;
  const auto fifo = make_fifo(folder);
  const auto helper = start();
  const auto begun = Clock::now();
  const auto answer = helper->call("hang", fifo, soon(200ms));
  const auto took = Clock::now() - begun;
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == FailureKind::timed_out);
  CHECK(answer.error().waited >= 200ms);
  CHECK(took < 1s);
  const auto pid = read_pid(fifo + ".pid");
  REQUIRE(pid > 0);
  CHECK(ends_within(pid, 2s));
  CHECK(helper->call("echo", "on", soon()).value() == "on");
}

TEST_CASE("a job has 3 s, whatever the caller's deadline") {
  const auto helper = start();
  const auto begun = Clock::now();
  const auto answer = helper->call("nap", "20000", soon(15s));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == FailureKind::timed_out);
  CHECK(Clock::now() - begun < 4s);
}

TEST_CASE("a stopped run ends a waiting call at once") {
  const auto helper = start();
  std::stop_source stop;
  std::jthread stopper{[&] {
    std::this_thread::sleep_for(100ms);
    stop.request_stop();
  }};
  const auto begun = Clock::now();
  const auto answer = helper->call("nap", "2500", Deadline::after(3s, stop.get_token()));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == FailureKind::cancelled);
  CHECK(Clock::now() - begun < 1s);
}

TEST_CASE("calls run side by side and never mix their answers") {
  const auto helper = start();
  const auto begun = Clock::now();
  std::vector<std::jthread> threads;
  std::vector<std::string> answers(16);
  for (std::size_t i = 0; i < answers.size(); ++i)
    threads.emplace_back([&, i] {
      if (!helper->call("nap", "300", soon())) return;
      answers[i] = helper->call("echo", std::string(1000 * (i + 1), static_cast<char>('a' + i)), soon()).value_or("");
    });
  threads.clear();
  CHECK(Clock::now() - begun < 2s);
  for (std::size_t i = 0; i < answers.size(); ++i)
    CHECK(answers[i] == std::string(1000 * (i + 1), static_cast<char>('a' + i)));
}

TEST_CASE("a job that dies or throws is a failure without its text") {
  const auto helper = start();
  const auto died = helper->call("crash", "", soon());
  REQUIRE_FALSE(died);
  CHECK(died.error().kind == FailureKind::protocol_error);
  const auto thrown = helper->call("throws", "hunter2-secret", soon());
  REQUIRE_FALSE(thrown);
  CHECK(thrown.error().kind == FailureKind::protocol_error);
  CHECK(thrown.error().detail.find("hunter2") == std::string::npos);
  CHECK(helper->call("echo", "on", soon()).value() == "on");
}

TEST_CASE("answers and questions are bounded") {
  const auto helper = start();
  CHECK(helper->call("large", std::to_string(Helper::most_answer), soon()).value().size() == Helper::most_answer);
  const auto answer = helper->call("large", std::to_string(Helper::most_answer + 1), soon());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == FailureKind::too_large);
  CHECK(helper->call("echo", std::string(Helper::most_request, 'q'), soon()).value().size() == Helper::most_request);
  CHECK(helper->call("echo", std::string(Helper::most_request + 1, 'q'), soon()).error().kind ==
        FailureKind::too_large);
}

TEST_CASE("children hold nothing but the standard streams and their pipe") {
  const int leaked = open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  REQUIRE(leaked > 2);
  const auto helper = start();
  close(leaked);
  CHECK(helper->call("descriptors", "", soon()).value() == "0 1 2 3 ");
}

TEST_CASE("no zombie is left, by the helper or of it") {
  pid_t helper_pid = 0;
  {
    const auto helper = start();
    helper_pid = std::stoi(helper->call("helper", "", soon()).value());
    for (int i = 0; i < 20; ++i) {
      const auto child = std::stoi(helper->call("child", "", soon()).value());
      CHECK(ends_within(child, 2s));  // a zombie would still take signal 0
    }
    CHECK(alive(helper_pid));
  }
  CHECK_FALSE(alive(helper_pid));
}

TEST_CASE("the helper outlives SIGINT and SIGTERM: its parent decides") {
  const auto helper = start();
  const pid_t pid = std::stoi(helper->call("helper", "", soon()).value());
  kill(pid, SIGINT);
  kill(pid, SIGTERM);
  std::this_thread::sleep_for(50ms);
  CHECK(helper->call("echo", "on", soon()).value() == "on");
}

TEST_CASE("a helper that was killed is a failure, not a crash") {
  const auto helper = start();
  const pid_t pid = std::stoi(helper->call("helper", "", soon()).value());
  kill(pid, SIGKILL);
  std::this_thread::sleep_for(50ms);
  CHECK_FALSE(helper->call("echo", "on", soon()));
}

TEST_CASE("helper and children die with a parent that is killed") {
  const TemporaryDirectory folder;
  const auto fifo = make_fifo(folder);
  const auto file = folder / "helper.pid";
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // so that the orphans can be seen to end
  const pid_t parent = fork();
  REQUIRE(parent >= 0);
  if (parent == 0) {
    const auto helper = start();
    std::ofstream{file} << helper->call("helper", "", soon()).value() << std::flush;
    static_cast<void>(helper->call("hang", fifo, soon()));
    _exit(0);
  }
  const pid_t helper = read_pid(file);
  const pid_t child = read_pid(fifo + ".pid");
  REQUIRE(helper > 0);
  REQUIRE(child > 0);
  kill(parent, SIGKILL);
  // The child is reaped by the helper, or as an orphan by this process.
  const auto any_alive = [&] { return alive(parent) || alive(helper) || alive(child); };
  const auto end = Clock::now() + 3s;
  while (any_alive() && Clock::now() < end)
    if (waitpid(-1, nullptr, WNOHANG) <= 0) std::this_thread::sleep_for(5ms);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  CHECK_FALSE(alive(parent));
  CHECK_FALSE(alive(helper));
  CHECK_FALSE(alive(child));
}
