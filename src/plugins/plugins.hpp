#pragma once

#include <string>
#include <vector>

#include "diagnosis/report.hpp"
#include "doctor/deadline.hpp"
#include "doctor/deployment.hpp"
#include "plugins/protocol.hpp"
#include "probes/plugins.hpp"

/// Checks that are programs of somebody else.
namespace doctor::plugins {

/// In a report a plugin's check is called so, "plugin:backup-age": no check of doctor's own has such a name.
inline constexpr std::string_view prefix = "plugin:";

/// Who answers the questions about plugins: the host, or a bundle.
struct Source {
  Probe<probes::PluginsQuestion>& list;
  Probe<probes::PluginRunQuestion>& run;
};

struct Options {
  std::vector<std::string> only;  ///< names of checks; empty: all
  std::vector<std::string> skip;
  std::chrono::milliseconds limit{10000};  ///< of one plugin, for both of its runs
};

/// What a plugin said, and how it ended.
struct Result {
  diagnosis::CheckSummary check;
  Verdict verdict;
};

/// Runs all plugins that are found, four at a time. What a plugin does wrong makes it unexamined, with the reason.
/// Results are in the order of the list, those that were not chosen left out, those that are skipped without a verdict.
std::vector<Result> run(const Source& source, const Options& options, const Deadline& deadline);

/// Adds the results to a report, findings as roots.
void add_to(diagnosis::Report& report, const std::vector<Result>& results, const Deployment& deployment);

}  // namespace doctor::plugins
