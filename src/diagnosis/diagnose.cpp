#include "diagnosis/diagnose.hpp"

#include <algorithm>
#include <set>

#include "diagnosis/causes.hpp"
#include "diagnosis/problem.hpp"

namespace doctor::diagnosis {
namespace {

/// A finding with its entry, before it is known what follows from what.
struct Explained {
  Finding finding;
  guides::Entry entry;
  std::string check;
  std::size_t order = 0;
  bool is_about_files = false;
};

std::map<std::string, std::string> evidence_map(const std::vector<Evidence>& evidence) {
  std::map<std::string, std::string> map;
  for (const auto& item : evidence) map.emplace(item.name, item.value);
  return map;
}

guides::Entry entry_for(const Finding& finding, const Deployment& deployment, const guides::Library& library) {
  if (!finding.entry.empty())
    if (auto named = library.entry(finding.entry)) return *named;
  return library.explain(deployment.system, finding.code, evidence_map(finding.evidence));
}

/// The same value under the same name is one observation, wherever it was made.
void merge_evidence(std::vector<Evidence>& into, const std::vector<Evidence>& more) {
  for (const auto& item : more) {
    const auto same = [&](const Evidence& other) { return other.name == item.name && other.value == item.value; };
    if (std::none_of(into.begin(), into.end(), same)) into.push_back(item);
  }
}

constexpr std::string_view log_code = "log-signature";
constexpr std::string_view ended_code = "log-run-ended";
constexpr std::string_view unexplained_code = "log-errors-present";
constexpr std::string_view rotated_code = "logs-rotated-away";

/// The subjects that a log line of `service` may be about: the service, its endpoints, and all that it depends on.
class Surroundings {
 public:
  Surroundings(const Deployment& deployment, const std::string& service) : service_{service} {
    const auto upstream = deployment.depends_on(service);
    subjects_.insert(upstream.begin(), upstream.end());
    subjects_.insert(service);
  }
  bool hold(const std::string& subject) const { return is_own(subject) || subjects_.count(subject) > 0; }
  bool is_own(const std::string& subject) const { return subject == service_ || service_of(subject) == service_; }

 private:
  std::string service_;
  std::set<std::string> subjects_;
};

/// Findings with their entries, one for each entry and subject, built up in the order of the checks.
class Collection {
 public:
  Collection(const Deployment& deployment, const core::RunResult& run, const guides::Library& library)
      : deployment_{deployment}, run_{run}, library_{library} {}

  std::vector<Explained> all() {
    for (std::size_t order = 0; order < run_.checks.size(); ++order)
      for (const auto& finding : run_.checks[order].judgement.findings)
        add({finding, entry_for(finding, deployment_, library_), std::string{run_.checks[order].check->id}, order,
             run_.checks[order].check->is_about_files});
    drop_unexplained_lines();
    drop_missing_lines();
    return std::move(items_);
  }

 private:
  /// Errors in a log that nobody can explain are worth a word only where nothing else is wrong.
  void drop_unexplained_lines() {
    const auto is_error = [](const Explained& item) { return item.entry.severity == "error"; };
    if (std::none_of(items_.begin(), items_.end(), is_error)) return;
    items_.erase(std::remove_if(items_.begin(), items_.end(),
                                [](const Explained& item) { return item.finding.code == unexplained_code; }),
                 items_.end());
  }

  /// Lines that are gone are missed only where something is wrong with what wrote them.
  void drop_missing_lines() {
    std::set<std::string> ill;
    for (const auto& item : items_)
      if (item.entry.severity == "error") ill.insert(item.finding.subject);
    const auto is_of_no_use = [&](const Explained& item) {
      if (item.finding.code != rotated_code) return false;
      const Surroundings around{deployment_, item.finding.subject};
      return std::none_of(ill.begin(), ill.end(), [&](const std::string& subject) { return around.hold(subject); });
    };
    items_.erase(std::remove_if(items_.begin(), items_.end(), is_of_no_use), items_.end());
  }

