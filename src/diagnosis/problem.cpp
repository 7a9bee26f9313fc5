#include "diagnosis/problem.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "diagnosis/fix.hpp"

namespace doctor::diagnosis {
namespace {

/// FNV-1a: short, stable across runs, hosts and releases; nothing secret goes in.
std::string fingerprint(const std::string& entry, const std::string& subject) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : entry + "\n" + subject) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

}  // namespace

int rank(const std::string& severity) {
  return severity == "error" ? 0 : severity == "warning" ? 1 : 2;
}

Problem problem_of(const Finding& finding, const guides::Entry& entry, const std::string& check,
                   const Deployment& deployment) {
  const auto names = names_for(deployment, finding.subject, finding.evidence);
  Problem problem;
  problem.code = finding.code;
  problem.entry = entry.code;
  problem.severity = entry.severity;
  problem.severity_alone = entry.severity;
  problem.check = check;
  problem.subject = finding.subject;
  problem.fingerprint = fingerprint(entry.code, finding.subject);
  problem.title = fill_prose(entry.title, names);
  problem.symptom = fill_prose(entry.symptom, names);
  problem.cause = fill_prose(entry.cause, names);
  problem.fix = fix_steps(entry, finding.subject, names, deployment);
  problem.verify = verification(entry, check, names, deployment);
  problem.evidence = finding.evidence;
  return problem;
}

void sort_problems(std::vector<Problem>& problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    if (a.root != b.root) return a.root;
    return a.root && rank(a.severity) < rank(b.severity);
  });
}

}  // namespace doctor::diagnosis
