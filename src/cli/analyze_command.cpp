#include <filesystem>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/own_guides.hpp"
#include "cli/recorded.hpp"
#include "cli/reports.hpp"
#include "cli/what_if.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// What somebody who named a directory may have meant.
std::string hint(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::is_directory(path, unknown)) return {};
  const bool is_unpacked = std::filesystem::exists(std::filesystem::path{path} / "manifest.json", unknown);
  return is_unpacked ? " Of a bundle that was unpacked the archive is needed."
                     : " A deployment is examined by 'doctor check'.";
}

/// Nothing when it cannot be used: the message has been written, the exit code is 2.
std::optional<bundle::Opened> open(const std::string& path, Streams streams) {
  auto opened = bundle::open(path);
  if (opened) return *std::move(opened);
  streams.err << "doctor: " << util::shown(path, 400)
              << " is no bundle that can be analysed: " << util::shown(opened.error(), 400) << "." << hint(path)
              << '\n';
  return std::nullopt;
}

/// What was put up with then has not expired since: the analysis begins when the recorded run did.
Begin begin_of(const RecordedRun& run) {
  Begin begin;
  begin.utc = run.started.value_or(begin.utc);
  return begin;
}

std::optional<Accepted> accepted_by(const CheckCommand& command, const std::string& system,
                                    const guides::Library& library, Streams streams) {
  const auto files = command.baseline.empty() ? FileAccess{} : file_access();
  return accepted(command, {}, system, files, library, streams);
}

}  // namespace

int analyze(const CheckCommand& command, Streams streams) {
  const auto checks = selected_checks(command, streams);
  if (!checks) return 2;
  if (const auto problem = reports_problem(command); !problem.empty()) {
    streams.err << "doctor: " << problem << ".\n";
    return 2;
  }
  auto opened = open(command.from, streams);
  if (!opened) return 2;
  const auto guides = guides_of_bundle(command.target, opened->guides, streams);
  if (!guides) return 2;
  const auto& library = guides->known;
  auto accepted = accepted_by(command, opened->deployment.system, library, streams);
  if (!accepted) return 2;
  accepted->ignores.insert(accepted->ignores.end(), opened->ignores.begin(), opened->ignores.end());
  const Interrupt interrupt;
  const auto run = recorded_run(*opened);
  const auto begin = begin_of(run);
  const diagnosis::Recording recording{command.from, opened->manifest.version, opened->manifest.label};
  const redact::Redactor redactor;  // what is recorded went through one that knew the secrets
  DebugLog log{command.output.verbose, redactor, streams.err};
  const auto patient = patient_of(*std::move(opened));
  const Instruments instruments{begin, library, redactor, interrupt, log, &*accepted};
  const auto finish = [&](diagnosis::Report report, const redact::Redactor& knowing) {
    report.recording = recording;
    report.took_ms = run.took_ms.value_or(report.took_ms);
    return end_run(report, streams, deliver_all(report, command, knowing, streams));
  };
  if (command.target.set.empty()) return finish(examine(command, *checks, patient, instruments, streams.err), redactor);
  auto tried = what_if(command, *checks, patient, instruments, streams);
  return tried ? finish(std::move(tried->report), tried->redactor) : 2;
}

}  // namespace doctor::cli
