#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bundle/facts.hpp"
#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"

/// What is different between two reports on one deployment, and what may have caused it.
namespace doctor::bundle {

/// One of the two things that are compared. Every text in it can be shown.
struct Side {
  std::string name;     ///< as the user named it
  std::string kind;     ///< "bundle", "report"
  std::string version;  ///< of the doctor that made it
  std::string label;    ///< of a bundle; may be empty
  std::string time;     ///< when it was made, RFC 3339
  diagnosis::Report report;
  std::optional<Deployment> deployment;  ///< of a bundle
  std::vector<Fact> facts;               ///< of a bundle, as facts() gives them
};

/// A piece of evidence of a finding that is in both.
struct EvidenceChange {
  std::string name;
  std::string before;  ///< may be empty
  std::string after;   ///< may be empty
};

/// A finding, as the later of the two reports that have it says.
struct FindingChange {
  diagnosis::Problem problem;
  std::string before;  ///< severity in the earlier report; empty: it is not there
  std::string reason;  ///< of what cannot be told: why; of a new finding: why the earlier report may not have had it
  std::vector<EvidenceChange> evidence;
};

struct FactChange {
  std::string subject;
  std::string name;
  std::string before;                 ///< empty: there was none
  std::string after;                  ///< empty: there is none
  std::vector<std::string> concerns;  ///< fingerprints of new or worse findings that depend on its subject
};

struct Diff {
  std::vector<FindingChange> failing;  ///< new
  std::vector<FindingChange> worse;    ///< of higher severity than it was
  std::vector<FindingChange> better;   ///< of lower severity
  std::vector<FindingChange> unchanged;
  std::vector<FindingChange> resolved;            ///< gone, and somebody looked
  std::vector<FindingChange> unknown;             ///< gone from the later report, which did not look
  std::vector<diagnosis::Unexamined> unexamined;  ///< that the earlier report could see
  std::vector<FactChange> facts;                  ///< those that concern a finding first
};

struct DiffOptions {
  bool with_volatile = false;  ///< compare volatile facts, too
};

/// `before` is compared with `after` by fingerprint. What the user ignores in a report is no finding of it.
Diff diff(const Side& before, const Side& after, const DiffOptions& options);

/// 1 when a root that was not there, or was less severe than `fail_on`, reaches it now; else 0. `fail_on` is error,
/// warning, info or never.
int exit_code(const Diff& diff, const std::string& fail_on);

/// Whether the one that was named first is the younger one, by the times that they carry.
bool is_reversed(const Side& before, const Side& after);

}  // namespace doctor::bundle
