#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>

#include "render/prose.hpp"
#include "render/render.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::FixStep;
using diagnosis::Problem;
using diagnosis::Report;

constexpr std::string_view label_indent = "  ";
constexpr std::string_view body_indent = "            ";  // ten columns for a label, two before it
constexpr std::string_view command_indent = "              ";

enum class Tone { plain, strong, faint, red, yellow, green, blue };

class Printer {
 public:
  Printer(const Style& style, std::ostream& out) : style_{style}, out_{out} {}

  std::string toned(std::string_view text, Tone tone) const {
    if (!style_.colour || tone == Tone::plain) return std::string{text};
    constexpr std::array<std::string_view, 7> codes{"0", "1", "2", "31;1", "33;1", "32", "34"};
    return "\x1b[" + std::string{codes.at(static_cast<std::size_t>(tone))} + "m" + std::string{text} + "\x1b[0m";
  }

  void line(std::string_view text = {}) const { out_ << text << '\n'; }

  std::size_t width() const { return static_cast<std::size_t>(style_.width); }

  /// "  Label     text", wrapped under itself.
  void labelled(std::string_view label, std::string_view markdown) const {
    const auto text = prose(ascii(markdown), width(), body_indent, body_indent);
    if (text.empty()) return;
    out_ << label_of(label) << text.substr(body_indent.size()) << '\n';
  }

  std::string label_of(std::string_view label) const {
    std::string padded{label_indent};
    padded += label;
    padded.resize(std::max(padded.size() + 1, body_indent.size()), ' ');
    return toned(padded, Tone::strong);
  }

  /// Without UTF-8 every other character becomes its closest ASCII, or "?".
  std::string ascii(std::string_view text) const {
    if (style_.utf8) return std::string{text};
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte < 0x80)
        out += text[i];
      else if ((byte & 0xC0U) == 0xC0U)
        out += text.substr(i, 3) == "\u2192" ? "->" : text.substr(i, 3) == "\u2026" ? "..." : "?";
    }
    return out;
  }

  const Style& style() const { return style_; }
  std::ostream& out() const { return out_; }

 private:
  const Style& style_;
  std::ostream& out_;
};

Tone tone_of(const std::string& severity) {
  return severity == "error" ? Tone::red : severity == "warning" ? Tone::yellow : Tone::blue;
}

std::string mark_of(const std::string& severity, bool utf8) {
  if (severity == "error") return utf8 ? "\u2717" : "x";
  return severity == "warning" ? "!" : "i";
}

/// The title on the left, the severity on the right.
void headline(const Printer& print, const Problem& problem) {
  const auto mark = mark_of(problem.severity, print.style().utf8);
  const auto room = print.width() > problem.severity.size() + 2 ? print.width() - problem.severity.size() - 2 : 40;
  const auto title = wrap(print.ascii(problem.title), room, mark + " ", "  ");
  const auto lines = util::split(title, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) {
      print.line(print.toned(lines[i], Tone::strong));
      continue;
    }
    const auto used = display_width(lines[i]) + problem.severity.size();
    const std::string gap(print.width() > used ? print.width() - used : 1, ' ');
    print.line(print.toned(lines[i], Tone::strong) + gap + print.toned(problem.severity, tone_of(problem.severity)));
  }
}

std::string origin(const Evidence& evidence) {
  std::string from = evidence.source;
  if (!evidence.vantage.empty() && evidence.vantage != "host")
    from += (from.empty() ? "seen from " : ", seen from ") + evidence.vantage;
  return from;
}

