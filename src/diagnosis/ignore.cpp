#include "diagnosis/ignore.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "diagnosis/coverage.hpp"
#include "diagnosis/problem.hpp"
#include "doctor/codes/doctor.hpp"
#include "util/text.hpp"

namespace doctor::diagnosis {
namespace {

bool is_over(const Ignore& entry, const std::string& today) {
  return !entry.expires.empty() && entry.expires < today;
}

bool fits(const Ignore& entry, const Problem& problem) {
  return (entry.code == problem.code || entry.code == problem.entry) &&
         (entry.subject.empty() || util::glob_match(entry.subject, problem.subject));
}

std::string name_of(const Ignore& entry) {
  return util::shown(entry.subject.empty() ? entry.code : entry.code + "=" + entry.subject);
}

/// Marks the problems from `first` on with the entry that fits, if one does.
void match(std::vector<Problem>& problems, std::size_t first, const std::vector<Ignore>& entries,
           const std::string& today) {
  for (std::size_t i = first; i < problems.size(); ++i)
    for (const auto& entry : entries) {
      if (is_over(entry, today) || !fits(entry, problems[i])) continue;
      problems[i].ignored = true;
      problems[i].ignored_by = entry;
      break;
    }
}

/// Roots by fingerprint, and what follows from them.
class Tree {
 public:
  explicit Tree(std::vector<Problem>& problems) : problems_{problems} {
    for (auto& problem : problems_)
      if (problem.root) roots_.emplace(problem.fingerprint, &problem);
  }

  void settle() {
    for (auto& problem : problems_)
      if (!problem.root && !problem.ignored && outgrows(problem))
        for (auto* root : roots_of(problem)) root->ignored = false;
    for (auto& problem : problems_)
      if (!problem.root && !problem.ignored) problem.ignored = follows_from_ignored_alone(problem);
    for (auto& problem : problems_)
      if (problem.root) problem.severity = problem.severity_alone;
    for (const auto& problem : problems_)
      if (!problem.root && !problem.ignored) raise(problem);
  }

 private:
  std::vector<Problem*> roots_of(const Problem& problem) const {
    std::vector<Problem*> roots;
    for (const auto& fingerprint : problem.caused_by)
      if (const auto found = roots_.find(fingerprint); found != roots_.end()) roots.push_back(found->second);
    return roots;
  }

  bool follows_from_ignored_alone(const Problem& problem) const {
    const auto roots = roots_of(problem);
    return !roots.empty() && std::all_of(roots.begin(), roots.end(), [](const Problem* root) { return root->ignored; });
  }

  /// It is worse than everything that it follows from and that would hide it.
  bool outgrows(const Problem& problem) const {
    if (!follows_from_ignored_alone(problem)) return false;
    const auto roots = roots_of(problem);
    return std::all_of(roots.begin(), roots.end(),
                       [&](const Problem* root) { return rank(problem.severity_alone) < rank(root->severity_alone); });
  }

  void raise(const Problem& problem) const {
    for (auto* root : roots_of(problem))
      if (rank(problem.severity_alone) < rank(root->severity)) root->severity = problem.severity_alone;
  }

  std::vector<Problem>& problems_;
  std::map<std::string, Problem*> roots_;
};

/// Entries of one file that share a fault: one finding, with each entry as evidence.
using ByFile = std::map<std::string, std::vector<const Ignore*>>;

void add_own(Report& report, Code code, const ByFile& files, const Deployment& deployment,
             const guides::Library& library) {
  const auto entry = library.entry(code.text());
  for (const auto& [file, ignores] : files) {
    Finding finding{code, "file:" + file, {{"file", file, "", ""}}};
    for (const auto* item : ignores) {
      finding.evidence.push_back({"entry", name_of(*item), item->source, ""});
      if (code == codes::ignore_expired) finding.evidence.push_back({"expires", item->expires, item->source, ""});
      finding.evidence.push_back({"reason", util::shown(item->reason), item->source, ""});
    }
    report.problems.push_back(problem_of(finding, entry.value(), own_check, deployment));
  }
}

bool is_own(const std::string& code) {
  return code == codes::ignore_expired.text() || code == codes::ignore_stale.text();
}

}  // namespace

void ignore(Report& report, const std::vector<Ignore>& entries, const std::string& today, const Deployment& deployment,
            const guides::Library& library) {
  if (entries.empty()) return;
  match(report.problems, 0, entries, today);
  ByFile expired;
  ByFile stale;
  for (const auto& entry : entries) {
    if (entry.file.empty()) continue;
    const auto is_meant = [&](const Problem& problem) { return fits(entry, problem); };
    if (is_over(entry, today))
      expired[entry.file].push_back(&entry);
    else if (!is_own(entry.code) && std::none_of(report.problems.begin(), report.problems.end(), is_meant) &&
             would_have_found(report, entry.code, library))
      stale[entry.file].push_back(&entry);
  }
  const auto first = report.problems.size();
  add_own(report, codes::ignore_expired, expired, deployment, library);
  add_own(report, codes::ignore_stale, stale, deployment, library);
  match(report.problems, first, entries, today);
  Tree{report.problems}.settle();
  sort_problems(report.problems);
}

}  // namespace doctor::diagnosis
