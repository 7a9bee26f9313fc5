#include "diagnosis/diagnose.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "diagnosis/causes.hpp"
#include "diagnosis/fix.hpp"

namespace doctor::diagnosis {
namespace {

/// A finding with its entry, before it is known what follows from what.
struct Explained {
  Finding finding;
  guides::Entry entry;
  std::string check;
  std::size_t order = 0;
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

void merge_evidence(std::vector<Evidence>& into, const std::vector<Evidence>& more) {
  for (const auto& item : more)
    if (std::find(into.begin(), into.end(), item) == into.end()) into.push_back(item);
}

/// Every finding with its entry; the same entry on the same subject is one.
std::vector<Explained> explained(const Deployment& deployment, const core::RunResult& run,
                                 const guides::Library& library) {
  std::vector<Explained> all;
  for (std::size_t order = 0; order < run.checks.size(); ++order) {
    const auto& result = run.checks[order];
    for (const auto& finding : result.judgement.findings) {
      auto entry = entry_for(finding, deployment, library);
      const auto same = std::find_if(all.begin(), all.end(), [&](const Explained& other) {
        return other.entry.code == entry.code && other.finding.subject == finding.subject;
      });
      if (same != all.end())
        merge_evidence(same->finding.evidence, finding.evidence);
      else
        all.push_back({finding, std::move(entry), std::string{result.check->id}, order});
    }
  }
  return all;
}

/// FNV-1a: short, stable across runs, hosts and releases; nothing secret goes in.
std::string fingerprint(const std::string& entry, const std::string& subject) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : entry + "\n" + subject) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

int rank(const std::string& severity) {
  return severity == "error" ? 0 : severity == "warning" ? 1 : 2;
}

Problem problem(const Explained& item, const Deployment& deployment) {
  const auto& [finding, entry, check, order] = item;
  const auto names = names_for(deployment, finding.subject, finding.evidence);
  Problem problem;
  problem.code = finding.code;
  problem.entry = entry.code;
  problem.severity = entry.severity;
  problem.check = check;
  problem.subject = finding.subject;
  problem.fingerprint = fingerprint(entry.code, finding.subject);
  problem.title = fill_prose(entry.title, names);
  problem.symptom = fill_prose(entry.symptom, names);
  problem.cause = fill_prose(entry.cause, names);
  problem.fix = fix_steps(entry, names, deployment);
  problem.verify = fill(entry.verify, names, Quoting::shell).value_or("doctor check --only " + check);
  problem.evidence = finding.evidence;
  return problem;
}

std::vector<Problem> problems(const std::vector<Explained>& items, const Deployment& deployment) {
  std::vector<Node> nodes;
  nodes.reserve(items.size());
  for (const auto& item : items) nodes.push_back({item.finding.code, item.finding.subject, &item.entry, item.order});
  const auto roots = causes(nodes, deployment);
  std::vector<Problem> all;
  all.reserve(items.size());
  for (const auto& item : items) all.push_back(problem(item, deployment));
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].root = roots[i].empty();
    for (const auto root : roots[i]) {
      all[i].caused_by.push_back(all[root].fingerprint);
      if (rank(items[i].entry.severity) < rank(all[root].severity)) all[root].severity = items[i].entry.severity;
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Problem& a, const Problem& b) {
    if (a.root != b.root) return a.root;
    return a.root && rank(a.severity) < rank(b.severity);
  });
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
  if (fail_on == "never" || problem.ignored || !problem.root) return false;
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
  report.problems = problems(explained(deployment, run, library), deployment);
  report.ruled_out = ruled_out(report.problems, run, deployment);
  add_checks(report, run);
  return report;
}

Counts count(const Report& report) {
  Counts counts;
  for (const auto& problem : report.problems) {
    if (problem.ignored) continue;
    if (!problem.root)
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