/// Evidence of one origin on one line: "user chatalot, sqlstate 28P01 (127.0.0.1:5432)".
void evidence_lines(const Printer& print, const std::vector<Evidence>& evidence) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < evidence.size();) {
    const auto from = origin(evidence[i]);
    std::string line;
    for (; i < evidence.size() && origin(evidence[i]) == from; ++i) {
      if (evidence[i].value.empty()) continue;
      line += (line.empty() ? "" : ", ") + evidence[i].name + " " + evidence[i].value;
    }
    if (!line.empty()) lines.push_back(line + (from.empty() ? "" : " (" + from + ")"));
  }
  bool first = true;
  for (const auto& line : lines) {
    const auto text =
        wrap(print.ascii(util::shown(line, 600)), print.width(), body_indent, std::string{body_indent} + "  ");
    print.line(first ? print.label_of("Evidence") + text.substr(body_indent.size()) : text);
    first = false;
  }
}

std::string place_note(const FixStep& step) {
  std::vector<std::string> notes;
  if (step.where == "container") notes.emplace_back("inside the container");
  if (step.where == "postgres") notes.emplace_back("in psql");
  if (step.where == "client") notes.emplace_back("on the client");
  if (!step.risk.empty() && step.risk != "safe") notes.push_back(step.risk);
  return util::join(notes, ", ");
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
    if (!step.text.empty()) text(step.text);
    if (!step.effective) return text(step.instead);
    const auto note = place_note(step);
    if (step.kind == "edit") {
      text("In " + step.file + (note.empty() ? ":" : " (" + note + "):"));
      step_lines(print_, step.content);
    } else if (step.kind == "command") {
      if (!note.empty()) text("(" + note + ")");
      if (first_) text("Run:");
      step_lines(print_, step.command);
    }
  }

 private:
  void text(const std::string& markdown) {
    const auto wrapped = prose(print_.ascii(markdown), print_.width(), body_indent, body_indent);
    if (wrapped.empty()) return;
    print_.line(first_ ? print_.label_of("Fix") + wrapped.substr(body_indent.size()) : wrapped);
    first_ = false;
  }

  const Printer& print_;
  bool first_ = true;
};

void consequences(const Printer& print, const Report& report, const Problem& root) {
  std::vector<std::string> titles;
  for (const auto& other : report.problems) {
    const auto& causes = other.caused_by;
    if (std::find(causes.begin(), causes.end(), root.fingerprint) == causes.end()) continue;
    titles.push_back(other.title + " (" + other.subject + ")");
  }
  if (titles.empty()) return;
  print.line();
  print.line(print.toned("  Follows from it:", Tone::strong));
  for (const auto& title : titles) print.line(wrap(print.ascii(title), print.width(), "    - ", "      "));
}

/// A command, perhaps with comment lines before it; never wrapped.
void verify_lines(const Printer& print, const std::string& verify) {
  bool first = true;
  for (const auto& line : util::split(verify, '\n')) {
    print.line((first ? print.label_of("Verify") : std::string{body_indent}) + print.ascii(util::shown(line, 2000)));
    first = false;
  }
}

void explanation(const Printer& print, const Problem& problem) {
  print.labelled("Symptom", problem.symptom);
  print.labelled("Cause", problem.cause);
  evidence_lines(print, problem.evidence);
  FixPrinter fix{print};
  for (const auto& step : problem.fix) fix.step(step);
  verify_lines(print, problem.verify);
}

/// The root before this one in the report that says the same in every word but its evidence.
const Problem* same_above(const Report& report, const Problem& problem) {
  for (const auto& other : report.problems) {
    if (&other == &problem) return nullptr;
    if (other.root && !other.ignored && other.entry == problem.entry && other.cause == problem.cause) return &other;
  }
  return nullptr;
}

void root(const Printer& print, const Report& report, const Problem& problem) {
  headline(print, problem);
  if (print.style().quiet) return;
  if (const auto* above = same_above(report, problem)) {
    evidence_lines(print, problem.evidence);
    print.labelled("Fix", "as for " + above->subject + " above");
  } else {
    explanation(print, problem);
  }
  print.labelled("More", "`doctor explain " + problem.entry + "`");
  consequences(print, report, problem);
  print.line();
}

