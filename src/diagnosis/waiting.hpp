#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "diagnosis/report.hpp"

namespace doctor::diagnosis {

/// What several runs, one after the other, saw come and go: findings at or above a threshold, roots or not, and what
/// could not be examined. A finding is gone when its check ran, looked at its subject, and did not find it any more.
class WaitHistory {
 public:
  /// `fail_on` is error, warning, info or never. `allow_incomplete`: nobody waits for what cannot be examined.
  explicit WaitHistory(std::string fail_on, bool allow_incomplete = false)
      : fail_on_{std::move(fail_on)}, allow_incomplete_{allow_incomplete} {}

  /// Something that is different from the run before.
  struct Event {
    std::string kind;  ///< "failing", "healthy", "failing again", "not examined", "examined"
    Change change;
  };

  /// Takes the next report; `after_ms` is the time since the first run began. Returns what has changed.
  std::vector<Event> add(const Report& report, std::int64_t after_ms);

  /// Findings that are there now.
  std::vector<Change> failing() const;

  /// How many subjects cannot be examined now.
  int unexamined() const;

  /// All of it; `waited_ms` and `reached` are the caller's.
  Waiting waiting() const;

 private:
  struct State {
    Change change;
    std::string check;
    bool is_failing = true;
    std::int64_t gone_at = 0;
    std::int64_t back_at = 0;
    int went = 0;
    int came_back = 0;
  };

  /// A subject that could not be examined.
  struct Unseen {
    Change change;
    bool is_open = true;
    std::int64_t seen_at = 0;
  };

  void add_failing(const Report& report, std::int64_t after_ms, std::vector<Event>& events);
  void add_unexamined(const Report& report, std::int64_t after_ms, std::vector<Event>& events);

  std::string fail_on_;
  bool allow_incomplete_;
  int attempts_ = 0;
  std::map<std::string, State> states_;   ///< by fingerprint
  std::map<std::string, Unseen> unseen_;  ///< by subject
};

}  // namespace doctor::diagnosis