  void add(Explained item) {
    const bool is_log = item.finding.code == log_code || item.finding.code == ended_code;
    const Surroundings around{deployment_, item.finding.subject};
    if (is_log) item.order = std::max(order_of_line(item), order_of_cause(item, around));
    const auto same = std::find_if(items_.begin(), items_.end(), [&](const Explained& other) {
      const bool about_it = is_log ? around.hold(other.finding.subject) : other.finding.subject == item.finding.subject;
      return about_it && other.entry.code == item.entry.code;
    });
    if (same != items_.end()) return merge_evidence(same->finding.evidence, item.finding.evidence);
    if (is_log && is_history(item, around)) return;
    items_.push_back(std::move(item));
  }

  /// A line is read last and yet tells of what came first: it stands where the check that would find the fault stands,
  /// or right before what users see of the service.
  std::size_t order_of_line(const Explained& item) const {
    const auto& checks = run_.checks;
    const auto explains = [&](const core::CheckResult& result) { return is_explained_by(item.entry, *result.check); };
    const auto shows = [](const core::CheckResult& result) { return result.check->id == "health"; };
    auto found = std::find_if(checks.begin(), checks.end(), explains);
    if (found == checks.end()) found = std::find_if(checks.begin(), checks.end(), shows);
    return found == checks.end() ? item.order : static_cast<std::size_t>(found - checks.begin());
  }

  /// A finding that names the line's entry as its consequence explains it, however late it was made.
  std::size_t order_of_cause(const Explained& line, const Surroundings& around) const {
    std::size_t order = 0;
    for (const auto& item : items_) {
      const auto names = item.entry.leads_to.value_or(std::vector<std::string>{});
      const bool is_named = std::find(names.begin(), names.end(), line.entry.code) != names.end();
      if (is_named && around.hold(item.finding.subject)) order = std::max(order, item.order);
    }
    return order;
  }

  /// A line tells of a fault that is over when the check that would find the fault has looked and found all well, and
  /// the service itself has no error now.
  bool is_history(const Explained& item, const Surroundings& around) const {
    const bool is_ill = std::any_of(items_.begin(), items_.end(), [&](const Explained& other) {
      return around.is_own(other.finding.subject) && other.entry.severity == "error";
    });
    return (item.finding.code == ended_code || !is_ill) && is_overcome(item, around);
  }

  /// A check that would find the cause finds all well. That the service runs again, as the checks of mere effects do,
  /// proves nothing.
  bool is_overcome(const Explained& item, const Surroundings& around) const {
    auto cause = item.entry;
    const auto is_effect = [&](const guides::Explains& explains) {
      const auto generic = library_.entry(explains.code);
      return generic && generic->effect;
    };
    cause.explains.erase(std::remove_if(cause.explains.begin(), cause.explains.end(), is_effect), cause.explains.end());
    return std::any_of(run_.checks.begin(), run_.checks.end(), [&](const core::CheckResult& result) {
      return is_explained_by(cause, *result.check) && is_well(result, around);
    });
  }

  static bool is_explained_by(const guides::Entry& entry, const CheckInfo& check) {
    return std::any_of(entry.explains.begin(), entry.explains.end(), [&](const guides::Explains& explains) {
      return explains.code != log_code && std::any_of(check.codes.begin(), check.codes.end(),
                                                      [&](const Code& code) { return code.text() == explains.code; });
    });
  }

  static bool is_well(const core::CheckResult& result, const Surroundings& around) {
    const auto about = [&](const auto& item) { return around.hold(item.subject); };
    const auto& judgement = result.judgement;
    return std::any_of(judgement.healthy.begin(), judgement.healthy.end(), about) &&
           std::none_of(judgement.findings.begin(), judgement.findings.end(), about) &&
           std::none_of(judgement.unexamined.begin(), judgement.unexamined.end(), about);
  }