void header(const Printer& print, const Report& report) {
  const auto name = report.system.empty() ? std::string{"unknown application"} : report.system;
  std::string text = name + " in " + report.directory;
  if (!report.sources.empty()) text += ": " + util::join(report.sources, ", ");
  print.line(wrap(print.ascii(text), print.width(), "", "  "));
  if (report.system.empty() && !report.system_note.empty())
    print.line(wrap(print.ascii(report.system_note), print.width(), "  ", "  "));
  print.line();
}

/// "Label        one; two; three", each kept together where the width allows.
void listed(const Printer& print, std::string_view label, const std::vector<std::string>& items) {
  if (items.empty()) return;
  std::string padded{label};
  padded.resize(14, ' ');
  const std::string indent(14, ' ');
  bool first = true;
  for (const auto& item : items) {
    const auto text = wrap(print.ascii(item), print.width(), indent, indent + "  ");
    print.line(first ? print.toned(padded, Tone::strong) + text.substr(indent.size()) : text);
    first = false;
  }
}

template <class Item>
std::vector<std::string> reasons(const std::vector<Item>& items) {
  std::vector<std::string> texts;
  for (const auto& item : items) texts.push_back(item.subject + ": " + item.reason);
  return texts;
}

std::string number_of(int count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string{count == 1 ? one : many};
}

std::string last_line(const Report& report) {
  const auto counts = diagnosis::count(report);
  std::string text = number_of(counts.error, "error", "errors");
  if (counts.consequences > 0)
    text += " and " + std::to_string(counts.consequences) + " that follow" + (counts.consequences == 1 ? "s" : "");
  text += ", " + number_of(counts.warning, "warning", "warnings");
  if (counts.info > 0) text += ", " + number_of(counts.info, "note", "notes");
  text += "; checks: " + std::to_string(counts.passed) + " passed";
  if (counts.skipped > 0) text += ", " + std::to_string(counts.skipped) + " skipped";
  if (counts.unexamined > 0) text += "; " + std::to_string(counts.unexamined) + " not examined";
  std::array<char, 32> took{};
  std::snprintf(took.data(), took.size(), " in %.1f s", static_cast<double>(report.took_ms) / 1000.0);
  return text + took.data();
}

void verbose_checks(const Printer& print, const Report& report) {
  std::vector<std::string> lines;
  for (const auto& check : report.checks) {
    auto line = check.id + ": " + check.status + " in " + std::to_string(check.took_ms) + " ms. " + check.healthy;
    if (!check.reason.empty()) line += " (" + check.reason + ")";
    lines.push_back(std::move(line));
  }
  listed(print, "Checks", lines);
  listed(print, "Skipped", reasons(report.skipped));
}

void verdict(const Printer& print, const Report& report) {
  if (!report.problems.empty()) return;
  const auto* text = report.unexamined.empty() ? "No fault found." : "No fault found in what could be examined.";
  print.line(print.toned(text, report.unexamined.empty() ? Tone::green : Tone::plain));
  print.line();
}

}  // namespace

void human(const Report& report, const Style& style, std::ostream& out) {
  const Printer print{style, out};
  if (!style.quiet) header(print, report);
  for (const auto& problem : report.problems)
    if (problem.root && !problem.ignored) root(print, report, problem);
  if (!style.quiet) {
    verdict(print, report);
    std::vector<std::string> ruled_out;
    for (const auto& item : report.ruled_out) ruled_out.push_back(item.subject + ": " + item.evidence);
    listed(print, "Ruled out", ruled_out);
    listed(print, "Not looked at", reasons(report.unexamined));
    if (style.verbose) verbose_checks(print, report);
    if (!ruled_out.empty() || !report.unexamined.empty() || style.verbose) print.line();
  }
  if (!report.complete) print.line("The run was not complete: what was not looked at is named above.");
  print.line(last_line(report));
}

}  // namespace doctor::render
