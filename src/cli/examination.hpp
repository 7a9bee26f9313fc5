#pragma once

#include <chrono>
#include <iosfwd>
#include <memory>
#include <optional>
#include <vector>

#include "cli/accepted.hpp"
#include "cli/debug_log.hpp"
#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/run.hpp"
#include "cli/world.hpp"
#include "diagnosis/report.hpp"
#include "doctor/check.hpp"
#include "guides/library.hpp"
#include "redact/redactor.hpp"

namespace doctor::cli {

using Checks = std::vector<const CheckInfo*>;

/// The checks that --only and --skip leave. Nothing when a name is unknown: the message has been written, the exit code
/// is 2. What --skip names stays in the list, since the report says that it was skipped.
std::optional<Checks> selected_checks(const CheckCommand& command, Streams streams);

/// What is examined, and who answers the questions about it: the world, or a bundle.
struct Patient {
  std::shared_ptr<const Deployment> deployment;
  std::shared_ptr<Probes> probes;
  std::shared_ptr<const plugins::Source> plugins{};   ///< nothing: there are none
  std::shared_ptr<const probes::ProbeTimes> times{};  ///< nothing: they are not measured
};

/// When the run began: it includes finding out what is deployed.
struct Begin {
  std::chrono::system_clock::time_point utc = std::chrono::system_clock::now();
  std::chrono::steady_clock::time_point clock = std::chrono::steady_clock::now();
};

/// The parts of doctor that a run uses.
struct Instruments {
  const Begin& begin;
  const guides::Library& guides;
  const redact::Redactor& redactor;
  const Interrupt& interrupt;
  DebugLog& log;
  const Accepted* accepted = nullptr;  ///< nothing is put up with
};

/// What the guides look for in the logs of this deployment.
logs::Patterns patterns_for(const Deployment& deployment, const guides::Library& library);

/// Runs the checks and reduces what they found. What they observed has gone through the redactor. Progress goes to
/// `err`, on a terminal only.
diagnosis::Report examine(const CheckCommand& command, const Checks& checks, const Patient& patient,
                          const Instruments& instruments, std::ostream& err);

/// In the format that the command names; known secrets are looked for once more.
std::string rendered(const diagnosis::Report& report, const CheckCommand& command, const redact::Redactor& redactor);

/// The end of a run: when a check did not come back it still holds the probes, so the process leaves without waiting
/// for it.
int end_run(const diagnosis::Report& report, Streams streams, int code);

/// Leaves the process without waiting for anybody.
[[noreturn]] void leave(Streams streams, int code);

}  // namespace doctor::cli
