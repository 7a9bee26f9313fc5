#pragma once

#include <string>
#include <vector>

#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"
#include "probes/recorder.hpp"

namespace doctor::bundle {

/// Something about a deployment that two bundles can be compared by.
struct Fact {
  std::string subject;       ///< of the deployment; "deployment" for what belongs to no part of it
  std::string name;          ///< "value", "image id", "not after"
  std::string value;         ///< never empty; of a secret only that there is one
  bool is_volatile = false;  ///< differs from run to run without anybody's doing: pids, memory in use, answer times
  bool is_answer = false;    ///< somebody was asked for it: where it is missing, perhaps nobody was

  friend bool operator==(const Fact&, const Fact&) = default;
};

/// How the value of a fact begins that could not be had.
constexpr const char* failed_mark = "failed: ";

/// What the deployment and the recorded answers say, sorted by subject and name, each pair once. An answer that cannot
/// be read is left out. Nothing in it is judged, and nothing is escaped.
std::vector<Fact> facts(const Deployment& deployment, const probes::Tape& tape);

/// The few that a report holds.
std::vector<Fact> facts(const diagnosis::Report& report);

}  // namespace doctor::bundle
