#include "cli/examination.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <future>
#include <ostream>
#include <sstream>

#include "checks/registry.hpp"
#include "cli/calling.hpp"
#include "cli/terminal.hpp"
#include "cli/timings.hpp"
#include "cli/version.hpp"
#include "core/runner.hpp"
#include "diagnosis/diagnose.hpp"
#include "render/formats.hpp"
#include "timeline/timeline.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// Nothing wrong with the names that the user gave; else a message has been written.
bool known_checks(const std::vector<std::string>& names, const Checks& checks, Streams streams) {
  std::vector<std::string> ids;
  for (const auto* check : checks) ids.emplace_back(check->id);
  for (const auto& name : names) {
    if (is_plugin(name) || std::find(ids.begin(), ids.end(), name) != ids.end()) continue;
    const auto nearest = util::nearest(name, ids);
    streams.err << "doctor: there is no check '" << util::shown(name, 60) << "'."
                << (nearest.empty() ? "" : " Did you mean " + nearest + "?") << " Known: " << util::join(ids, ", ")
                << ".\n";
    return false;
  }
  return true;
}

Checks selected(const Checks& all, const std::vector<std::string>& only) {
  if (only.empty()) return all;
  Checks chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
               [&](const CheckInfo* check) { return std::find(only.begin(), only.end(), check->id) != only.end(); });
  return chosen;
}

std::string rfc3339(std::chrono::system_clock::time_point at) {
  const std::time_t now = std::chrono::system_clock::to_time_t(at);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
}

/// "examined 3 of 22, waiting for database" on one line of a terminal, which is cleared at the end. Checks begin in the
/// order of the list, so that the first which has not ended is the slowest.
class Progress {
 public:
  Progress(const Checks& checks, bool shown, std::ostream& err)
      : waiting_{checks}, total_{checks.size()}, shown_{shown}, err_{err} {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (shown_) err_ << "\r\x1b[K" << std::flush;
  }
  void ended(const core::CheckResult& result) {
    waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), result.check), waiting_.end());
    if (!shown_) return;
    err_ << "\r\x1b[Kexamined " << total_ - waiting_.size() << " of " << total_;
    if (!waiting_.empty()) err_ << ", waiting for " << waiting_.front()->id;
    err_ << std::flush;
  }

 private:
  Checks waiting_;
  std::size_t total_;
  bool shown_;
  std::ostream& err_;
};

/// A page that takes long in trouble, as the description says, is waited for, since its answer tells of the trouble.
/// Who wants a shorter check says so.
std::map<std::string, std::chrono::milliseconds> patience_for(const Deployment& deployment,
                                                              const CheckCommand& command) {
  constexpr std::chrono::milliseconds usual{8000};
  std::chrono::milliseconds longest{0};
  for (const auto& service : deployment.services)
    for (const auto& expected : service.rule.expect)
      if (!expected.http.empty()) longest = std::max(longest, expected.timeout);
  if (longest <= usual || command.check_timeout < CheckCommand{}.check_timeout) return {};
  return {{"health", longest}};
}

core::RunOptions run_options(const CheckCommand& command, const Deployment& deployment, const guides::Library& library,
                             const Interrupt& interrupt) {
  core::RunOptions options;
  options.check_limit = command.check_timeout;
  options.patience = patience_for(deployment, command);
  options.run_limit = command.timeout;
  options.skipped = command.skip;
  options.crashed = command.crashed;
  options.stop = interrupt.token();
  options.is_error = [&deployment, &library](const Finding& finding) {
    std::map<std::string, std::string> evidence;
    for (const auto& item : finding.evidence) evidence.emplace(item.name, item.value);
    const auto named = finding.entry.empty() ? std::nullopt : library.entry(finding.entry);
    return (named ? *named : library.explain(deployment.system, finding.code, evidence)).severity == "error";
  };
  return options;
}

/// What checks observed is redacted before it meets the guides' own words, which patterns would spoil.
void redact(Judgement& judgement, const redact::Redactor& redactor) {
  for (auto& finding : judgement.findings)
    for (auto& item : finding.evidence) {
      item.value = redactor.redact(item.value);
      item.source = redactor.redact(item.source);
    }
  for (auto& item : judgement.healthy) item.figure = redactor.redact(item.figure);
  for (auto* list : {&judgement.unexamined, &judgement.skipped})
    for (auto& item : *list) item.reason = redactor.redact(item.reason);
}

