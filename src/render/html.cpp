#include <algorithm>
#include <ostream>

#include "render/accepted.hpp"
#include "render/happened.hpp"
#include "render/html_assets.hpp"
#include "render/html_problem.hpp"
#include "render/html_text.hpp"
#include "render/reading.hpp"
#include "render/render.hpp"
#include "render/waiting.hpp"
#include "render/what_if.hpp"
#include "util/text.hpp"

// One file that needs nothing else. Whatever the report says goes through html_text, html_lines or html_prose.
namespace doctor::render {
namespace {

using diagnosis::Problem;
using diagnosis::Report;

constexpr std::string_view mark =
    "<svg viewBox=\"0 0 24 24\" width=\"24\" height=\"24\" aria-hidden=\"true\" fill=\"none\" stroke=\"currentColor\" "
    "stroke-width=\"2.2\" "
    "stroke-linecap=\"round\" stroke-linejoin=\"round\"><path d=\"M2 13h4.5l2-5.5 4 11 3-8 1.2 2.5H22\"/></svg>";

std::string system_of(const Report& report) {
  return report.system.empty() ? "unknown application" : report.system;
}

std::string headline(const Report& report) {
  const auto all = roots(report).size();
  const std::string then = report.what_if ? " would be left" : "";
  if (all > 0) return (all == 1 ? "One root cause" : std::to_string(all) + " root causes") + then;
  return verdict(report);
}

std::string count_tile(std::string_view kind, int number, std::string_view label) {
  return "<div class=\"" + std::string{number == 0 ? "zero" : kind} + "\"><dt>" + std::string{label} + "</dt><dd>" +
         std::to_string(number) + "</dd></div>";
}

std::string counts(const Report& report) {
  const auto count = diagnosis::count(report);
  return "<dl class=\"counts\">" + count_tile("error", count.error, "errors") +
         count_tile("warning", count.warning, "warnings") + count_tile("info", count.info, "notes") +
         count_tile("follow", count.consequences, "that follow") + count_tile("passed", count.passed, "passed") +
         count_tile("skipped", count.skipped, "skipped") + count_tile("unexamined", count.unexamined, "not examined") +
         "</dl>\n";
}

std::string contents(const Report& report) {
  const auto all = roots(report);
  if (all.size() < 2) return {};
  std::string out = "<ol class=\"contents\">\n";
  for (const auto* problem : all)
    out += "<li><span class=\"dot " + html_word(problem->severity) + "\"></span><a href=\"#" + html_anchor(*problem) +
           "\">" + html_text(problem->title) + "</a></li>\n";
  return out + "</ol>\n";
}

std::string facts(const Report& report) {
  std::string out = "<p class=\"facts\">";
  for (const auto& source : report.sources) out += "<span>" + html_text(source) + "</span> ";
  out += "<span>" + html_text(report.started) + "</span> <span>took " + took(report.took_ms) + "</span></p>\n";
  const auto recording = recording_line(report);
  if (!recording.empty()) out += "<p class=\"facts\">" + html_text(recording) + "</p>\n";
  return out;
}

std::string top(const Report& report) {
  std::string out = "<header class=\"top\">\n<p class=\"brand\">" + std::string{mark} + "doctor</p>\n<h1>" +
                    html_text(headline(report)) + "</h1>\n<p class=\"target\"><strong>" + html_text(system_of(report)) +
                    "</strong> in <span class=\"mono\">" + html_text(report.directory) + "</span></p>\n";
  if (report.system.empty() && !report.system_note.empty())
    out += "<p class=\"soft\">" + html_text(report.system_note) + "</p>\n";
  out += facts(report);
  if (!report.complete)
    out += "<p class=\"note\">The run was not complete: what was not looked at is named below.</p>\n";
  return out + counts(report) + contents(report) + "</header>\n";
}

std::string section(std::string_view title, const std::string& content) {
  if (content.empty()) return {};
  return "<section><h2>" + std::string{title} + "</h2>\n" + content + "</section>\n";
}

std::string cards(const Report& report) {
  std::string out;
  for (const auto* problem : roots(report)) out += html_problem(report, *problem);
  return out;
}

/// A list of "what: why".
std::string pairs(const std::vector<std::pair<std::string, std::string>>& items) {
  if (items.empty()) return {};
  std::string out = "<div class=\"panel\"><ul class=\"list two\">\n";
  for (const auto& [what, why] : items)
    out += "<li><span class=\"mono\">" + html_text(what) + "</span><span class=\"soft\">" + html_text(why) +
           "</span></li>\n";
  return out + "</ul></div>\n";
}

std::string reason_list(const std::vector<diagnosis::Unexamined>& items) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& [subject, reason] : reasons(items)) rows.emplace_back(subject, reason);
  return pairs(rows);
}

std::string items(const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string out = "<div class=\"panel\"><ul class=\"list plain\">\n";
  for (const auto& line : lines) out += "<li>" + html_text(line) + "</li>\n";
  return out + "</ul></div>\n";
}

/// What became healthy, came back or stayed, and after how long.
std::string waited(const Report& report) {
  return items(waiting_lines(report));
}

