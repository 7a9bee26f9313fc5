#include "cli/hidden_run.hpp"

#include <ostream>

#include "cli/recorded.hpp"

namespace doctor::cli {

diagnosis::Report examined_again(const Bundling& with, const Attempt& attempt, bundle::Opened answers) {
  Begin begin;
  begin.utc = moment(attempt.report.started).value_or(begin.utc);
  const redact::Redactor redactor;  // what is recorded went through one that knew the secrets
  DebugLog log{0, redactor, with.err};
  auto accepted = attempt.accepted;
  std::vector<diagnosis::Ignore> of_flags;
  for (auto& entry : accepted.ignores)
    if (entry.file.empty()) of_flags.push_back(std::move(entry));
  accepted.ignores = std::move(of_flags);
  accepted.ignores.insert(accepted.ignores.end(), answers.ignores.begin(), answers.ignores.end());
  auto report = examine(with.command, *with.checks, patient_of(std::move(answers)),
                        {begin, with.guides.known, redactor, with.interrupt, log, &accepted}, with.err);
  report.took_ms = attempt.report.took_ms;
  return report;
}

}  // namespace doctor::cli
