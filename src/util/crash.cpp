#include "util/crash.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace doctor::util {
namespace {

constexpr std::size_t most_name = 63;
constexpr std::array signals{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool has_sanitizer = true;
#else
constexpr bool has_sanitizer = false;
#endif

thread_local std::array<char, most_name + 1> current{};

/// Text of bounded length, made without memory of the heap.
class Line {
 public:
  void add(std::string_view text) {
    is_full_ = is_full_ || text.size() > text_.size() - 1 - length_;
    if (is_full_) return;
    std::copy(text.begin(), text.end(), text_.begin() + static_cast<std::ptrdiff_t>(length_));
    length_ += text.size();
  }
  bool is_full() const { return is_full_; }
  char* text() { return text_.data(); }
  void write() const {
    if (::write(STDERR_FILENO, text_.data(), length_) < 0) return;  // nobody is left who could be told
  }

 private:
  std::array<char, 1024> text_{};  // stays terminated by a zero
  std::size_t length_ = 0;
  bool is_full_ = false;
};

/// What the handler needs, made beforehand. A handler has no other way to it than a global.
struct Prepared {
  pid_t process = 0;
  int network = -1;  ///< the program's own: the thread that crashes may have left it for that of a container
  bool is_terminal = false;
  sigset_t mask{};
  Line state;
  std::vector<char*> arguments;  ///< the second one is filled in
  std::atomic_flag busy;
};

Prepared& prepared() {
  static Prepared all;
  return all;
}

std::string_view name_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGILL:
      return "SIGILL";
    case SIGFPE:
      return "SIGFPE";
    default:
      return "SIGABRT";
  }
}

void tell(std::string_view what, std::string_view signal, bool goes_on) {
  Line line;
  if (prepared().is_terminal) line.add("\r\x1b[K");  // there may be a line that tells of progress
  line.add("doctor: ");
  line.add(what.empty() ? "it" : "the check ");
  line.add(what);
  line.add(" crashed (");
  line.add(signal);
  line.add("), which is a bug in doctor");
  line.add(goes_on ? "; once more without it\n" : "; there is no report\n");
  line.write();
}

/// Comes back where that is impossible.
void start_again() {
  auto& all = prepared();
  if (all.network >= 0) setns(all.network, CLONE_NEWNET);
  sigprocmask(SIG_SETMASK, &all.mask, nullptr);
  all.arguments[2] = all.state.text();
  execve("/proc/self/exe", all.arguments.data(), environ);
}

void crashed(int signal) {
  auto& all = prepared();
  if (getpid() != all.process) {
    ::signal(signal, SIG_DFL);
    raise(signal);
    return;
  }
  if (all.busy.test_and_set())
    for (;;) pause();  // another thread is about to end the process
  const auto what = doing();
  const auto cause = name_of(signal);
  for (const auto part : {std::string_view{","}, what, std::string_view{"="}, cause}) all.state.add(part);
  const bool goes_on = !what.empty() && Repeatable::now() && !all.state.is_full();
  tell(what, cause, goes_on);
  if (goes_on) start_again();
  _exit(2);
}

void use_handler() {
  struct sigaction action {};
  action.sa_handler = crashed;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  sigfillset(&action.sa_mask);
  for (const int signal : signals) sigdelset(&action.sa_mask, signal);
  for (const int signal : signals) sigaction(signal, &action, nullptr);
}

}  // namespace

std::atomic<int> Repeatable::count_{0};

Doing::Doing(std::string_view what) : stack_{std::make_unique<std::array<char, stack_size>>()} {
  const auto length = std::min(what.size(), most_name);
  std::copy_n(what.begin(), length, current.begin());
  current[length] = '\0';
  prctl(PR_SET_NAME, current.data(), 0, 0, 0);  // which takes 15 characters of it
  stack_t other{};
  other.ss_sp = stack_->data();
  other.ss_size = stack_->size();
  sigaltstack(&other, nullptr);
}

Doing::~Doing() {
  current[0] = '\0';
  prctl(PR_SET_NAME, "doctor", 0, 0, 0);
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  sigaltstack(&none, nullptr);
}

std::string_view doing() {
  return current.data();
}

void survive_crashes(char** arguments, std::string_view state) {
  if (has_sanitizer) return;
  auto& all = prepared();
  all.process = getpid();
  all.network = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  all.is_terminal = isatty(STDERR_FILENO) == 1;
  sigprocmask(SIG_SETMASK, nullptr, &all.mask);
  all.state.add(state);
  static std::array<char, 8> program{"doctor"};
  static std::array<char, 8> first{};
  std::copy_n(again, std::string_view{again}.size(), first.begin());
  all.arguments = {program.data(), first.data(), nullptr};
  for (char** argument = arguments; *argument != nullptr; ++argument) all.arguments.push_back(*argument);
  all.arguments.push_back(nullptr);
  std::set_terminate([] { abort(); });
  use_handler();
}

}  // namespace doctor::util
