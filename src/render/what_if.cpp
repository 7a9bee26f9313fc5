#include "render/what_if.hpp"

#include "render/wrap.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::WhatIf;

/// "chatalot/DB_PORT" of its subject.
std::string setting_name(const std::string& subject) {
  constexpr std::string_view prefix = "setting:";
  return subject.starts_with(prefix) ? subject.substr(prefix.size()) : subject;
}

std::string change_text(const WhatIf::Change& change) {
  auto text = setting_name(change.setting);
  if (!change.is_known)
    text += " is built from it: its new value is not known";
  else
    text += " = " + (change.value.empty() ? std::string{"(empty)"} : util::shown(change.value));
  if (!change.by_flag && change.is_known) text += ", built from it";
  return change.note.empty() ? text : text + "; " + change.note;
}

void changes(const Printer& print, const WhatIf& what_if) {
  print.line(print.toned("If these settings were", Tone::strong));
  for (const auto& change : what_if.changes)
    print.line(wrap(print.ascii(change_text(change)), print.width(), "  ", "      "));
  print.line();
}

void line(const Printer& print, const std::string& mark, Tone tone, const std::string& text) {
  const auto lines = wrap(print.ascii(text), print.width(), "    ", "    ");
  print.line("  " + print.toned(mark, tone) + lines.substr(3));
}

void lines_of(const Printer& print, const std::vector<WhatIf::Item>& items) {
  for (const auto& item : items) {
    const auto reason = item.reason.empty() ? std::string{} : ": " + item.reason;
    line(print, mark_of(item.severity, print.style().utf8), tone_of(item.severity),
         item.title + " (" + item.subject + ")" + reason);
  }
}

void items(const Printer& print, std::string_view title, const std::vector<WhatIf::Item>& items) {
  if (items.empty()) return;
  print.line(print.toned(title, Tone::strong));
  lines_of(print, items);
  print.line();
}

void unknown(const Printer& print, const WhatIf& what_if) {
  if (what_if.unknown.empty() && what_if.unexamined.empty()) return;
  print.line(print.toned("This cannot be judged without trying", Tone::strong));
  lines_of(print, what_if.unknown);
  for (const auto& item : what_if.unexamined)
    line(print, "?", Tone::plain, item.subject + " (" + item.check + "): " + item.reason);
  print.line();
}

}  // namespace

void print_what_if(const Printer& print, const WhatIf& what_if) {
  changes(print, what_if);
  items(print, "This would resolve", what_if.resolved);
  items(print, "This followed from it, and can be expected to go", what_if.expected);
  items(print, "This would be new", what_if.fresh);
  items(print, "This would remain", what_if.remaining);
  unknown(print, what_if);
}

}  // namespace doctor::render
