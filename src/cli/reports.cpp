#include "cli/reports.hpp"

#include <algorithm>
#include <ostream>
#include <sstream>
#include <vector>

#include "cli/examination.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

struct ReportFile {
  std::string format;
  std::string file;
};

ReportFile report_file(const std::string& option) {
  const auto equals = option.find('=');
  if (equals == std::string::npos) return {option, {}};
  return {option.substr(0, equals), option.substr(equals + 1)};
}

std::string problem_of(const ReportFile& report, const std::vector<std::string>& taken) {
  const auto named = "'--report " + util::shown(report.format, 40) + "=" + util::shown(report.file, 80) + "'";
  if (report.file.empty()) return "--report wants FORMAT=FILE, such as junit=report.xml";
  if (render::find_format(report.format) == nullptr)
    return "the format of " + named + " is not one of " + util::join(render::format_names(), ", ");
  if (report.file == "-") return named + " wants a file; standard output has what --format says";
  if (std::find(taken.begin(), taken.end(), report.file) != taken.end())
    return named + " names a file that another option writes";
  return {};
}

/// All of them are tried, so that one bad name does not cost the others.
bool write_reports(const diagnosis::Report& report, const CheckCommand& command, const redact::Redactor& redactor,
                   Streams streams) {
  bool whole = true;
  for (const auto& option : command.reports) {
    const auto [format, file] = report_file(option);
    const auto problem = write_file(file, rendered_for_file(report, *render::find_format(format), command, redactor));
    if (!problem) continue;
    streams.err << "doctor: " << *problem << '\n';
    whole = false;
  }
  return whole;
}

}  // namespace

std::string reports_problem(const CheckCommand& command) {
  std::vector<std::string> taken;
  if (!command.output.output.empty()) taken.push_back(command.output.output);
  for (const auto& option : command.reports) {
    const auto report = report_file(option);
    if (auto problem = problem_of(report, taken); !problem.empty()) return problem;
    taken.push_back(report.file);
  }
  return {};
}

std::string rendered_for_file(const diagnosis::Report& report, const render::Format& format,
                              const CheckCommand& command, const redact::Redactor& redactor) {
  render::Style style;
  style.utf8 = true;
  style.root = checkout_root();
  style.verbose = command.output.verbose > 0;
  style.quiet = command.output.quiet;
  style.fail_on = command.fail_on;
  style.allow_incomplete = command.allow_incomplete;
  std::ostringstream text;
  format.write(report, style, text);
  return redactor.redact_known(text.str());
}

int deliver_all(const diagnosis::Report& report, const CheckCommand& command, const redact::Redactor& redactor,
                Streams streams) {
  const bool whole = write_reports(report, command, redactor, streams);
  const int code = render::exit_code(command.output.format, report, command.fail_on, command.allow_incomplete);
  const int delivered = deliver(rendered(report, command, redactor), command.output, streams, code);
  return whole ? delivered : 2;
}

}  // namespace doctor::cli
