#include "lab/command.hpp"
#include "support/places.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace doctor::lab {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

std::string from_own_environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

/// What exec wants. Made before the fork: the child may not allocate.
struct Strings {
  std::vector<std::string> texts;
  std::vector<char*> pointers;

  void add(std::string text) { texts.push_back(std::move(text)); }
  char** finish() {
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers.data();
  }
};

struct Pipe {
  int read = -1;
  int write = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    read = ends[0];
    write = ends[1];
  }
};

int open_output(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("cannot open " + path);
  return file;
}

[[noreturn]] void become(char** argv, char** environment, const char* directory, std::optional<std::uint32_t> uid,
                         int out, int err) {
  constexpr int cannot_start = 127;
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  if (*directory != '\0' && ::chdir(directory) != 0) ::_exit(cannot_start);
  if (uid && (::setgroups(0, nullptr) != 0 || ::setgid(*uid) != 0 || ::setuid(*uid) != 0)) ::_exit(cannot_start);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing outlives a test that crashed
  ::execvpe(argv[0], argv, environment);
  ::_exit(cannot_start);
}

void append(int& descriptor, std::string& text) {
  std::array<char, 65536> buffer{};
  const auto count = ::read(descriptor, buffer.data(), buffer.size());
  if (count > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(count));
  } else {
    ::close(descriptor);
    descriptor = -1;
  }
}

}  // namespace

Child::Child(const Arguments& argv, const CommandOptions& options) : begin_(Clock::now()) {
  Strings arguments;
  for (const auto& argument : argv) arguments.add(argument);
  Strings environment;
  const auto given = options.environment.value_or(Environment{{"PATH", from_own_environment("PATH", "/usr/bin:/bin")},
                                                              {"HOME", from_own_environment("HOME", "/")},
                                                              {"LANG", "C.UTF-8"},
                                                              {"DOCKER_HOST", "unix:///nonexistent/docker.sock"}});
  for (const auto& [name, value] : given) environment.add(name + "=" + value);
  char** argument_list = arguments.finish();
  char** environment_list = environment.finish();

  Pipe out;
  Pipe err;
  if (!options.output.empty()) {
    ::close(out.write);
    ::close(err.write);
    out.write = open_output(options.output);
    err.write = out.write;
  }
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) become(argument_list, environment_list, options.directory.c_str(), options.uid, out.write, err.write);
  ::close(out.write);
  if (err.write != out.write) ::close(err.write);
  out_ = out.read;
  err_ = err.read;
}

Child::~Child() {
  stop();
  if (out_ >= 0) ::close(out_);
  if (err_ >= 0) ::close(err_);
}

bool Child::reap(int options) {
  if (ended_) return true;
  int status = 0;
  rusage usage{};
  if (::wait4(pid_, &status, options, &usage) != pid_) return false;
  ended_ = true;
  result_.wall = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin_);
  result_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  result_.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + result_.signal;
  result_.cpu = std::chrono::seconds{usage.ru_utime.tv_sec + usage.ru_stime.tv_sec} +
                std::chrono::microseconds{usage.ru_utime.tv_usec + usage.ru_stime.tv_usec};
  result_.rss_kb = usage.ru_maxrss;
  return true;
}

bool Child::alive() {
  return !reap(WNOHANG);
}

void Child::send(int signal) {
  if (alive()) ::kill(pid_, signal);
}

CommandResult Child::wait(milliseconds limit) {
  const auto end = Clock::now() + limit;
  while (out_ >= 0 || err_ >= 0) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count();
    std::array<pollfd, 2> wanted{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
    const int ready = left <= 0 ? 0 : ::poll(wanted.data(), wanted.size(), static_cast<int>(left));
    if (ready <= 0) {
      send(SIGKILL);
      reap(0);
      throw std::runtime_error("a program did not end within " + std::to_string(limit.count()) + " ms");
    }
    if (wanted[0].revents != 0) append(out_, result_.out);
    if (wanted[1].revents != 0) append(err_, result_.err);
  }
  while (!reap(WNOHANG)) {
    if (Clock::now() > end) send(SIGKILL);
    std::this_thread::sleep_for(milliseconds{1});
  }
  return result_;
}

void Child::stop() {
  if (!alive()) return;
  send(SIGTERM);
  for (int tries = 0; tries < 400 && alive(); ++tries) std::this_thread::sleep_for(milliseconds{5});
  if (!alive()) return;
  send(SIGKILL);
  reap(0);
}

CommandResult run(const Arguments& argv, const CommandOptions& options) {
  Child child{argv, options};
  return child.wait(options.limit);
}

std::string run_or_throw(const Arguments& argv, const CommandOptions& options) {
  auto result = run(argv, options);
  if (result.exit == 0) return std::move(result.out);
  throw std::runtime_error(argv.front() + " failed (" + std::to_string(result.exit) + "): " + result.err);
}

std::string doctor_binary() {
  return from_own_environment("DOCTOR_BINARY", doctor::test::binary_path("doctor"));
}

std::string lab_program(const std::string& name) {
  return doctor::test::binary_path("tests/" + name);
}

}  // namespace doctor::lab
