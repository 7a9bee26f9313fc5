#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/server_process.hpp"

/// Other programs, run as an operator would run them.
namespace doctor::lab {

using Arguments = std::vector<std::string>;
using Environment = std::vector<std::pair<std::string, std::string>>;

struct CommandOptions {
  std::optional<Environment> environment;  ///< the whole of it; nothing: PATH, HOME, LANG, and no Docker Engine
  std::string directory;                   ///< working directory; "": this process's
  std::optional<std::uint32_t> uid;        ///< user and group to become; needs root
  std::chrono::milliseconds limit{60000};  ///< then the program is killed and run() throws
  std::string output;                      ///< a file for its standard output and error; "": captured
};

struct CommandResult {
  int exit = -1;   ///< exit code; 128 + signal when a signal ended it
  int signal = 0;  ///< 0: it left by itself
  std::string out;
  std::string err;
  std::chrono::microseconds wall{0};
  std::chrono::microseconds cpu{0};  ///< user and system
  long rss_kb = 0;                   ///< its highest resident set
};

/// A program under way. The destructor ends it: SIGTERM, and SIGKILL after two seconds.
class Child {
 public:
  /// Throws std::runtime_error when it cannot be started.
  Child(const Arguments& argv, const CommandOptions& options);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }
  bool alive();
  void send(int signal);

  /// Reads what it writes until it ends; throws std::runtime_error and kills it when the limit passes.
  CommandResult wait(std::chrono::milliseconds limit);
  void stop();

 private:
  bool reap(int options);

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  bool ended_ = false;
  std::chrono::steady_clock::time_point begin_;
  CommandResult result_;
};

CommandResult run(const Arguments& argv, const CommandOptions& options = {});

/// The same, and throws std::runtime_error with its standard error unless it exits 0.
std::string run_or_throw(const Arguments& argv, const CommandOptions& options = {});

using test::free_port;

/// The doctor under test: $DOCTOR_BINARY, else the one of this build.
std::string doctor_binary();

/// A program of this build's lab.
std::string lab_program(const std::string& name);

}  // namespace doctor::lab
