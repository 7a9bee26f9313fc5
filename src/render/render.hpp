#pragma once

#include <iosfwd>
#include <string>

#include "diagnosis/report.hpp"

namespace doctor::render {

struct Style {
  int width = 80;
  bool colour = false;
  bool utf8 = false;
  bool verbose = false;     ///< every check, every piece of evidence
  bool quiet = false;       ///< roots' titles and the last line only
  std::string enter{};      ///< the directory that the report's commands are for, where it is not the working one
  std::string again{};      ///< what the next `doctor check` needs to examine the same, " --profile x"; may be empty
  bool plain_user = false;  ///< root would see more
  std::string fail_on = "error";
  bool allow_incomplete = false;
  std::string link_host{};  ///< of the files that names become links to, see Hyperlinks; empty: none
  std::string root{};  ///< absolute directory that paths of machine formats are relative to; empty: the deployment's
};

/// For people. Ends with one line of counts.
void human(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// To paste into an issue. Nothing in the report becomes a mark, a link, a mention or HTML.
void markdown(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// One file for a browser: it loads nothing, runs nothing from the report, and can be printed.
void html(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// One line for each root and for each thing that could not be examined: "error ENTRY SUBJECT: TITLE".
void short_lines(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// The parts of doctor-report/v1 as JSON Lines: the run, then each finding, then what could not be examined.
void jsonl(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// JUnit XML as Jenkins reads it: one test case for each check. There is a failure exactly when the exit code is 1, and
/// an error exactly when something unexamined would make it 3.
void junit(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// Test Anything Protocol 14: one test point for each check.
void tap(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// A line with performance data, then one for each root and each thing that could not be examined, as the Monitoring
/// Plugins' guidelines have it.
void nagios(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// The exit code that goes with it: 0 OK, 1 WARNING, 2 CRITICAL (an error stands), 3 UNKNOWN (nothing is known to be
/// wrong, but something could not be examined, or the run was interrupted).
int plugin_code(const diagnosis::Report& report, bool allow_incomplete);

/// Prometheus' text format, for the textfile collector of node_exporter.
void prometheus(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// SARIF 2.1.0: one result for each root, at the line of the file where it stands.
void sarif(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// Workflow commands of GitHub Actions, which become annotations.
void github(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// GitLab's code quality report.
void gitlab(const diagnosis::Report& report, const Style& style, std::ostream& out);

/// doctor-report/v1 (docs/json-schema/report-v1.json), one document.
void json(const diagnosis::Report& report, const Style& style, std::ostream& out);

}  // namespace doctor::render
