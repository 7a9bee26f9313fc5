#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"

namespace doctor::probes {

/// A piece of work that may hang in the kernel (open, stat, statfs on a dead mount). It runs in a process of its own:
/// it may block, leak and crash. It gets the request and answers bytes.
struct HelperJob {
  std::string_view name;
  Outcome<std::string> (*run)(const std::string& request);
};

/// The jobs of files.hpp, listeners.hpp and processes.hpp.
const std::vector<HelperJob>& helper_jobs();

/// A process that runs jobs, one child per call, so that a call that hangs in the kernel costs its caller a deadline
/// and the run nothing. Thread-safe; calls run side by side.
class Helper {
 public:
  static constexpr std::chrono::milliseconds limit{3000};
  static constexpr std::size_t most_request = 64 * 1024;
  static constexpr std::size_t most_answer = 8 * 1024 * 1024;

  /// Forks. Call it from the main thread before any other thread exists. The helper holds no descriptor of ours,
  /// ignores SIGINT and SIGTERM (its parent decides) and ends with its parent. Throws std::system_error when it cannot
  /// start.
  static std::unique_ptr<Helper> start(const std::vector<HelperJob>& jobs = helper_jobs());

  ~Helper();
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  /// The answer of a job, by `deadline` or 3 s from now. A job of an unknown name throws std::invalid_argument.
  Outcome<std::string> call(std::string_view job, const std::string& request, const Deadline& deadline);

 private:
  Helper(pid_t pid, int socket, std::vector<std::string> names);

  pid_t pid_;
  int socket_;
  std::vector<std::string> names_;
};

}  // namespace doctor::probes
