#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string_view>

namespace doctor::util {

/// Says what the calling thread works on while it lives, the id of a check: a crash is told with it, and it is the
/// thread's name in top(1). The thread also gets a stack for signal handlers, since its own may be what is exhausted.
class Doing {
 public:
  explicit Doing(std::string_view what);
  ~Doing();
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;

 private:
  static constexpr std::size_t stack_size = 64UL * 1024;
  std::unique_ptr<std::array<char, stack_size>> stack_;
};

/// What the calling thread works on; empty: nothing that has a name. A thread that helps it says the same.
std::string_view doing();

/// While one lives, a run may begin again: nothing of its result has been written yet.
class Repeatable {
 public:
  Repeatable() { ++count_; }
  ~Repeatable() { --count_; }
  Repeatable(const Repeatable&) = delete;
  Repeatable& operator=(const Repeatable&) = delete;
  static bool now() { return count_ > 0; }

 private:
  static std::atomic<int> count_;
};

/// The first argument of a program that was started again: what stands behind it is `state`, then its own arguments.
inline constexpr const char* again = "__again";

/// From now on what tells of a crash (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT) is answered with a line on standard
/// error that names what the thread was doing. Where that has a name and the run is repeatable, the program then starts
/// again in its place (execve(2)) as `PROGRAM again STATE,DOING=SIGNAL ARGUMENT...`; else it ends with exit code 2. The
/// handler calls nothing but functions that signal-safety(7) lists, and setns(2). Neither does it print what an
/// exception says that nobody caught. Not in a build with sanitizers, whose reports tell more, and not in children.
/// `arguments` are those of main without program and STATE, and must outlive the process's last thread.
void survive_crashes(char** arguments, std::string_view state);

}  // namespace doctor::util
