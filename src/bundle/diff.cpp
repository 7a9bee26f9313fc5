#include "bundle/diff.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "diagnosis/problem.hpp"
#include "diagnosis/seen.hpp"

namespace doctor::bundle {
namespace {

using diagnosis::Problem;
using diagnosis::Report;

using ByFingerprint = std::map<std::string, const Problem*>;

ByFingerprint findings_of(const Report& report) {
  ByFingerprint found;
  for (const auto& problem : report.problems)
    if (!problem.ignored) found.emplace(problem.fingerprint, &problem);
  return found;
}

std::vector<EvidenceChange> evidence_changes(const Problem& before, const Problem& after) {
  std::map<std::string, EvidenceChange> changes;
  const auto add = [&](const Problem& problem, std::string EvidenceChange::*side) {
    for (const auto& item : problem.evidence) {
      auto& change = changes[item.name];
      change.name = item.name;
      change.*side += ((change.*side).empty() ? "" : ", ") + item.value;
    }
  };
  add(before, &EvidenceChange::before);
  add(after, &EvidenceChange::after);
  std::vector<EvidenceChange> changed;
  for (auto& [name, change] : changes)
    if (change.before != change.after) changed.push_back(std::move(change));
  return changed;
}

/// The findings of the later report, each put where it belongs, then what the later report does not have.
void compare_findings(const Side& before, const Side& after, Diff& diff) {
  const auto old_ones = findings_of(before.report);
  const auto new_ones = findings_of(after.report);
  for (const auto& problem : after.report.problems) {
    if (problem.ignored || new_ones.at(problem.fingerprint) != &problem) continue;
    const auto old = old_ones.find(problem.fingerprint);
    if (old == old_ones.end()) {
      diff.failing.push_back({problem, "", diagnosis::why_not_seen(before.report, problem), {}});
      continue;
    }
    const auto was = diagnosis::rank(old->second->severity);
    const auto is = diagnosis::rank(problem.severity);
    auto& list = is < was ? diff.worse : is > was ? diff.better : diff.unchanged;
    list.push_back({problem, old->second->severity, "", evidence_changes(*old->second, problem)});
  }
  for (const auto& problem : before.report.problems) {
    if (problem.ignored || old_ones.at(problem.fingerprint) != &problem) continue;
    if (new_ones.count(problem.fingerprint) > 0) continue;
    auto reason = diagnosis::why_not_seen(after.report, problem);
    auto& list = reason.empty() ? diff.resolved : diff.unknown;
    list.push_back({problem, problem.severity, std::move(reason), {}});
  }
}

void compare_unexamined(const Report& before, const Report& after, Diff& diff) {
  std::set<std::pair<std::string, std::string>> known;
  for (const auto& item : before.unexamined) known.emplace(item.check, item.subject);
  for (const auto& item : after.unexamined)
    if (known.emplace(item.check, item.subject).second) diff.unexamined.push_back(item);
}

/// The setting names a file of the deployment that is `subject`.
bool names_file(const Deployment& deployment, const Setting& setting, const std::string& subject) {
  const auto* service = deployment.service(setting.service);
  const auto& value = setting.value();
  if (service == nullptr || !setting.rule.role.ends_with("path")) return false;
  if (value && value->is_secret()) return false;
  const auto& path = value && !value->text().empty() ? value->text() : setting.rule.fallback;
  const auto host = deployment.host_path(*service, path);
  return host && "file:" + deployment.shown_path(*host) == subject;
}

/// The settings that say where an endpoint or a file is.
std::set<std::string> named_by(const Deployment& deployment, const std::string& subject) {
  std::set<std::string> settings;
  for (const auto* sources : {&deployment.data_sources, &deployment.redis})
    for (const auto& source : *sources)
      if (source.endpoint == subject) settings.insert(source.setting);
  for (const auto& url : deployment.public_urls)
    if (url.endpoint == subject) settings.insert(url.setting);
  for (const auto& upstream : deployment.upstreams)
    if (upstream.endpoint == subject && !upstream.setting.empty()) settings.insert(upstream.setting);
  if (subject.starts_with("file:"))
    for (const auto& setting : deployment.settings)
      if (names_file(deployment, setting, subject)) settings.insert(setting.subject());
  return settings;
}

/// The subject, what it depends on, and what names it.
std::set<std::string> surroundings(const Deployment& deployment, const std::string& subject) {
  std::set<std::string> around{subject};
  auto open = named_by(deployment, subject);
  open.insert(subject);
  for (const auto& start : open) {
    around.insert(start);
    for (auto& upstream : deployment.depends_on(start)) around.insert(std::move(upstream));
  }
  return around;
}

/// Subject -> fingerprints of the new and worse findings that depend on it.
std::map<std::string, std::vector<std::string>> concerned(const Side& before, const Side& after, const Diff& diff) {
  std::map<std::string, std::vector<std::string>> concerns;
  for (const auto* list : {&diff.failing, &diff.worse})
    for (const auto& change : *list) {
      std::set<std::string> around{change.problem.subject};
      for (const auto* side : {&before, &after})
        if (side->deployment) around.merge(surroundings(*side->deployment, change.problem.subject));
      for (const auto& subject : around) concerns[subject].push_back(change.problem.fingerprint);
    }
  return concerns;
}

using FactsByName = std::map<std::pair<std::string, std::string>, const Fact*>;

/// `facts` must outlive it.
FactsByName comparable(const std::vector<Fact>& facts, bool with_volatile) {
  FactsByName named;
  for (const auto& fact : facts)
    if (with_volatile || !fact.is_volatile) named.emplace(std::pair{fact.subject, fact.name}, &fact);
  return named;
}

/// Subjects that answered before and refuse now: what else they told before is not lost, it follows.
std::set<std::string> turned_down(const FactsByName& before, const FactsByName& after) {
  std::set<std::string> subjects;
  for (const auto& [key, fact] : after) {
    const auto old = before.find(key);
    if (old == before.end() || !fact->is_answer || !fact->value.starts_with(failed_mark)) continue;
    if (!old->second->value.starts_with(failed_mark)) subjects.insert(key.first);
  }
  return subjects;
}

/// What was asked for only once is no change, but may tell about a new finding.
void add_change(const Fact* old, const Fact* now, const std::vector<std::string>* concerns, Diff& diff) {
  if (old != nullptr && now != nullptr && old->value == now->value) return;
  const auto& one = now != nullptr ? *now : *old;
  if ((old == nullptr || now == nullptr) && one.is_answer && concerns == nullptr) return;
  FactChange change{one.subject, one.name, old == nullptr ? "" : old->value, now == nullptr ? "" : now->value, {}};
  if (concerns != nullptr) change.concerns = *concerns;
  diff.facts.push_back(std::move(change));
}

void compare_facts(const Side& before, const Side& after, const DiffOptions& options, Diff& diff) {
  // Beside a bundle a report has next to nothing: only what both have is compared.
  const bool both = before.deployment && after.deployment;
  const auto old_facts = both ? before.facts : facts(before.report);
  const auto new_facts = both ? after.facts : facts(after.report);
  const auto old_ones = comparable(old_facts, options.with_volatile);
  const auto new_ones = comparable(new_facts, options.with_volatile);
  const auto concerns = concerned(before, after, diff);
  FactsByName all = old_ones;
  all.insert(new_ones.begin(), new_ones.end());
  const auto fact_in = [](const FactsByName& named, const auto& key) {
    const auto found = named.find(key);
    return found == named.end() ? nullptr : found->second;
  };
  const auto refusing = turned_down(old_ones, new_ones);
  for (const auto& [key, fact] : all) {
    if (fact->is_answer && new_ones.count(key) == 0 && refusing.count(key.first) > 0) continue;
    const auto about = concerns.find(key.first);
    add_change(fact_in(old_ones, key), fact_in(new_ones, key), about == concerns.end() ? nullptr : &about->second,
               diff);
  }
  std::stable_partition(diff.facts.begin(), diff.facts.end(),
                        [](const FactChange& change) { return !change.concerns.empty(); });
}

bool reaches(const Problem& problem, const std::string& severity, const std::string& fail_on) {
  return problem.root && diagnosis::rank(severity) <= diagnosis::rank(fail_on);
}

}  // namespace

Diff diff(const Side& before, const Side& after, const DiffOptions& options) {
  Diff result;
  compare_findings(before, after, result);
  compare_unexamined(before.report, after.report, result);
  compare_facts(before, after, options, result);
  return result;
}

int exit_code(const Diff& diff, const std::string& fail_on) {
  if (fail_on == "never") return 0;
  const bool is_new = std::any_of(diff.failing.begin(), diff.failing.end(), [&](const FindingChange& change) {
    return reaches(change.problem, change.problem.severity, fail_on);
  });
  const bool is_worse = std::any_of(diff.worse.begin(), diff.worse.end(), [&](const FindingChange& change) {
    return reaches(change.problem, change.problem.severity, fail_on) &&
           !reaches(change.problem, change.before, fail_on);
  });
  return is_new || is_worse ? 1 : 0;
}

bool is_reversed(const Side& before, const Side& after) {
  return !before.time.empty() && !after.time.empty() && after.time < before.time;
}

}  // namespace doctor::bundle