/// Runs the plugins beside the checks. Each has the time of a check; the run's time and an interrupt end all of them.
std::future<std::vector<plugins::Result>> started_plugins(const CheckCommand& command, const Patient& patient,
                                                          const Instruments& instruments) {
  const bool none = !command.only.empty() && std::none_of(command.only.begin(), command.only.end(), is_plugin);
  const auto source = none ? nullptr : patient.plugins;
  const Deadline deadline{instruments.begin.clock + command.timeout, instruments.interrupt.token()};
  const plugins::Options options{command.only, command.skip, command.check_timeout};
  return std::async(std::launch::async, [source, options, deadline] {
    return source == nullptr ? std::vector<plugins::Result>{} : plugins::run(*source, options, deadline);
  });
}

/// What happened, in what is left of the run's time and 2 s at most, 1 s where nothing is wrong and few will read it. A
/// run that was stopped or left something behind ends without.
void add_timeline(diagnosis::Report& report, const CheckCommand& command, const Patient& patient,
                  const Instruments& instruments) {
  if (!report.complete) return;
  const auto counts = diagnosis::count(report);
  const std::chrono::milliseconds most{counts.error + counts.warning == 0 ? 1000 : 2000};
  const Deadline of_run{instruments.begin.clock + command.timeout, instruments.interrupt.token()};
  report.timeline = timeline::timeline(*patient.deployment, *patient.probes, report, of_run.within(most));
  for (auto& event : report.timeline) {
    event.text = instruments.redactor.redact(event.text);
    event.source = instruments.redactor.redact(event.source);
  }
}

}  // namespace

std::optional<Checks> selected_checks(const CheckCommand& command, Streams streams) {
  const auto all = checks::all();
  if (!known_checks(command.only, all, streams) || !known_checks(command.skip, all, streams)) return std::nullopt;
  return selected(all, command.only);
}

logs::Patterns patterns_for(const Deployment& deployment, const guides::Library& library) {
  logs::Patterns patterns;
  for (const auto& code : library.codes()) {
    const auto entry = library.entry(code);
    if (!entry || (!entry->system.empty() && entry->system != deployment.system)) continue;
    for (const auto& line : entry->log)
      patterns.signatures.push_back(
          {entry->code, line.match, line.service, line.after, line.before, line.level, line.outlives});
  }
  for (const auto& service : deployment.services)
    for (const auto& milestone : service.rule.milestones)
      patterns.milestones[service.name].push_back({milestone.id, milestone.log});
  return patterns;
}

diagnosis::Report examine(const CheckCommand& command, const Checks& checks, const Patient& patient,
                          const Instruments& instruments, std::ostream& err) {
  const auto& deployment = *patient.deployment;
  Stopwatch watch{instruments.begin.clock};
  watch.ended("discovery");
  Progress progress{checks, shows_progress(command.no_progress), err};
  auto options = run_options(command, deployment, instruments.guides, instruments.interrupt);
  options.ended = [&](const core::CheckResult& result) {
    progress.ended(result);
    instruments.log.debug("check " + std::string{result.check->id} + " " + result.status + " in " +
                          std::to_string(result.took.count()) + " ms" +
                          (result.reason.empty() ? "" : ": " + result.reason));
  };
  auto plugins = started_plugins(command, patient, instruments);
  auto run = core::run(checks, patient.deployment, patient.probes, options);
  watch.ended("checks");
  for (auto& result : run.checks) redact(result.judgement, instruments.redactor);
  auto report = diagnosis::diagnose(deployment, run, instruments.guides);
  watch.ended("diagnosis");
  auto told = plugins.get();
  watch.ended("plugins");
  redact(told, instruments.redactor);
  plugins::add_to(report, told, deployment);
  report.version = version;
  report.interrupted_by = instruments.interrupt.signal();
  report.started = rfc3339(instruments.begin.utc);
  if (instruments.accepted != nullptr) put_up_with(report, *instruments.accepted, deployment, instruments.guides);
  add_timeline(report, command, patient, instruments);
  watch.ended("timeline");
  if (command.timings) report.timings = watch.timings(patient.times.get(), instruments.redactor);
  const auto took = std::chrono::steady_clock::now() - instruments.begin.clock;
  report.took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  return report;
}

std::string rendered(const diagnosis::Report& report, const CheckCommand& command, const redact::Redactor& redactor) {
  auto style = style_for(command.output);
  style.fail_on = command.fail_on;
  style.allow_incomplete = command.allow_incomplete;
  add_calling(style, command, report);
  std::ostringstream text;
  render::find_format(command.output.format)->write(report, style, text);
  return redactor.redact_known(text.str());
}

int end_run(const diagnosis::Report& report, Streams streams, int code) {
  if (report.complete) return code;
  leave(streams, code);
}

void leave(Streams streams, int code) {
  streams.out.flush();
  streams.err.flush();
  std::_Exit(code);
}

}  // namespace doctor::cli
