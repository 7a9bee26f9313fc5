#include "diagnosis/baseline.hpp"

#include <set>

#include "diagnosis/coverage.hpp"
#include "diagnosis/problem.hpp"

namespace doctor::diagnosis {

void compare(Report& report, const Baseline& baseline, const std::string& file) {
  std::map<std::string, const Baseline::Known*> known;
  for (const auto& finding : baseline.findings) known.emplace(finding.fingerprint, &finding);
  std::set<std::string> found;
  for (auto& problem : report.problems) {
    found.insert(problem.fingerprint);
    const auto before = known.find(problem.fingerprint);
    problem.known = before != known.end() && rank(before->second->severity) <= rank(problem.severity);
  }
  BaselineResult result{file, baseline.started, {}};
  for (const auto& [fingerprint, finding] : known)
    if (finding->root && found.count(fingerprint) == 0 && has_seen_all(report, finding->check))
      result.resolved.push_back({finding->entry, finding->subject, fingerprint, finding->title});
  report.baseline = std::move(result);
}

}  // namespace doctor::diagnosis
