#include "diagnosis/seen.hpp"

#include <algorithm>

#include "core/runner.hpp"

namespace doctor::diagnosis {
namespace {

const Unexamined* unseen_in(const std::vector<Unexamined>& list, const Problem& problem) {
  for (const auto& item : list) {
    const bool is_log = problem.check == "logs" && item.check == "logs";  // whose findings may be told of another part
    if (item.check == problem.check && (is_log || item.subject == problem.subject)) return &item;
  }
  return nullptr;
}

}  // namespace

std::string why_not_seen(const Report& report, const Problem& problem) {
  for (const auto* list : {&report.unexamined, &report.skipped})
    if (const auto* item = unseen_in(*list, problem)) return item->reason.empty() ? "not examined" : item->reason;
  const auto check = std::find_if(report.checks.begin(), report.checks.end(),
                                  [&](const CheckSummary& summary) { return summary.id == problem.check; });
  if (check == report.checks.end()) return "the check " + problem.check + " was not run";
  if (check->status == "passed" || check->status == "failed") return {};
  if (check->status == "skipped" && check->reason == core::nothing_there) return {};  // so this is gone, too
  if (check->status == "unexamined" && report.complete) return {};                    // but not for this subject
  return check->reason.empty() ? "the check " + problem.check + " did not look" : check->reason;
}

}  // namespace doctor::diagnosis
