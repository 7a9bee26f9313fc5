#include "render/diff.hpp"

#include <algorithm>
#include <ostream>

#include "render/printer.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

using bundle::Diff;
using bundle::FactChange;
using bundle::FindingChange;
using bundle::Side;

constexpr std::size_t most_value = 120;
constexpr std::size_t most_other_facts = 40;  ///< without -v

std::string side_text(const Side& side) {
  std::string text = side.kind + " " + side.name;
  if (!side.label.empty()) text += " (" + side.label + ")";
  text += ", " + (side.time.empty() ? std::string{"of an unknown time"} : side.time);
  return text + ", made by doctor " + (side.version.empty() ? "of an unknown version" : side.version);
}

class DiffPrinter {
 public:
  DiffPrinter(const Printer& print, const Side& before, const Side& after, const Diff& diff)
      : print_{print}, before_{before}, after_{after}, diff_{diff} {}

  void all() const {
    if (!print_.style().quiet) header();
    findings("New", diff_.failing);
    findings("Worse", diff_.worse);
    if (!print_.style().quiet) {
      changed_facts();
      findings("Resolved", diff_.resolved);
      findings("Better", diff_.better);
      findings("Gone, but nobody looked", diff_.unknown);
      findings("Unchanged", diff_.unchanged);
      unexamined();
    }
    print_.line(last_line());
  }

 private:
  void header() const {
    print_.listed("Before", {side_text(before_)});
    print_.listed("After", {side_text(after_)});
    for (const auto& note : notes()) print_.listed("Note", {note});
    print_.line();
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes;
    if (!before_.time.empty() && !after_.time.empty() && after_.time < before_.time)
      notes.push_back(after_.name + " is older than " + before_.name + ": compared in the order that was given.");
    if (before_.version != after_.version)
      notes.emplace_back("They were made by different versions of doctor: a difference may be doctor's own.");
    if (before_.report.system != after_.report.system) notes.emplace_back("They are not about the same application.");
    if (before_.kind != after_.kind)
      notes.emplace_back("A report holds few facts: for what changed, compare two bundles.");
    return notes;
  }

  Tone tone(const FindingChange& change) const { return tone_of(change.problem.severity); }

  /// "x title (subject)", what changed of it below.
  void finding(const FindingChange& change) const {
    const auto& problem = change.problem;
    const auto mark = mark_of(problem.severity, print_.style().utf8);
    std::string text = problem.title + " (" + problem.subject + ")";
    if (!problem.root) text += ", which follows from another";
    if (!change.before.empty() && change.before != problem.severity)
      text += ": " + change.before + " before, " + problem.severity + " now";
    const auto lines = wrap(print_.ascii(text), print_.width(), "    ", "    ");
    print_.line("  " + print_.toned(mark, tone(change)) + lines.substr(3));
    if (!change.reason.empty()) detail(reason_text(change));
    for (const auto& evidence : change.evidence)
      detail(evidence.name + ": " + value(evidence.before) + " before, " + value(evidence.after) + " now");
  }

  static std::string reason_text(const FindingChange& change) {
    if (change.before.empty()) return "it may have been there before: " + change.reason;
    return "it may still be there: " + change.reason;
  }

  void detail(const std::string& text) const {
    print_.line(wrap(print_.ascii(util::shown(text, 400)), print_.width(), "      ", "      "));
  }

  void findings(const std::string& title, const std::vector<FindingChange>& changes) const {
    if (changes.empty()) return;
    print_.line(print_.toned(title, Tone::strong));
    for (const auto& change : changes) finding(change);
    print_.line();
  }

  static std::string value(const std::string& text) { return text.empty() ? "nothing" : util::shown(text, most_value); }

  void fact(const FactChange& change) const {
    const auto arrow = print_.style().utf8 ? " \u2192 " : " -> ";
    const auto text =
        util::shown(change.subject + ": " + change.name) + " " + value(change.before) + arrow + value(change.after);
    print_.line(wrap(print_.ascii(text), print_.width(), "  - ", "    "));
  }

  void changed_facts() const {
    const auto is_concerned = [](const FactChange& change) { return !change.concerns.empty(); };
    const auto others = std::find_if_not(diff_.facts.begin(), diff_.facts.end(), is_concerned);
    if (others != diff_.facts.begin()) {
      print_.line(print_.toned("What changed in what the new findings depend on", Tone::strong));
      std::for_each(diff_.facts.begin(), others, [&](const FactChange& change) { fact(change); });
      print_.line();
    }
    if (others == diff_.facts.end()) return;
    print_.line(print_.toned(others == diff_.facts.begin() ? "What changed" : "What else changed", Tone::strong));
    const auto count = static_cast<std::size_t>(diff_.facts.end() - others);
    const auto shown = print_.style().verbose ? count : std::min(count, most_other_facts);
    std::for_each(others, others + static_cast<std::ptrdiff_t>(shown), [&](const FactChange& change) { fact(change); });
    if (shown < count) print_.line("  and " + std::to_string(count - shown) + " more: see -v");
    print_.line();
  }

  void unexamined() const {
    std::vector<std::string> lines;
    for (const auto& item : diff_.unexamined) lines.push_back(item.subject + " (" + item.check + "): " + item.reason);
    print_.listed("Not seen now", lines);
    if (!lines.empty()) print_.line();
  }

  std::string last_line() const {
    const auto count = [](const auto& list) { return std::to_string(list.size()); };
    std::string text =
        count(diff_.failing) + " new, " + count(diff_.resolved) + " resolved, " + count(diff_.unchanged) + " unchanged";
    if (!diff_.worse.empty()) text += ", " + count(diff_.worse) + " worse";
    if (!diff_.better.empty()) text += ", " + count(diff_.better) + " better";
    if (!diff_.unknown.empty()) text += ", " + count(diff_.unknown) + " not looked at";
    return text + "; " + count(diff_.facts) + (diff_.facts.size() == 1 ? " fact" : " facts") + " changed";
  }

  const Printer& print_;
  const Side& before_;
  const Side& after_;
  const Diff& diff_;
};

}  // namespace

void diff(const Side& before, const Side& after, const Diff& difference, const Style& style, std::ostream& out) {
  const Printer print{style, out};
  DiffPrinter{print, before, after, difference}.all();
}

}  // namespace doctor::render
