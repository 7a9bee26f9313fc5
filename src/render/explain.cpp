#include "render/explain.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "guides/placeholder.hpp"
#include "render/printer.hpp"
#include "render/wrap.hpp"
#include "util/text.hpp"
#include "util/unicode.hpp"

namespace doctor::render {
namespace {

using guides::Entry;
using guides::Step;

constexpr std::string_view page_indent = "  ";
constexpr std::string_view step_indent = "    ";

/// Placeholders as <name>, doubled braces as single ones, nothing that a terminal would obey.
std::string named(std::string_view text) {
  std::string out;
  for (const auto& piece : guides::pieces(text)) out += piece.is_name ? "<" + piece.text + ">" : piece.text;
  return util::shown_lines(out);
}

class Page {
 public:
  Page(const Style& style, std::ostream& out) : print_{style, out} {}

  void headline(const Entry& entry) {
    const auto used = display_width(entry.code) + entry.severity.size();
    const std::string gap(print_.width() > used ? print_.width() - used : 1, ' ');
    print_.line(print_.toned(entry.code, Tone::strong) + gap + print_.toned(entry.severity, tone_of(entry.severity)));
    print_.line(wrap(print_.ascii(named(entry.title)), print_.width(), "", ""));
  }

  void heading(std::string_view title) {
    print_.line();
    print_.line(print_.toned(title, Tone::strong));
  }

  void body(std::string_view markdown) { print_.line(print_.prose_of(named(markdown), page_indent)); }

  void lines(std::string_view text, std::string_view indent) {
    for (const auto& line : util::split(print_.ascii(named(text)), '\n'))
      print_.line(line.empty() ? line : std::string{indent} + line);
  }

  void step(const Step& step, bool is_first) {
    if (!is_first) print_.line();
    if (step.kind == "text") return body(step.text);
    print_.line(std::string{page_indent} + label(step) + ":");
    lines(step.text, step_indent);
  }

 private:
  /// "On the host (safe)", "In <env_file> (safe)"
  std::string label(const Step& step) const {
    return place(step) + " (" + print_.toned(step.risk, tone_of_risk(step.risk)) + ")";
  }

  static std::string place(const Step& step) {
    if (step.kind == "edit") return "In " + named(step.file);
    if (step.where == "container") return "In the container";
    if (step.where == "postgres") return "In psql";
    return step.where == "client" ? "On the client" : "On the host";
  }

  Printer print_;
};

/// "env-required-missing when setting is A or B, service is C"
std::string condition(const guides::Explains& explains) {
  std::string out = explains.code;
  for (const auto& [key, values] : explains.where) {
    out += out.size() == explains.code.size() ? " when " : ", ";
    out += key + " is " + util::join(values, " or ");
  }
  return out;
}

std::string detection(const Entry& entry) {
  if (!entry.detection.empty()) return util::join(util::split(entry.detection, ','), ", ");
  return entry.reason == "from " + entry.origin ? std::string{} : entry.reason;
}

/// Code, severity, detection and title of the entries of one guide, in columns.
void print_table(const std::vector<Entry>& entries, std::ostream& out) {
  std::size_t code_width = 0;
  std::size_t detection_width = 1;
  for (const auto& entry : entries) {
    code_width = std::max(code_width, entry.code.size());
    detection_width = std::max(detection_width, entry.detection.size());
  }
  const auto padded = [](std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text + "  ";
  };
  const auto& origin = entries.front().origin;
  out << entries.front().guide << (origin.empty() ? "" : " (from " + util::shown_lines(origin) + ")") << '\n';
  for (const auto& entry : entries)
    out << "  " << padded(entry.code, code_width) << padded(entry.severity, 7)
        << padded(entry.detection.empty() ? "-" : entry.detection, detection_width) << named(entry.title) << '\n';
}

/// By guide, in the order in which the guides come first.
std::vector<std::vector<Entry>> by_guide(std::vector<Entry> entries) {
  std::vector<std::vector<Entry>> groups;
  for (auto& entry : entries) {
    const auto of_guide = [&](const std::vector<Entry>& group) {
      return group.front().guide == entry.guide && group.front().origin == entry.origin;
    };
    const auto group = std::find_if(groups.begin(), groups.end(), of_guide);
    auto& target = group != groups.end() ? *group : groups.emplace_back();
    target.push_back(std::move(entry));
  }
  return groups;
}

std::vector<Entry> all_entries(const guides::Library& library) {
  std::vector<Entry> entries;
  for (const auto& code : library.codes())
    if (auto entry = library.entry(code)) entries.push_back(*std::move(entry));
  return entries;
}

void print_json(const std::vector<Entry>& entries, std::ostream& out) {
  auto array = nlohmann::ordered_json::array();
  for (const auto& entry : entries)
    array.push_back({{"code", entry.code},
                     {"guide", entry.guide},
                     {"system", entry.system},
                     {"severity", entry.severity},
                     {"title", entry.title},
                     {"detection", entry.detection},
                     {"reason", entry.reason}});
  out << util::json_shown(array.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) << '\n';
}

}  // namespace

void explain(const Entry& entry, const Style& style, std::ostream& out) {
  Page print{style, out};
  print.headline(entry);
  print.heading("Symptom");
  print.body(entry.symptom);
  print.heading("Cause");
  print.body(entry.cause);
  print.heading("Fix");
  for (const auto& step : entry.fix) print.step(step, &step == &entry.fix.front());
  print.heading("Verify");
  print.lines(entry.verify, page_indent);
  if (!entry.explains.empty()) {
    print.heading("Explains");
    for (const auto& explains : entry.explains) print.body("- " + condition(explains));
  }
  if (!entry.origin.empty()) {
    print.heading("From");
    print.body(entry.origin);
  }
  if (const auto how = detection(entry); !how.empty()) {
    print.heading(entry.detection.empty() ? "Not detected" : "Detected by");
    print.body(how);
  }
}

void list_entries(const guides::Library& library, bool json, std::ostream& out) {
  auto entries = all_entries(library);
  if (json) return print_json(entries, out);
  bool is_first = true;
  for (const auto& group : by_guide(std::move(entries))) {
    if (!is_first) out << '\n';
    is_first = false;
    print_table(group, out);
  }
}

}  // namespace doctor::render
