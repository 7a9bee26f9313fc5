#include "cli/attempt.hpp"

#include <algorithm>
#include <ostream>

#include "cli/target.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds since(steady_clock::time_point begin) {
  return duration_cast<milliseconds>(steady_clock::now() - begin);
}

}  // namespace

std::optional<Attempt> Examiner::attempt(Streams streams, std::optional<milliseconds> limit) {
  const Begin begin;
  auto command = command_;
  if (limit) command.target.limit = std::min(command.target.limit, *limit);
  Attempt attempt;
  const auto found = discover(command.target, world_, library_, interrupt_, streams);
  attempt.deployment = found.deployment;
  if (!attempt.deployment) return std::nullopt;
  const auto& deployment = *attempt.deployment;
  if (!accepted_)
    accepted_ = accepted(command, deployment.directory, deployment.system, file_access(world_, interrupt_.token()),
                         library_, streams);
  if (!accepted_) return std::nullopt;
  attempt.accepted = *accepted_;
  const auto bound = [&] {  // what is left of the limit by now
    constexpr milliseconds least{100};
    if (limit) command.timeout = std::min(command.timeout, std::max(*limit - since(begin.clock), least));
  };
  bound();
  attempt.redactor = std::make_shared<const redact::Redactor>(redactor_for(deployment, found.redact));
  DebugLog log{command.output.verbose, *attempt.redactor, streams.err};
  log.debug("examining " + deployment.directory + ": " + util::join(deployment.sources, ", "));
  try {
    attempt.session = world_.open(attempt.deployment, patterns_for(deployment, library_),
                                  plugin_setup(command, deployment, *attempt.redactor));
    refuse_plugins(command, *attempt.session.plugins, Deadline::after(command.timeout, interrupt_.token()));
  } catch (const BadInput& bad) {
    streams.err << "doctor: " << bad.message << ".\n";
    return std::nullopt;
  }
  bound();
  attempt.report = examine(command, checks_,
                           {attempt.deployment, attempt.session.probes, attempt.session.plugins, attempt.session.times},
                           {begin, library_, *attempt.redactor, interrupt_, log, &*accepted_}, streams.err);
  left_behind_ = left_behind_ || !attempt.report.complete;
  attempt.took = since(begin.clock);
  return attempt;
}

}  // namespace doctor::cli
