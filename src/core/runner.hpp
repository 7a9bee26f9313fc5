#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"

namespace doctor::core {

/// The reason of a check that ran and had nothing to look at.
inline constexpr std::string_view nothing_there = "there is nothing of this kind in the deployment";

/// How one check ended.
struct CheckResult {
  const CheckInfo* check = nullptr;
  Judgement judgement;
  std::string status;  ///< "passed", "failed", "skipped", "unexamined"
  std::string reason;  ///< for skipped and unexamined: why
  std::chrono::milliseconds took{0};
};

struct RunOptions {
  std::chrono::milliseconds check_limit{10000};
  std::map<std::string, std::chrono::milliseconds> patience;  ///< what single checks, by id, may take beyond that
  std::chrono::milliseconds run_limit{30000};
  unsigned workers = 16;
  std::vector<std::string> skipped;            ///< ids that the user excluded, reported as skipped
  std::map<std::string, std::string> crashed;  ///< ids that ended the process before, and the signal: not run again
  std::stop_token stop;                        ///< the user's interrupt
  /// Whether a finding is an error: the runner does not know the guides.
  std::function<bool(const Finding&)> is_error;
  std::function<void(const CheckResult&)> ended;  ///< progress; called under a lock; may be empty
};

struct RunResult {
  std::vector<CheckResult> checks;  ///< in the order of the list
  bool complete = true;             ///< false: interrupted, or a check was left behind
};

/// Runs the checks on a pool of workers, each with a deadline of its own and one for all. Whatever a check throws
/// becomes an `unexamined` that names it. A check that does not come back within its deadline is left behind: its
/// result is unexamined, its thread keeps running detached, and the caller must leave the process without waiting for
/// it. Deployment and probes are shared so that a thread left behind never reads freed memory.
RunResult run(const std::vector<const CheckInfo*>& checks, std::shared_ptr<const Deployment> deployment,
              std::shared_ptr<Probes> probes, const RunOptions& options);

}  // namespace doctor::core
