#include <ostream>

#include "cli/bundling.hpp"
#include "cli/commands.hpp"
#include "cli/reports.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "cli/waiting.hpp"

namespace doctor::cli {
namespace {

/// --bundle: 0, or the exit code of what went wrong, whose message has been written.
int bundled(const CheckCommand& command, const Attempt& attempt, const World& world, const Interrupt& interrupt,
            Streams streams) {
  BundleOptions options;
  options.file = command.bundle_file;
  const auto written = write_bundle({command, options, {}, world, interrupt, streams.err, nullptr, nullptr}, attempt);
  if (written) return 0;
  streams.err << "doctor: " << written.error().message << ".\n";
  return written.error().exit;
}

int examined(const CheckCommand& command, Examiner& examiner, const World& world, const Interrupt& interrupt,
             Streams streams) {
  if (command.watch) return watch(command, examiner, interrupt, streams);
  const bool waits = command.wait.count() > 0;
  const auto attempt = waits ? wait_until_healthy(command, examiner, interrupt, streams) : examiner.attempt(streams);
  if (!attempt) return interrupt.code_or(2);
  const int unbundled = command.bundle_file.empty() ? 0 : bundled(command, *attempt, world, interrupt, streams);
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
  const guides::Library library{guides::embedded()};
  auto each = command;  // waiting and watching show progress of their own
  each.no_progress = command.no_progress || command.watch || command.wait.count() > 0;
  Examiner examiner{each, *checks, world, interrupt, library};
  const int code = examined(command, examiner, world, interrupt, streams);
  if (examiner.left_behind()) leave(streams, code);
  return code;
}

}  // namespace doctor::cli
