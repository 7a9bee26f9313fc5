#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>

#include "render/reading.hpp"
#include "render/waiting.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::Report;

std::string seconds(std::int64_t milliseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3fs", static_cast<double>(milliseconds) / 1000.0);
  return text.data();
}

/// A bar would begin the performance data.
std::string without_bars(std::string text) {
  std::replace(text.begin(), text.end(), '|', '/');
  return util::shown(text, 400);
}

std::string summary(const Report& report) {
  std::string text = findings_line(report);
  if (!report.unexamined.empty()) text += ", " + std::to_string(report.unexamined.size()) + " not examined";
  if (report.interrupted_by != 0) text += ", interrupted";
  const auto all = roots(report);
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 3); ++i)
    text += (i == 0 ? ": " : "; ") + all[i]->title + " (" + all[i]->subject + ")";
  return text;
}

/// What stands below the first line, where a monitoring system shows the details: Nagios takes 8 KB in all, and old
/// versions of NRPE 1 KB, so that a cut costs the last of it.
std::vector<std::string> details(const Report& report) {
  std::vector<std::string> lines;
  for (const auto* root : roots(report))
    lines.push_back(root->severity + " " + root->subject + ": " + root->title + "; doctor explain " + root->entry);
  for (const auto& item : reasons(report.unexamined))
    lines.push_back("not examined " + item.subject + ": " + item.reason);
  std::string waited = "waited ";  // the first line says how long
  for (const auto& line : waiting_lines(report)) {
    lines.push_back(waited + line);
    waited.clear();
  }
  return lines;
}

}  // namespace

int plugin_code(const Report& report, bool allow_incomplete) {
  const auto counts = diagnosis::count(report);
  if (counts.error > 0) return 2;
  if (report.interrupted_by != 0) return 3;
  if (counts.warning > 0) return 1;
  return report.unexamined.empty() || allow_incomplete ? 0 : 3;
}

void nagios(const Report& report, const Style& style, std::ostream& out) {
  constexpr std::array<std::string_view, 4> states{"OK", "WARNING", "CRITICAL", "UNKNOWN"};
  const auto counts = diagnosis::count(report);
  const auto code = static_cast<std::size_t>(plugin_code(report, style.allow_incomplete));
  out << "DOCTOR " << states.at(code) << " - " << without_bars(summary(report)) << " | errors=" << counts.error
      << ";;0;0 warnings=" << counts.warning << ";0;;0 notes=" << counts.info
      << ";;;0 consequences=" << counts.consequences << ";;;0 passed=" << counts.passed
      << ";;;0 skipped=" << counts.skipped << ";;;0 unexamined=" << counts.unexamined
      << ";;;0 time=" << seconds(report.took_ms) << ";;;0";
  if (report.waiting) out << " waited=" << seconds(report.waiting->waited_ms) << ";;;0";
  out << '\n';
  constexpr std::size_t most_details = 16;
  const auto lines = details(report);
  for (std::size_t i = 0; i < std::min(lines.size(), most_details); ++i) out << without_bars(lines[i]) << '\n';
  if (lines.size() > most_details) out << "and " << lines.size() - most_details << " more\n";
}

}  // namespace doctor::render
