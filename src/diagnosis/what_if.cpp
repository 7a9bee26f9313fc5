#include "diagnosis/what_if.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "diagnosis/problem.hpp"
#include "diagnosis/seen.hpp"

namespace doctor::diagnosis {
namespace {

enum class Fate { resolved, expected, remaining, unknown };

const Problem* find(const Report& report, const std::string& fingerprint) {
  for (const auto& problem : report.problems)
    if (problem.fingerprint == fingerprint) return &problem;
  return nullptr;
}

class Comparison {
 public:
  Comparison(const Report& before, const Report& after, const std::vector<WhatIf::Change>& changes)
      : before_{before}, after_{after} {
    for (const auto& change : changes) changed_.insert(change.setting);
    for (const auto& problem : before.problems)
      if (problem.root) decide_root(problem);
    for (const auto& problem : before.problems)
      if (!problem.root) decide_consequence(problem);
  }

  WhatIf told(std::vector<WhatIf::Change> changes) const {
    WhatIf told;
    told.changes = std::move(changes);
    for (const auto& problem : before_.problems) {
      const auto fate = fates_.at(problem.fingerprint);
      auto& list = fate == Fate::resolved   ? told.resolved
                   : fate == Fate::expected ? told.expected
                   : fate == Fate::unknown  ? told.unknown
                                            : told.remaining;
      const auto reason = reasons_.find(problem.fingerprint);
      list.push_back(item(problem, reason == reasons_.end() ? std::string{} : reason->second));
    }
    for (const auto& problem : after_.problems)
      if (fates_.count(problem.fingerprint) == 0) told.fresh.push_back(item(problem, {}));
    for (const auto& item : after_.unexamined)
      if (!was_unexamined(item)) told.unexamined.push_back(item);
    return told;
  }

  /// Whether a finding of the report afterwards is one that counts.
  bool counts(const Problem& problem) const {
    const auto fate = fates_.find(problem.fingerprint);
    return fate == fates_.end() || fate->second == Fate::remaining;
  }

 private:
  static WhatIf::Item item(const Problem& problem, std::string reason) {
    return {problem.entry, problem.severity, problem.subject,  problem.fingerprint,
            problem.title, problem.root,     std::move(reason)};
  }

  bool was_unexamined(const Unexamined& item) const {
    return std::any_of(before_.unexamined.begin(), before_.unexamined.end(), [&](const Unexamined& other) {
      return other.subject == item.subject && other.check == item.check;
    });
  }

  void decide_root(const Problem& problem) { fates_[problem.fingerprint] = fate_alone(problem); }

  Fate fate_alone(const Problem& problem) {
    if (find(after_, problem.fingerprint) != nullptr) return Fate::remaining;
    auto reason = why_not_seen(after_, problem);
    if (reason.empty()) reason = why_not_tried(problem);
    if (reason.empty()) return Fate::resolved;
    reasons_[problem.fingerprint] = std::move(reason);
    return Fate::unknown;
  }

  /// A finding about a value that the same check would now have to try: a password is not right because it is another.
  std::string why_not_tried(const Problem& problem) const {
    if (changed_.count(problem.subject) == 0) return {};
    for (const auto& item : after_.unexamined)
      if (item.check == problem.check && !item.subject.starts_with("setting:") && !was_unexamined(item))
        return item.subject + ": " + item.reason;
    return {};
  }

  /// It stays as long as one of its causes does; when it is not seen any more, it is gone all the same.
  void decide_consequence(const Problem& problem) {
    const auto alone = fate_alone(problem);
    fates_[problem.fingerprint] = alone == Fate::resolved ? alone : fate_of_causes(problem);
  }

  Fate fate_of_causes(const Problem& problem) {
    bool any_unknown = false;
    for (const auto& cause : problem.caused_by) {
      const auto fate = fates_.find(cause);
      if (fate == fates_.end() || fate->second == Fate::remaining) return Fate::remaining;
      any_unknown = any_unknown || fate->second == Fate::unknown;
    }
    if (!any_unknown) return Fate::expected;
    reasons_[problem.fingerprint] = "what it follows from cannot be judged";
    return Fate::unknown;
  }

  const Report& before_;
  const Report& after_;
  std::set<std::string> changed_;  ///< subjects
  std::map<std::string, Fate> fates_;
  std::map<std::string, std::string> reasons_;
};

/// What cannot be judged is not examined.
void add_unexamined(const Report& before, const WhatIf& told, std::vector<Unexamined>& unexamined) {
  for (const auto& item : told.unknown) {
    const auto* problem = find(before, item.fingerprint);
    const auto is_it = [&](const Unexamined& other) {
      return other.subject == item.subject && other.check == problem->check;
    };
    if (std::none_of(unexamined.begin(), unexamined.end(), is_it))
      unexamined.push_back({item.subject, problem->check, item.reason});
  }
}

/// A finding whose causes have all gone stands on its own.
void cut_loose(std::vector<Problem>& problems) {
  std::set<std::string> left;
  for (const auto& problem : problems) left.insert(problem.fingerprint);
  for (auto& problem : problems) {
    auto& causes = problem.caused_by;
    causes.erase(
        std::remove_if(causes.begin(), causes.end(), [&](const std::string& cause) { return left.count(cause) == 0; }),
        causes.end());
    if (causes.empty()) problem.root = true;
  }
  sort_problems(problems);
}

}  // namespace

Report what_if(const Report& before, Report after, std::vector<WhatIf::Change> changes) {
  const Comparison comparison{before, after, changes};
  auto told = comparison.told(std::move(changes));
  auto& problems = after.problems;
  problems.erase(std::remove_if(problems.begin(), problems.end(),
                                [&](const Problem& problem) { return !comparison.counts(problem); }),
                 problems.end());
  cut_loose(problems);
  add_unexamined(before, told, after.unexamined);
  after.what_if = std::move(told);
  return after;
}

}  // namespace doctor::diagnosis