std::string what_if(const Report& report) {
  std::string out;
  if (!report.what_if) return out;
  for (const auto& [title, lines] : what_if_parts(*report.what_if)) {
    out += "<h3>" + html_text(title) + "</h3>\n<div class=\"panel\"><ul class=\"list plain\">\n";
    for (const auto& [severity, text] : lines) {
      const auto chip = severity.empty()
                            ? std::string{}
                            : "<span class=\"chip " + html_word(severity) + "\">" + html_text(severity) + "</span> ";
      out += "<li>" + chip + html_text(text) + "</li>\n";
    }
    out += "</ul></div>\n";
  }
  return out;
}

std::string ruled_out(const Report& report) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& item : report.ruled_out) rows.emplace_back(item.subject, item.evidence);
  return pairs(rows);
}

/// Days as headings, since all that matters is often of one day.
std::string events(const std::vector<diagnosis::Event>& all) {
  if (all.empty()) return {};
  std::string out = "<div class=\"panel\"><ol class=\"events\">\n";
  std::string day;
  for (const auto& event : all) {
    const auto at = util::timestamp(event.at);  // "2026-03-01 10:12:05 UTC"
    if (at.substr(0, 10) != day) {
      day = at.substr(0, 10);
      out += "<li class=\"day\">" + day + "</li>\n";
    }
    out += std::string{"<li"} +
           (event.failure       ? " class=\"failure\""
            : event.just_before ? " class=\"before\""
                                : "") +
           "><time>" + html_text(at.substr(11)) + "</time>" + html_text(event.text);
    if (event.just_before) out += " <span class=\"chip warning\">shortly before the first fault</span>";
    if (!event.source.empty()) out += " <span class=\"soft small\">" + html_text(event.source) + "</span>";
    out += "</li>\n";
  }
  return out + "</ol></div>\n";
}

/// What matters, and all of it folded.
std::string timeline(const Report& report) {
  const auto told = told_events(report, false);
  if (told.size() == report.timeline.size()) return events(told);
  const auto number = std::to_string(report.timeline.size());
  return events(told) + "<details class=\"more\"><summary>All that is known (" + number + ")</summary>\n" +
         events(report.timeline) + "</details>\n";
}

/// A bar as long as the check took, beside the longest.
std::string bar(std::int64_t milliseconds, std::int64_t longest) {
  const auto width = std::max<std::int64_t>(1, longest == 0 ? 0 : milliseconds * 100 / longest);
  return "<svg viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" "
         "width=\"100\" height=\"4\"/><rect width=\"" +
         std::to_string(width) + "\" height=\"4\"/></svg>";
}

std::string checks(const Report& report) {
  if (report.checks.empty()) return {};
  std::int64_t longest = 0;
  for (const auto& check : report.checks) longest = std::max(longest, check.took_ms);
  std::string out =
      "<div class=\"panel\"><table class=\"checks\"><thead><tr><th>Check</th><th>What is true when it passes</th>"
      "<th>Result</th><th class=\"time\">Took</th></tr></thead><tbody>\n";
  for (const auto& check : report.checks) {
    out += "<tr><td><strong>" + html_text(check.id) + "</strong></td><td class=\"wide\">" + html_text(check.healthy);
    if (!check.reason.empty()) out += " <span class=\"soft\">(" + html_text(check.reason) + ")</span>";
    out += "</td><td><span class=\"chip " + html_word(check.status) + "\">" + html_text(check.status) +
           "</span></td><td class=\"time\">" + took(check.took_ms) + bar(check.took_ms, longest) + "</td></tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string folded(std::string_view title, std::size_t number, const std::string& content) {
  if (content.empty()) return {};
  return "<section><details><summary>" + std::string{title} + " (" + std::to_string(number) + ")</summary>\n" +
         content + "</details></section>\n";
}

std::string head(const Report& report) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
         std::string{html_policy} +
         "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
         "<title>doctor: " +
         html_text(system_of(report)) + ", " + html_text(findings_line(report)) + "</title>\n<style>" +
         std::string{html_style} + "</style>\n</head>\n";
}

}  // namespace

void html(const Report& report, const Style&, std::ostream& out) {
  out << head(report) << "<body>\n<main>\n"
      << top(report) << section("What other settings would do", what_if(report))
      << section(report.what_if ? "What would be wrong then" : "Root causes", cards(report))
      << section("While doctor waited", waited(report)) << section("What happened", timeline(report))
      << section("Not looked at", reason_list(report.unexamined)) << section("Ruled out", ruled_out(report))
      << section("Ignored", items(ignored_lines(report))) << section("In the baseline", items(known_lines(report)))
      << section("Resolved", items(resolved_lines(report))) << section("Checks", checks(report))
      << folded("Skipped", report.skipped.size(), reason_list(report.skipped)) << "</main>\n<footer>"
      << "<p>doctor " << html_text(report.version) << ": " << html_text(findings_line(report)) << "; "
      << html_text(checks_line(report))
      << "</p>\n<p>This page is complete in itself and loads nothing.</p></footer>\n<script>" << html_script
      << "</script>\n</body>\n</html>\n";
}

}  // namespace doctor::render
