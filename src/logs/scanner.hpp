#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "doctor/probe/logs.hpp"
#include "logs/signature.hpp"

namespace doctor::logs {

/// Which lines belong to the last run.
struct RunStart {
  std::int64_t since = 0;   ///< seconds since 1970; older lines are of an earlier run. 0: any time
  std::int64_t offset = 0;  ///< seconds east of Greenwich of times without a zone
  std::int64_t recent = 0;  ///< what ended the run before counts when it is not older than this; 0: never
};

/// Reads the log of one service as a stream. Colours are removed, JSON lines understood, a line is kept up to 64 KB.
/// Linear in its input.
///
/// A run begins with the first line that is not older than `since`, and begins again whenever the service's first
/// milestone is reached anew. A line without a time of its own has that of the line before it. Two lines on either side
/// of one that a signature explains, in the same second, belong to it: an error among them needs no explanation.
class Scanner {
 public:
  Scanner(const Patterns& patterns, const std::string& service, const RunStart& start = {});
  ~Scanner();
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  /// One line without its end; `at` is its time as the log driver says, 0: not known (the line itself may say it).
  void line(std::string_view text, std::int64_t at = 0);
  /// A piece of a file, cut anywhere.
  void feed(std::string_view bytes);
  /// The end of a file: what is left of its last line is a line, and the next one begins without a time.
  void end_of_file();

  /// What was found so far. `source` is the caller's, and so is `complete`. A hit without an entry counts the error
  /// lines that no signature explains. Hits of signatures that outlive their run are told of the run before, too, when
  /// they stand among its last lines.
  LogsAnswer result() const;
  /// The same of the run before it; empty when none was seen.
  LogsAnswer previous() const;
  /// Whether the last run has nothing to tell yet: it has neither reached all milestones nor reported an error.
  bool unfinished() const;
  /// Whether the beginning of the last run is gone: its first line is more than a minute younger than the run, and
  /// among what a program writes in passing there is no word of its first milestone.
  bool lacks_beginning() const;
  /// Bytes of lines past 64 KB.
  std::uint64_t skipped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace doctor::logs
