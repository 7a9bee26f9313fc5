#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/probe/logs.hpp"
#include "logs/line.hpp"

namespace doctor::logs {

/// How much of a line is kept for a report.
inline constexpr std::size_t most_shown = 400;

/// Lines that one entry, or nothing, explains.
struct Tally {
  std::uint64_t count = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::uint64_t first_line = 0;  ///< number of the line
  std::uint64_t last_line = 0;
  std::string newest;         ///< the line, or the message of a JSON line
  std::string shown;          ///< the line as reported
  std::size_t signature = 0;  ///< that has matched the newest

  void add(const Line& line, std::uint64_t number);
};

/// What one run of a service has written.
class Run {
 public:
  /// Counts a line; the functions below are about it until the next call.
  void begin(const Line& line);
  void reach(const std::string& milestone);
  /// The line is explained by a signature of the entry with this number.
  void hit(std::size_t entry, std::size_t signature);
  /// After all of these: an error that nothing explains is put by until its neighbours are known.
  void end();

  bool reached(const std::string& milestone) const { return reached_.count(milestone) > 0; }
  std::size_t milestones() const { return reached_.size(); }
  std::uint64_t count_of(std::size_t signature) const;
  std::uint64_t lines() const { return lines_; }
  std::uint64_t errors() const { return errors_; }
  std::uint64_t quiet_lines() const { return quiet_lines_; }  ///< lines that call themselves no more than information
  std::int64_t first_at() const { return first_at_; }
  const std::map<std::size_t, Tally>& tallies() const { return tallies_; }

  /// Everything but hits.
  LogsAnswer summary() const;
  /// The errors that nothing explains; count 0: none.
  Tally unexplained() const;

 private:
  struct Pending {
    Tally tally;
    std::uint64_t number = 0;
  };
  bool is_neighbour(std::uint64_t number, std::int64_t at) const;
  void settle(std::uint64_t before);

  Line line_;
  bool explained_ = false;
  std::uint64_t lines_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t quiet_lines_ = 0;
  std::int64_t first_at_ = 0;
  std::uint64_t explained_line_ = 0;  ///< number of the last explained line; 0: none
  std::int64_t explained_at_ = 0;
  std::string last_error_;
  std::set<std::string> reached_;
  std::vector<LogMilestone> milestones_;
  std::map<std::size_t, Tally> tallies_;
  std::map<std::size_t, std::uint64_t> signature_counts_;
  std::deque<Pending> pending_;
  Tally unexplained_;
  std::vector<std::string> tail_;  ///< a ring
};

}  // namespace doctor::logs