  const Deployment& deployment_;
  const core::RunResult& run_;
  const guides::Library& library_;
  std::vector<Explained> items_;
};

std::vector<Problem> problems(const std::vector<Explained>& items, const Deployment& deployment) {
  std::vector<Node> nodes;
  nodes.reserve(items.size());
  for (const auto& item : items)
    nodes.push_back({item.finding.code, item.finding.subject, &item.entry, item.order, item.is_about_files});
  const auto roots = causes(nodes, deployment);
  std::vector<Problem> all;
  all.reserve(items.size());
  for (const auto& item : items) all.push_back(problem_of(item.finding, item.entry, item.check, deployment));
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].root = roots[i].empty();
    for (const auto root : roots[i]) {
      all[i].caused_by.push_back(all[root].fingerprint);
      if (rank(items[i].entry.severity) < rank(all[root].severity)) all[root].severity = items[i].entry.severity;
    }
  }
  sort_problems(all);
  return all;
}

/// What stands upstream of a problem, was examined, and is well.
std::vector<RuledOut> ruled_out(const std::vector<Problem>& problems, const core::RunResult& run,
                                const Deployment& deployment) {
  std::set<std::string> upstream;
  std::set<std::string> sick;
  for (const auto& problem : problems) {
    sick.insert(problem.subject);
    for (auto& subject : deployment.depends_on(problem.subject)) upstream.insert(std::move(subject));
  }
  std::vector<RuledOut> out;
  for (const auto& result : run.checks) {
    for (const auto& [subject, figure] : result.judgement.healthy) {
      if (upstream.count(subject) == 0 || sick.count(subject) > 0) continue;
      const auto same = std::find_if(out.begin(), out.end(), [&](const RuledOut& r) { return r.subject == subject; });
      if (same == out.end())
        out.push_back({subject, figure});
      else
        same->evidence += ", " + figure;
    }
  }
  return out;
}

void add_checks(Report& report, const core::RunResult& run) {
  for (const auto& result : run.checks) {
    const std::string id{result.check->id};
    for (const auto& [subject, reason] : result.judgement.unexamined)
      report.unexamined.push_back({subject, id, reason});
    for (const auto& [subject, reason] : result.judgement.skipped) report.skipped.push_back({subject, id, reason});
    report.checks.push_back(
        {id, result.status, result.reason, result.took.count(), std::string{result.check->healthy}});
  }
}

bool counts_against(const Problem& problem, const std::string& fail_on) {
  if (fail_on == "never" || problem.ignored || problem.known || !problem.root) return false;
  return rank(problem.severity) <= rank(fail_on);
}

}  // namespace

Report diagnose(const Deployment& deployment, const core::RunResult& run, const guides::Library& library) {
  Report report;
  report.complete = run.complete;
  report.system = deployment.system;
  report.system_note = deployment.system_note;
  report.directory = deployment.directory;
  report.sources = deployment.sources;
  report.problems = problems(Collection{deployment, run, library}.all(), deployment);
  report.ruled_out = ruled_out(report.problems, run, deployment);
  add_checks(report, run);
  return report;
}

Counts count(const Report& report) {
  Counts counts;
  for (const auto& problem : report.problems) {
    if (problem.ignored || problem.known) {
      if (problem.root) ++(problem.ignored ? counts.ignored : counts.known);
    } else if (!problem.root)
      ++counts.consequences;
    else if (problem.severity == "error")
      ++counts.error;
    else if (problem.severity == "warning")
      ++counts.warning;
    else
      ++counts.info;
  }
  for (const auto& check : report.checks) {
    if (check.status == "passed") ++counts.passed;
    if (check.status == "skipped") ++counts.skipped;
  }
  counts.unexamined = static_cast<int>(report.unexamined.size());
  return counts;
}

int exit_code(const Report& report, const std::string& fail_on, bool allow_incomplete) {
  if (report.interrupted_by != 0) return 128 + report.interrupted_by;
  const bool failed = std::any_of(report.problems.begin(), report.problems.end(),
                                  [&](const Problem& problem) { return counts_against(problem, fail_on); });
  if (failed) return 1;
  return report.unexamined.empty() || allow_incomplete ? 0 : 3;
}

}  // namespace doctor::diagnosis
