#include "cli/commands.hpp"
#include "cli/examination.hpp"
#include "cli/target.hpp"
#include "cli/terminal.hpp"
#include "util/text.hpp"

namespace doctor::cli {

int check(const CheckCommand& command, Streams streams) {
  const Begin begin;
  const auto checks = selected_checks(command, streams);
  if (!checks) return 2;
  const World world{own_environment()};
  const Interrupt interrupt;
  const guides::Library library{guides::embedded()};
  const auto deployment = discover(command.target, world, library, interrupt, streams);
  if (!deployment) return 2;
  const auto redactor = redactor_for(*deployment);
  DebugLog log{command.output.verbose, redactor, streams.err};
  log.debug("examining " + deployment->directory + ": " + util::join(deployment->sources, ", "));
  const auto session = world.open(deployment, patterns_for(*deployment, library));
  const auto report =
      examine(command, *checks, {deployment, session.probes}, {begin, library, redactor, interrupt, log}, streams.err);
  const int code = diagnosis::exit_code(report, command.fail_on, command.allow_incomplete);
  return end_run(report, streams, deliver(rendered(report, command, redactor), command.output, streams, code));
}

}  // namespace doctor::cli
