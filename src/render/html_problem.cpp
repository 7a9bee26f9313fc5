#include "render/html_problem.hpp"

#include "render/accepted.hpp"
#include "render/html_text.hpp"
#include "render/reading.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::FixStep;
using diagnosis::Problem;
using diagnosis::Report;

std::string row(std::string_view label, const std::string& content) {
  if (content.empty()) return {};
  return "<div><dt>" + std::string{label} + "</dt><dd>" + content + "</dd></div>\n";
}

std::string chip(const std::string& kind) {
  return "<span class=\"chip " + html_word(kind) + "\">" + html_text(kind) + "</span>";
}

/// Lines to be run, with a button to copy them.
std::string command(const std::string& lines) {
  return "<div class=\"run\"><pre tabindex=\"0\">" + html_lines(lines) + "</pre></div>";
}

std::string evidence(const std::vector<Evidence>& evidence) {
  std::string out;
  for (const auto& group : observations(evidence)) {
    out += "<li><div>";
    for (const auto& item : group.items)
      out += "<span class=\"pair\"><span>" + html_text(item.name) + "</span> <code>" +
             html_text(util::shown(item.value, 600)) + "</code></span> ";
    out += "</div>";
    if (!group.origin.empty()) out += "<span class=\"from\">from " + html_text(group.origin) + "</span>";
    out += "</li>";
  }
  return out.empty() ? out : "<ul class=\"evidence\">" + out + "</ul>";
}

/// "In .env · inside the container · disruptive"
std::string where(const FixStep& step) {
  std::string out;
  if (step.kind == "edit" && !step.file.empty()) out += "<span>In <code>" + html_text(step.file) + "</code></span>";
  auto quiet = step;
  quiet.risk.clear();
  const auto note = step_note(quiet);
  if (!note.empty()) out += "<span>" + html_text(note) + "</span>";
  if (!step.risk.empty() && step.risk != "safe") out += chip(step.risk);
  return out.empty() ? out : "<p class=\"where\">" + out + "</p>";
}

std::string step(const FixStep& step) {
  std::string out = html_prose(step.text);
  if (!step.effective)
    out += "<div class=\"void\">" + html_prose(step.instead) + "</div>";
  else if (step.kind == "edit")
    out += where(step) + command(step.content);
  else if (step.kind == "command")
    out += where(step) + command(step.command);
  return out.empty() ? out : "<div class=\"step\">" + out + "</div>";
}

std::string fix(const std::vector<FixStep>& steps) {
  std::string out;
  for (const auto& one : steps) out += step(one);
  return out;
}

std::string explanation(const Problem& problem) {
  return row("Symptom", html_prose(problem.symptom)) + row("Cause", html_prose(problem.cause)) +
         row("Evidence", evidence(problem.evidence)) + row("Fix", fix(problem.fix)) +
         row("Verify", problem.verify.empty() ? std::string{} : command(problem.verify));
}

std::string as_above(const Problem& above) {
  return "<p>As for <a href=\"#" + html_anchor(above) + "\"><span class=\"mono\">" + html_text(above.subject) +
         "</span></a> above.</p>";
}

std::string follows(const Report& report, const Problem& root) {
  const auto all = consequences(report, root);
  if (all.empty()) return {};
  std::string items;
  for (const auto* problem : all)
    items += "<li><span class=\"dot " + html_word(problem->severity) + "\"></span><div>" + html_text(problem->title) +
             " <span class=\"soft mono\">" + html_text(problem->subject) + "</span></div></li>\n";
  const auto summary =
      all.size() == 1 ? "1 problem follows from it" : std::to_string(all.size()) + " problems follow from it";
  return "<details class=\"follows\"><summary>" + summary + "</summary><ul>\n" + items + "</ul></details>\n";
}

}  // namespace

std::string html_anchor(const Problem& problem) {
  return "f" + html_word(problem.fingerprint);
}

std::string html_problem(const Report& report, const Problem& root) {
  const auto* above = same_above(report, root);
  std::string out = "<article class=\"card " + html_word(root.severity) + "\" id=\"" + html_anchor(root) + "\">\n";
  out += "<header>" + chip(root.severity) + "<h2>" + html_text(root.title) + "</h2><p class=\"soft mono\">" +
         html_text(root.subject) + "</p></header>\n<dl class=\"rows\">\n";
  out += above == nullptr ? explanation(root) : row("Evidence", evidence(root.evidence)) + row("Fix", as_above(*above));
  if (is_explained(root)) out += row("More", "<p><code>doctor explain " + html_text(root.entry) + "</code></p>");
  out += row("Ignored?", html_prose(not_ignored_note(root)));
  return out + "</dl>\n" + follows(report, root) + "</article>\n";
}

}  // namespace doctor::render
