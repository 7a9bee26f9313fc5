#include <algorithm>
#include <ostream>

#include "render/accepted.hpp"
#include "render/happened.hpp"
#include "render/human_problem.hpp"
#include "render/reading.hpp"
#include "render/timings.hpp"
#include "render/waiting.hpp"
#include "render/what_if.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::Report;

void header(const Printer& print, const Report& report) {
  const auto name = report.system.empty() ? std::string{"unknown application"} : report.system;
  std::string text = name + " in " + report.directory;
  if (!report.sources.empty()) text += ": " + util::join(report.sources, ", ");
  print.line(wrap(print.ascii(text), print.width(), "", "  "));
  if (report.system.empty() && !report.system_note.empty())
    print.line(wrap(print.ascii(report.system_note), print.width(), "  ", "  "));
  if (const auto recorded = recording_line(report); !recorded.empty())
    print.line(wrap(print.ascii(recorded + " The run began " + report.started + "."), print.width(), "  ", "  "));
  if (const auto& enter = print.style().enter; !enter.empty() && !roots(report).empty())
    print.line("  Commands below are for that directory: cd " +
               print.ascii(util::shown(util::shell_quoted(enter), 2000)));
  print.line();
}

std::vector<std::string> reason_lines(const std::vector<diagnosis::Unexamined>& items) {
  std::vector<std::string> texts;
  for (const auto& [subject, reason] : reasons(items)) texts.push_back(subject + ": " + reason);
  return texts;
}

/// What was left out because nobody said --deep.
std::vector<diagnosis::Unexamined> only_deeper(const Report& report) {
  auto items = report.skipped;
  std::erase_if(items, [](const auto& item) { return item.reason.find("--deep") == std::string::npos; });
  return items;
}

/// The files of a bundle are elsewhere.
Hyperlinks links_of(const Report& report, const Style& style) {
  if (style.link_host.empty() || report.recording) return {};
  return {style.link_host, report.directory, report.sources};
}

/// Whether there was anything to say.
bool put_up_with(const Printer& print, const Report& report) {
  const auto ignored = ignored_lines(report);
  const auto known = known_lines(report);
  const auto resolved = resolved_lines(report);
  print.listed("Ignored", ignored);
  print.listed("In baseline", known);
  print.listed("Resolved", resolved);
  const auto waited = waiting_lines(report);
  print.listed("Waited", waited);
  return !waited.empty() || !ignored.empty() || !known.empty() || !resolved.empty();
}

/// "x 2026-03-01 10:12:05  container app-web-1 ended with exit code 1 (Docker Engine)"
void happened(const Printer& print, const Report& report) {
  const auto events = told_events(report, print.style().verbose);
  if (events.empty()) return;
  print.line(print.toned("What happened", Tone::strong) + " (UTC; " + mark_of("error", print.style().utf8) +
             " a fault, > shortly before the first)");
  constexpr std::size_t moment = 19;  // without the zone
  for (const auto& event : events) {
    const auto mark = event.failure ? mark_of("error", print.style().utf8) : event.just_before ? ">" : " ";
    const auto tone = event.failure ? Tone::red : event.just_before ? Tone::yellow : Tone::plain;
    const auto text = event.text + (event.source.empty() ? "" : " (" + event.source + ")");
    const std::string indent(2 + moment + 2, ' ');
    const auto lines = wrap(print.ascii(util::shown(text, 400)), print.width(), indent, indent);
    print.line(print.toned(mark, tone) + " " + util::timestamp(event.at).substr(0, moment) + "  " +
               lines.substr(indent.size()));
  }
  print.line();
}

Tone tone_of_status(const std::string& status) {
  if (status == "passed") return Tone::green;
  if (status == "failed") return Tone::red;
  return status == "unexamined" ? Tone::yellow : Tone::faint;
}

/// "  database    failed      58 ms  the database accepts the login", and why not where there is a reason.
void verbose_checks(const Printer& print, const Report& report) {
  constexpr std::size_t status_width = 10;
  constexpr std::size_t took_width = 7;
  std::size_t id_width = 0;
  for (const auto& check : report.checks) id_width = std::max(id_width, display_width(print.ascii(check.id)));
  const std::string indent(2 + id_width + 2 + status_width + 2 + took_width + 2, ' ');
  const auto padded = [](const std::string& text, std::size_t width) {
    return text + std::string(width - std::min(width, display_width(text)), ' ');
  };
  print.line(print.toned("Checks", Tone::strong));
  for (const auto& check : report.checks) {
    const auto text = check.reason.empty() ? check.healthy : check.reason;
    const auto lines = wrap(print.ascii(text), print.width(), indent, indent);
    const auto took_text = took(check.took_ms);
    print.line("  " + padded(print.ascii(check.id), id_width) + "  " +
               print.toned(padded(print.ascii(check.status), status_width), tone_of_status(check.status)) + "  " +
               std::string(took_width - std::min(took_width, took_text.size()), ' ') + took_text +
               (lines.empty() ? "" : "  " + lines.substr(indent.size())));
  }
  print.listed("Skipped", reason_lines(report.skipped));
}

void print_verdict(const Printer& print, const Report& report) {
  const auto text = verdict(report);
  if (text.empty()) return;
  print.line(print.toned(text, report.unexamined.empty() ? Tone::green : Tone::plain));
  print.line();
}

}  // namespace

void human(const Report& report, const Style& style, std::ostream& out) {
  const Printer print{style, out, links_of(report, style)};
  if (!style.quiet) header(print, report);
  if (report.what_if) print_what_if(print, *report.what_if);
  for (const auto* problem : roots(report)) print_problem(print, report, *problem);
  if (!style.quiet) {
    print_verdict(print, report);
    happened(print, report);
    std::vector<std::string> ruled_out;
    for (const auto& item : report.ruled_out) ruled_out.push_back(item.subject + ": " + item.evidence);
    print.listed("Ruled out", ruled_out);
    print.listed("Not looked at", reason_lines(report.unexamined));
    if (print.style().plain_user && !report.unexamined.empty())
      print.listed("", {"As root doctor sees more: sudo doctor check"});
    const auto deeper = reason_lines(only_deeper(report));
    print.listed("Not asked", deeper);
    const bool listed =
        put_up_with(print, report) || !ruled_out.empty() || !report.unexamined.empty() || !deeper.empty();
    if (style.verbose) {
      if (listed) print.line();
      verbose_checks(print, report);
    }
    if (listed || style.verbose) print.line();
  }
  print_timings(print, report);
  if (!report.complete) print.line("The run was not complete: what was not looked at is named above.");
  print.line(findings_line(report) + "; " + checks_line(report));
}

}  // namespace doctor::render
