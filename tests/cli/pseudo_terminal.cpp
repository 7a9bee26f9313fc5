#include "cli/pseudo_terminal.hpp"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace doctor::lab {
namespace {

[[noreturn]] void become(Arguments arguments, const TerminalOptions& options) {
  for (const char* name : {"CI", "PAGER", "DOCTOR_PAGER", "LESS", "NO_COLOR", "COLUMNS", "FORCE_HYPERLINK",
                           "VTE_VERSION", "WT_SESSION", "KONSOLE_VERSION", "TERM_PROGRAM"})
    unsetenv(name);
  setenv("TERM", "xterm", 1);
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (auto& word : arguments) words.push_back(word.data());
  words.push_back(nullptr);
  execv(words.front(), words.data());
  _exit(127);
}

}  // namespace

Terminal::Terminal(const Arguments& arguments, const TerminalOptions& options) {
  const winsize size{options.rows, options.columns, 0, 0};
  pid_ = forkpty(&descriptor_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::runtime_error{"no terminal"};
  if (pid_ == 0) become(arguments, options);
}

Terminal::~Terminal() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(descriptor_);
}

void Terminal::read_until(const std::string& mark, int times) {
  for (; times > 0; --times) {
    auto at = seen_.find(mark, from_);
    while (at == std::string::npos && read_some()) at = seen_.find(mark, from_);
    if (at == std::string::npos) return;
    from_ = at + mark.size();
  }
}

void Terminal::type(const std::string& keys) const {
  if (write(descriptor_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
    throw std::runtime_error{"the terminal does not take that"};
}

void Terminal::send(int signal) const {
  kill(pid_, signal);
}

int Terminal::wait() {
  while (read_some()) {
  }
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool Terminal::read_some() {
  constexpr int limit = 60'000;
  pollfd wanted{descriptor_, POLLIN, 0};
  if (poll(&wanted, 1, limit) == 0) throw std::runtime_error{"the program says nothing: " + seen_};
  std::array<char, 4096> buffer{};
  const auto count = read(descriptor_, buffer.data(), buffer.size());
  if (count > 0) seen_.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

}  // namespace doctor::lab
