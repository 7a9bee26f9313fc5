#pragma once

#include <sys/types.h>

#include <string>

#include "lab/command.hpp"

namespace doctor::lab {

struct TerminalOptions {
  Environment environment{};  ///< set beside this process's own, without CI and what tells of pagers and terminals;
                              ///< TERM is xterm
  unsigned short columns = 80;
  unsigned short rows = 24;
};

/// A program whose standard streams are a terminal of its own. The destructor kills it. Whatever reads throws
/// std::runtime_error when nothing comes for a minute.
class Terminal {
 public:
  /// Throws std::runtime_error when there is no terminal.
  explicit Terminal(const Arguments& arguments, const TerminalOptions& options = {});
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  /// Reads until `mark` has come `times` times since the last call, or until the program ends.
  void read_until(const std::string& mark, int times = 1);

  /// Keys: "\x03" is Ctrl-C, "\x04" Ctrl-D on an empty line.
  void type(const std::string& keys) const;
  void send(int signal) const;

  /// Reads to the end. The exit code, or -1 when a signal has ended it.
  int wait();

  /// All that came, as the terminal gets it ("\r\n").
  const std::string& seen() const { return seen_; }

 private:
  bool read_some();

  pid_t pid_ = -1;
  int descriptor_ = -1;
  std::string seen_;
  std::size_t from_ = 0;
};

}  // namespace doctor::lab
