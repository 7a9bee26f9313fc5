#include "cli/pager.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ostream>
#include <string_view>
#include <vector>

#include "cli/terminal.hpp"
#include "util/words.hpp"

namespace doctor::cli {
namespace {

using Words = std::vector<std::string>;

/// What the user set, even to nothing; less when nobody set anything.
Words pager_words() {
  for (const char* name : {"DOCTOR_PAGER", "PAGER"})
    if (const char* value = std::getenv(name)) return util::words(value).value_or(Words{});
  return {"less"};
}

/// Empty: the text goes to standard output.
Words pager_for(const OutputOptions& options) {
  const auto terminal = own_variable("TERM");
  if (options.no_pager || options.format != "human" || !options.output.empty() || terminal.empty() ||
      terminal == "dumb" || isatty(STDOUT_FILENO) == 0)
    return {};
  auto words = pager_words();
  if (words == Words{"cat"}) words.clear();
  return words;
}

std::vector<char*> pointers(Words& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// Our own, with what git(1), too, tells pagers that are not told otherwise.
Words environment() {
  Words all;
  for (char** item = environ; *item != nullptr; ++item) all.emplace_back(*item);
  if (std::getenv("LESS") == nullptr) all.emplace_back("LESS=FRX");
  if (std::getenv("LV") == nullptr) all.emplace_back("LV=-c");
  return all;
}

/// Ctrl-C and Ctrl-\ are the pager's until it has ended.
class SignalsOfPager {
 public:
  SignalsOfPager() {
    struct sigaction ignored {};
    ignored.sa_handler = SIG_IGN;
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals.at(i), &ignored, &before_.at(i));
  }
  SignalsOfPager(const SignalsOfPager&) = delete;
  SignalsOfPager& operator=(const SignalsOfPager&) = delete;
  ~SignalsOfPager() {
    for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals.at(i), &before_.at(i), nullptr);
  }

 private:
  static constexpr std::array<int, 2> signals{SIGINT, SIGQUIT};
  std::array<struct sigaction, 2> before_{};
};

/// 0, or the errno.
int start(Words words, int input, pid_t& pid) {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawnattr_init(&attributes);
  sigset_t all{};
  sigfillset(&all);
  sigset_t none{};
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  auto variables = environment();
  const int failure = posix_spawnp(&pid, words.front().c_str(), &actions, &attributes, pointers(words).data(),
                                   pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failure;
}

/// As much as is wanted: SIGPIPE is ignored, and a pager that has ended wants no more.
void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto count = write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

/// False: the pager could not be started, and nothing was shown.
bool is_shown_by(const Words& words, const std::string& text) {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  const SignalsOfPager signals;
  pid_t pid = -1;
  const int failure = start(words, ends[0], pid);
  close(ends[0]);
  if (failure == 0) write_all(ends[1], text);
  close(ends[1]);
  if (failure != 0) return false;
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return true;
}

}  // namespace

int deliver_paged(const std::string& text, const OutputOptions& options, Streams streams, int code) {
  const auto words = pager_for(options);
  if (words.empty()) return deliver(text, options, streams, code);
  streams.out << std::flush;
  return is_shown_by(words, text) ? code : deliver(text, options, streams, code);
}

}  // namespace doctor::cli
