#include "diagnosis/coverage.hpp"

#include <algorithm>
#include <set>

namespace doctor::diagnosis {
namespace {

/// The checks whose findings an entry can explain. Generic codes stand on the page of their check.
std::set<std::string> checks_of(const std::string& code, const guides::Library& library) {
  const auto entry = library.entry(code);
  if (!entry) return {};
  if (entry->system.empty()) return {entry->guide};
  std::set<std::string> checks;
  for (const auto& explains : entry->explains)
    if (const auto generic = library.entry(explains.code)) checks.insert(generic->guide);
  if (!entry->log.empty()) checks.insert("logs");
  return checks;
}

bool has_error(const Report& report) {
  return std::any_of(report.problems.begin(), report.problems.end(),
                     [](const Problem& problem) { return problem.severity_alone == "error"; });
}

}  // namespace

bool has_seen_all(const Report& report, const std::string& check) {
  const auto is_of_it = [&](const auto& item) { return item.check == check; };
  const auto has_looked = [&](const CheckSummary& item) {
    return item.id == check && (item.status == "passed" || item.status == "failed");
  };
  return report.complete && std::any_of(report.checks.begin(), report.checks.end(), has_looked) &&
         std::none_of(report.unexamined.begin(), report.unexamined.end(), is_of_it) &&
         std::none_of(report.skipped.begin(), report.skipped.end(), is_of_it);
}

bool would_have_found(const Report& report, const std::string& code, const guides::Library& library) {
  const auto checks = checks_of(code, library);
  // Where something is wrong, lines that nobody can explain are not worth a finding, and are left out.
  if (checks.count("logs") > 0 && has_error(report)) return false;
  return !checks.empty() && std::all_of(checks.begin(), checks.end(),
                                        [&](const std::string& check) { return has_seen_all(report, check); });
}

}  // namespace doctor::diagnosis
