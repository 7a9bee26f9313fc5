#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "doctor/deadline.hpp"
#include "doctor/deployment.hpp"
#include "doctor/finding.hpp"
#include "doctor/probe/probes.hpp"

namespace doctor {

/// All that a check has: what is examined, the probes, how long it may take. It never prints and does no I/O itself.
struct Context {
  const Deployment& deployment;
  Probes& probes;
  Deadline deadline;

  /// The reason why looking at `subject` is pointless: an error stands on something that it depends on. Only errors of
  /// the checks named in `after` are seen. Nothing: go on.
  std::function<std::optional<std::string>(const std::string& subject)> blocked;

  /// Asks one question. A probe's own limit lies below the check's deadline; see each question.
  template <class Question>
  Outcome<typename Question::Answer> ask(const Question& question) const {
    return probes.ask(question, deadline);
  }
};

/// The descriptor of a check. One constant per check; checks/CMakeLists.txt lists them in report order.
struct CheckInfo {
  std::string_view id;                      ///< = folder = guide page = the word for --only
  std::string_view healthy;                 ///< a sentence that is true when all is well
  std::span<const std::string_view> reads;  ///< roles that it looks at
  std::span<const std::string_view> after;  ///< checks that must have ended before
  std::span<const Code> codes;              ///< the generic codes that it can report
  Judgement (*run)(const Context&);
  /// It compares what is written in files with what the application needs: nothing that runs, or does not, explains
  /// its findings.
  bool is_about_files = false;
};

}  // namespace doctor
