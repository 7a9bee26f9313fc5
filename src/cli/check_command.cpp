#include <ostream>

#include "cli/bundling.hpp"
#include "cli/commands.hpp"
#include "cli/reports.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "cli/waiting.hpp"

namespace doctor::cli {
namespace {

/// Who examines, and with what.
struct Means {
  Examiner& examiner;
  const World& world;
  const Interrupt& interrupt;
  const Guides& guides;
};

/// --bundle: 0, or the exit code of what went wrong, whose message has been written.
int bundled(const CheckCommand& command, const Attempt& attempt, const Means& means, Streams streams) {
  BundleOptions options;
  options.file = command.bundle_file;
  const auto written =
      write_bundle({command, options, {}, means.world, means.interrupt, means.guides, streams.err}, attempt);
  if (written) return 0;
  streams.err << "doctor: " << written.error().message << ".\n";
  return written.error().exit;
}

int examined(const CheckCommand& command, const Means& means, Streams streams) {
  auto& examiner = means.examiner;
  const auto& interrupt = means.interrupt;
  if (command.watch) return watch(command, examiner, interrupt, streams);
  const bool waits = command.wait.count() > 0;
  const auto attempt = waits ? wait_until_healthy(command, examiner, interrupt, streams) : examiner.attempt(streams);
  if (!attempt) return interrupt.code_or(2);
  const int unbundled = command.bundle_file.empty() ? 0 : bundled(command, *attempt, means, streams);
  const int code = deliver_all(attempt->report, command, *attempt->redactor, streams);
  return unbundled == 0 ? code : unbundled;
}

}  // namespace

int check(const CheckCommand& command, Streams streams) {
  if (!command.from.empty()) return analyze(command, streams);
  const auto checks = selected_checks(command, streams);
  if (!checks) return 2;
  for (const auto& problem : {waiting_problem(command), reports_problem(command)}) {
    if (problem.empty()) continue;
    streams.err << "doctor: " << problem << ".\n";
    return 2;
  }
  const World world{own_environment()};
  const Interrupt interrupt;
  const auto guides = guides_for(command.target, file_access(world, interrupt.token()), streams);
  if (!guides) return interrupt.code_or(2);
  auto each = command;  // waiting and watching show progress of their own
  each.no_progress = command.no_progress || command.watch || command.wait.count() > 0;
  Examiner examiner{each, *checks, world, interrupt, guides->known};
  const int code = examined(command, {examiner, world, interrupt, *guides}, streams);
  if (examiner.left_behind()) leave(streams, code);
  return code;
}

}  // namespace doctor::cli
