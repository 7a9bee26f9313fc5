#include "render/timings.hpp"

#include <algorithm>

#include "render/reading.hpp"
#include "render/wrap.hpp"

namespace doctor::render {
namespace {

using Row = std::vector<std::string>;

constexpr std::size_t indent = 2;

std::string aligned(const std::string& text, std::size_t width, bool right) {
  const auto used = display_width(text);
  const std::string gap(width > used ? width - used : 0, ' ');
  return right ? gap + text : text + gap;
}

std::vector<std::size_t> widths_of(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  return widths;
}

/// The first and the last column to the left, numbers between them to the right; the last one wraps under itself.
void table(const Printer& print, const std::vector<Row>& rows) {
  const auto widths = widths_of(rows);
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t i = 0; i + 1 < row.size(); ++i) line += aligned(row[i], widths[i], i > 0) + "  ";
    const std::string under(line.size(), ' ');
    const auto last = wrap(row.back(), print.width(), under, under);
    print.line(last.empty() ? line.substr(0, line.find_last_not_of(' ') + 1) : line + last.substr(under.size()));
  }
}

std::string part_name(const std::string& part) {
  if (part == "discovery") return "finding out what is deployed";
  if (part == "plugins") return "waiting for plugins";
  return part == "timeline" ? "what happened" : part;
}

std::string bar(const Printer& print, std::int64_t milliseconds, std::int64_t longest) {
  constexpr std::int64_t full = 24;
  std::string text;
  for (std::int64_t i = 0; i < milliseconds * full / std::max<std::int64_t>(longest, 1); ++i)
    text += print.style().utf8 ? "\u2580" : "#";
  return text;
}

std::vector<Row> check_rows(const Printer& print, const diagnosis::Report& report) {
  auto checks = report.checks;
  std::stable_sort(checks.begin(), checks.end(), [](const auto& a, const auto& b) { return a.took_ms > b.took_ms; });
  std::vector<Row> rows;
  for (const auto& check : checks)
    if (check.took_ms > 0)
      rows.push_back({print.ascii(check.id), took(check.took_ms), bar(print, check.took_ms, checks.front().took_ms)});
  const auto rest = checks.size() - rows.size();
  if (rest > 0) rows.push_back({std::to_string(rest) + (rows.empty() ? "" : " more"), "none", ""});
  return rows;
}

std::vector<Row> probe_rows(const Printer& print, const diagnosis::Timings& timings) {
  std::vector<Row> rows;
  for (const auto& probe : timings.probes)
    rows.push_back({print.ascii(probe.probe), std::to_string(probe.asked), took(probe.took_ms), took(probe.longest_ms),
                    print.ascii(probe.slowest)});
  return rows;
}

}  // namespace

void print_timings(const Printer& print, const diagnosis::Report& report) {
  if (!report.timings) return;
  print.line(print.toned("Where the time went", Tone::strong));
  std::vector<Row> parts;
  for (const auto& part : report.timings->parts)
    parts.push_back({print.ascii(part_name(part.name)), took(part.took_ms), ""});
  table(print, parts);
  print.line();
  print.line(print.toned("Checks, side by side", Tone::strong));
  table(print, check_rows(print, report));
  print.line();
  auto rows = probe_rows(print, *report.timings);
  if (rows.empty()) return;
  rows.insert(rows.begin(), Row{"Probe", "asked", "together", "longest", "which was"});
  print.line(print.toned("Probes, side by side", Tone::strong));
  table(print, rows);
  print.line();
}

}  // namespace doctor::render
