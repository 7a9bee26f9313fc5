#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/report.hpp"
#include "doctor/deadline.hpp"
#include "doctor/deployment.hpp"
#include "doctor/probe/probes.hpp"

/// The parts of a timeline. Each adds what it knows to a list, in no order.
namespace doctor::timeline {

using diagnosis::Event;
using Events = std::vector<Event>;

/// What all parts see.
struct Scene {
  const Deployment& deployment;
  Probes& probes;
  const diagnosis::Report& report;
  const Deadline& deadline;
  std::int64_t now = 0;

  template <class Question>
  Outcome<typename Question::Answer> ask(const Question& question) const {
    if (deadline.expired()) {
      ProbeFailure late;
      late.kind = FailureKind::cancelled;
      return Failed{late};
    }
    return probes.ask(question, deadline);
  }

  /// Whether the check has asked its questions.
  bool ran(std::string_view check) const {
    return std::any_of(report.checks.begin(), report.checks.end(), [&](const diagnosis::CheckSummary& one) {
      return one.id == check && (one.status == "passed" || one.status == "failed");
    });
  }
};

/// Creation, start and end of the containers of the deployment, and of its bare processes.
void add_containers(const Scene& scene, Events& events);

/// Boots, packages, units, and processes that the kernel has ended for want of memory.
void add_host(const Scene& scene, Events& events);

/// Files of the deployment that were written, images, volumes.
void add_changes(const Scene& scene, Events& events);

/// Migrations of the databases, certificates of the servers.
void add_answers(const Scene& scene, Events& events);

/// The first and last fault in each log, and where the last run began to work.
void add_logs(const Scene& scene, Events& events);

/// Events that came one after the other, none more than a minute after the one before: one story in several lines. The
/// list must be in order of time.
std::vector<Events> in_one_go(Events events);

/// "a, b, c and 4 more", at most `most` names.
std::string some_of(const std::vector<std::string>& names, std::size_t most);

}  // namespace doctor::timeline
