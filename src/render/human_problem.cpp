#include "render/human_problem.hpp"

#include <algorithm>

#include "render/accepted.hpp"
#include "render/reading.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::FixStep;
using diagnosis::Problem;
using diagnosis::Report;

/// The title on the left, the severity on the right.
void headline(const Printer& print, const Problem& problem, const std::string& more) {
  const auto severity = print.ascii(util::shown(problem.severity, 20));
  const auto mark = mark_of(problem.severity, print.style().utf8);
  const auto room = print.width() > severity.size() + 2 ? print.width() - severity.size() - 2 : 40;
  const auto title = wrap(print.ascii(problem.title + more), room, mark + " ", "  ");
  const auto lines = util::split(title, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) {
      print.line(print.toned(lines[i], Tone::strong));
      continue;
    }
    const auto used = display_width(lines[i]) + severity.size();
    const std::string gap(print.width() > used ? print.width() - used : 1, ' ');
    print.line(print.toned(lines[i], Tone::strong) + gap + print.toned(severity, tone_of(problem.severity)));
  }
}

/// Evidence of one origin on one line each: "user chatalot, sqlstate 28P01 (127.0.0.1:5432)".
std::vector<std::string> evidence_texts(const std::vector<Evidence>& evidence) {
  std::vector<std::string> texts;
  for (const auto& group : observations(evidence)) {
    std::string line;
    for (const auto& item : group.items) line += (line.empty() ? "" : ", ") + item.name + " " + item.value;
    const bool is_said = std::any_of(group.items.begin(), group.items.end(),
                                     [&](const Evidence& item) { return item.value == group.origin; });
    if (!group.origin.empty() && !is_said) line += " (" + group.origin + ")";
    texts.push_back(std::move(line));
  }
  return texts;
}

void labelled_lines(const Printer& print, std::string_view label, const std::vector<std::string>& lines) {
  bool first = true;
  for (const auto& line : lines) {
    const auto text =
        wrap(print.ascii(util::shown(line, 600)), print.width(), body_indent, std::string{body_indent} + "  ");
    print.line(first ? print.label_of(label) + text.substr(body_indent.size()) : text);
    first = false;
  }
}

void evidence_lines(const Printer& print, const std::vector<Evidence>& evidence) {
  labelled_lines(print, "Evidence", evidence_texts(evidence));
}

/// It differs from a root above in its subject and evidence alone, and is listed there.
bool is_listed_above(const Report& report, const Problem& problem) {
  const auto* above = same_above(report, problem);
  return above != nullptr && above->title == problem.title && above->severity == problem.severity &&
         not_ignored_note(problem).empty() && consequences(report, problem).empty();
}

/// The roots that are listed with this one: "setting:compose/B: where docker-compose.yml:7".
void also_lines(const Printer& print, const Report& report, const Problem& problem) {
  std::vector<std::string> lines;
  for (const auto* other : roots(report))
    if (is_listed_above(report, *other) && same_above(report, *other) == &problem)
      lines.push_back(other->subject + ": " + util::join(evidence_texts(other->evidence), "; "));
  labelled_lines(print, "Also", lines);
}

/// One title in a list of titles may be that of many roots.
bool has_namesake(const Report& report, const Problem& problem) {
  const auto all = roots(report);
  return std::count_if(all.begin(), all.end(), [&](const Problem* one) { return one->title == problem.title; }) > 1;
}

/// Of text with colours in it.
std::size_t columns_of(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b')
      i = std::min(text.find('m', i), text.size());
    else
      plain += text[i];
  }
  return display_width(plain);
}

void step_lines(const Printer& print, const std::string& lines) {
  for (const auto& line : util::split(lines, '\n'))
    print.line(line.empty() ? std::string{} : std::string{command_indent} + util::shown(line, 2000));
}

/// Prints prose under "Fix"; the first line of all carries the label.
class FixPrinter {
 public:
  explicit FixPrinter(const Printer& print) : print_{print} {}

  void step(const FixStep& step) {
    if (!step.effective) {
      text(step.text, {});
      return text(step.instead, {});
    }
    const auto note = step_note(step);
    const auto shown = note.empty() ? note : print_.toned("(" + print_.ascii(note) + ")", tone_of_risk(step.risk));
    if (step.kind == "edit") {
      text(step.text, {});
      text("In " + step.file + ":", shown);
      step_lines(print_, step.content);
    } else if (step.kind == "command") {
      text(step.text.empty() && (first_ || !note.empty()) ? "Run:" : step.text, shown);
      step_lines(print_, step.command);
    } else {
      text(step.text, {});
    }
  }

 private:
  /// The note follows the last word, or stands on a line of its own where there is no room for it.
  void text(const std::string& markdown, const std::string& note) {
    auto wrapped = print_.prose_of(markdown, body_indent);
    if (wrapped.empty()) return;
    const auto last = wrapped.substr(wrapped.rfind('\n') + 1);
    const bool fits = columns_of(last) + 1 + columns_of(note) <= print_.width();
    if (!note.empty()) wrapped += (fits ? " " : "\n" + std::string{body_indent}) + note;
    print_.line(first_ ? print_.label_of("Fix") + wrapped.substr(body_indent.size()) : wrapped);
    first_ = false;
  }

  const Printer& print_;
  bool first_ = true;
};

void follows(const Printer& print, const Report& report, const Problem& root) {
  const auto all = consequences(report, root);
  if (all.empty()) return;
  print.line();
  print.line(print.toned("  Follows from it:", Tone::strong));
  for (const auto* problem : all) {
    const auto text = problem->title + " (" + problem->subject + ")";
    print.line(wrap(print.ascii(text), print.width(), "    - ", "      "));
  }
}

/// "doctor check --only env" as it must be typed to examine the same.
std::string typed_again(std::string line, const std::string& again) {
  constexpr std::string_view command = "doctor check";
  return line.starts_with(command) ? line.insert(command.size(), again) : line;
}

/// A command, perhaps with comment lines before it; never wrapped.
void verify_lines(const Printer& print, const std::string& verify) {
  bool first = true;
  for (const auto& part : util::split(verify, '\n')) {
    const auto line = util::shown(typed_again(part, print.style().again), 2000);
    print.line((first ? print.label_of("Verify") : std::string{body_indent}) + print.ascii(line));
    first = false;
  }
}

void explanation(const Printer& print, const Report& report, const Problem& problem) {
  print.labelled("Symptom", problem.symptom);
  print.labelled("Cause", problem.cause);
  evidence_lines(print, problem.evidence);
  also_lines(print, report, problem);
  FixPrinter fix{print};
  for (const auto& step : problem.fix) fix.step(step);
  verify_lines(print, problem.verify);
}

}  // namespace

void print_problem(const Printer& print, const Report& report, const Problem& problem) {
  if (print.style().quiet) {
    const auto subject = has_namesake(report, problem) ? " (" + problem.subject + ")" : std::string{};
    return headline(print, problem, subject);
  }
  if (is_listed_above(report, problem)) return;
  headline(print, problem, {});
  print_explanation(print, report, problem);
  print.line();
}

void print_explanation(const Printer& print, const Report& report, const Problem& problem) {
  if (const auto* above = same_above(report, problem)) {
    evidence_lines(print, problem.evidence);
    print.labelled("Fix", "as for " + above->subject + " above");
  } else {
    explanation(print, report, problem);
  }
  if (is_explained(problem))
    print.line(print.label_of("More") + "doctor explain " + print.ascii(util::shown(problem.entry)));
  print.labelled("Ignored?", not_ignored_note(problem));
  follows(print, report, problem);
}

}  // namespace doctor::render
