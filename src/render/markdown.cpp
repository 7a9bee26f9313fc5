#include <ostream>

#include "render/accepted.hpp"
#include "render/happened.hpp"
#include "render/markdown_text.hpp"
#include "render/reading.hpp"
#include "render/render.hpp"
#include "render/waiting.hpp"
#include "render/what_if.hpp"
#include "util/text.hpp"

// To be pasted into an issue: whatever the report says goes through markdown_text, _code, _fence or _prose.
namespace doctor::render {
namespace {

using diagnosis::FixStep;
using diagnosis::Problem;
using diagnosis::Report;

std::string paragraph(std::string_view label, const std::string& content) {
  if (content.empty()) return {};
  return "**" + std::string{label} + "**\n\n" + content + "\n";
}

std::string evidence(const std::vector<Evidence>& evidence) {
  std::string out;
  for (const auto& group : observations(evidence)) {
    std::vector<std::string> items;
    for (const auto& item : group.items)
      items.push_back(markdown_text(item.name) + " " + markdown_code(util::shown(item.value, 600)));
    out += "- " + util::join(items, ", ");
    if (!group.origin.empty()) out += " (" + markdown_code(group.origin) + ")";
    out += '\n';
  }
  return out;
}

std::string step(const FixStep& step) {
  const auto lead = markdown_prose(step.text) + (step.text.empty() ? "" : "\n");
  if (!step.effective) return lead + markdown_prose(step.instead) + "\n";
  const auto note = step_note(step);
  if (step.kind == "edit")
    return lead + "In " + markdown_code(step.file) + (note.empty() ? "" : " (" + markdown_text(note) + ")") + ":\n\n" +
           markdown_fence(step.content, "") + "\n";
  if (step.kind == "command")
    return lead + (note.empty() ? "" : "(" + markdown_text(note) + ")\n\n") + markdown_fence(step.command, "sh") + "\n";
  return lead;
}

std::string fix(const Problem& problem) {
  std::string out;
  for (const auto& one : problem.fix) out += step(one);
  return out.empty() ? out : "**Fix**\n\n" + out;
}

std::string explanation(const Problem& problem) {
  return paragraph("Symptom", markdown_prose(problem.symptom)) + paragraph("Cause", markdown_prose(problem.cause)) +
         paragraph("Evidence", evidence(problem.evidence)) + fix(problem) +
         (problem.verify.empty() ? std::string{} : "**Verify**\n\n" + markdown_fence(problem.verify, "sh") + "\n");
}

/// The summary holds nothing from outside, since it stands in HTML.
std::string folded(const std::string& summary, const std::string& content) {
  if (content.empty()) return {};
  return "<details><summary>" + summary + "</summary>\n\n" + content + "\n</details>\n\n";
}

std::string follows(const Report& report, const Problem& root) {
  const auto all = consequences(report, root);
  std::string items;
  for (const auto* problem : all)
    items += "- " + markdown_text(problem->title) + " (" + markdown_code(problem->subject) + ")\n";
  return folded(all.size() == 1 ? "1 problem follows from it" : std::to_string(all.size()) + " problems follow from it",
                items);
}

std::string root(const Report& report, const Problem& problem) {
  std::string out = "### " + markdown_text(problem.title) + "\n\n**" + markdown_text(problem.severity) + "** in " +
                    markdown_code(problem.subject) +
                    (is_explained(problem) ? ", " + markdown_code("doctor explain " + problem.entry) : "") + "\n\n";
  if (const auto* above = same_above(report, problem))
    out += paragraph("Evidence", evidence(problem.evidence)) + "**Fix** as for " + markdown_code(above->subject) +
           " above\n\n";
  else
    out += explanation(problem);
  out += paragraph("Ignored?", markdown_prose(not_ignored_note(problem)));
  return out + follows(report, problem);
}

std::string top(const Report& report) {
  const auto count = diagnosis::count(report);
  std::string out = "## doctor: " + findings_line(report) + "\n\n" +
                    markdown_paragraph(report.system.empty() ? "unknown application" : report.system) + " in " +
                    markdown_code(report.directory);
  std::vector<std::string> sources;
  for (const auto& source : report.sources) sources.push_back(markdown_code(source));
  if (!sources.empty()) out += ": " + util::join(sources, ", ");
  out += "\n\n";
  const auto add = [&](const std::string& text) { out += text.empty() ? "" : markdown_paragraph(text) + "\n\n"; };
  if (report.system.empty()) add(report.system_note);
  add(recording_line(report));
  out +=
      "| errors | warnings | notes | that follow | passed | skipped | not examined |\n"
      "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n| ";
  std::vector<std::string> cells;
  for (const int number :
       {count.error, count.warning, count.info, count.consequences, count.passed, count.skipped, count.unexamined})
    cells.push_back(std::to_string(number));
  out += util::join(cells, " | ") + " |\n\n";
  add(report.complete ? "" : "The run was not complete: what was not looked at is named below.");
  add(verdict(report));
  return out;
}

std::string reason_list(const std::vector<diagnosis::Unexamined>& items) {
  std::string out;
  for (const auto& [subject, reason] : reasons(items))
    out += "- " + markdown_code(subject) + ": " + markdown_text(reason) + "\n";
  return out;
}

std::string lines(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += "- " + markdown_paragraph(item) + "\n";
  return out;
}

std::string what_if(const Report& report) {
  std::string out;
  if (!report.what_if) return out;
  for (const auto& [title, lines] : what_if_parts(*report.what_if)) {
    std::string items;
    for (const auto& [severity, text] : lines)
      items += "- " + markdown_paragraph((severity.empty() ? "" : severity + ": ") + text) + "\n";
    out += paragraph(title, items);
  }
  return out;
}

std::string timeline(const std::vector<diagnosis::Event>& events) {
  std::string out;
  for (const auto& event : events) {
    out += "- " + markdown_code(util::timestamp(event.at)) + " " + markdown_text(event.text);
    if (event.just_before) out += " **shortly before the first fault**";
    if (!event.source.empty()) out += " (" + markdown_text(event.source) + ")";
    out += '\n';
  }
  return out;
}

std::string checks(const Report& report) {
  std::string out;
  for (const auto& check : report.checks) {
    out += "- " + markdown_code(check.id) + " " + markdown_text(check.status) + " in " + took(check.took_ms);
    if (!check.reason.empty()) out += " (" + markdown_text(check.reason) + ")";
    out += '\n';
  }
  return out;
}

std::string counted(std::string_view title, std::size_t number) {
  return std::string{title} + " (" + std::to_string(number) + ")";
}

}  // namespace

void markdown(const Report& report, const Style&, std::ostream& out) {
  out << top(report) << what_if(report);
  for (const auto* problem : roots(report)) out << root(report, *problem);
  const auto told = told_events(report, false);
  std::string ruled_out;
  for (const auto& item : report.ruled_out)
    ruled_out += "- " + markdown_code(item.subject) + ": " + markdown_text(item.evidence) + "\n";
  out << paragraph("Not looked at", reason_list(report.unexamined))
      << folded(counted("What happened", told.size()), timeline(told))
      << paragraph("Waited", lines(waiting_lines(report))) << paragraph("Ignored", lines(ignored_lines(report)))
      << paragraph("In the baseline", lines(known_lines(report)))
      << paragraph("Resolved", lines(resolved_lines(report)))
      << folded(counted("Ruled out", report.ruled_out.size()), ruled_out)
      << folded(counted("Checks", report.checks.size()), checks(report))
      << folded(counted("Skipped", report.skipped.size()), reason_list(report.skipped)) << "doctor "
      << markdown_text(report.version) << ", " << markdown_text(report.started) << "; " << checks_line(report) << "\n";
}

}  // namespace doctor::render
