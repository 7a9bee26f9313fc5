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

WhatIfPart changes(const WhatIf& what_if) {
  WhatIfPart part{"If these settings were", {}};
  for (const auto& change : what_if.changes) part.lines.push_back({{}, change_text(change)});
  return part;
}

WhatIfPart findings(std::string title, const std::vector<WhatIf::Item>& items) {
  WhatIfPart part{std::move(title), {}};
  for (const auto& item : items)
    part.lines.push_back({item.severity, item.title + " (" + item.subject + ")" +
                                             (item.reason.empty() ? std::string{} : ": " + item.reason)});
  return part;
}

WhatIfPart unknown(const WhatIf& what_if) {
  auto part = findings("This cannot be judged without trying", what_if.unknown);
  for (const auto& item : what_if.unexamined)
    part.lines.push_back({{}, item.subject + " (" + item.check + "): " + item.reason});
  return part;
}

void line(const Printer& print, const std::string& mark, Tone tone, const std::string& text) {
  const auto lines = wrap(print.ascii(text), print.width(), "    ", "    ");
  if (!lines.empty()) print.line("  " + print.toned(mark, tone) + lines.substr(3));
}

}  // namespace

std::vector<WhatIfPart> what_if_parts(const WhatIf& what_if) {
  std::vector<WhatIfPart> parts;
  for (auto& part : {changes(what_if), findings("This would resolve", what_if.resolved),
                     findings("This followed from it, and can be expected to go", what_if.expected),
                     findings("This would be new", what_if.fresh), findings("This would remain", what_if.remaining),
                     unknown(what_if)})
    if (!part.lines.empty()) parts.push_back(part);
  return parts;
}

void print_what_if(const Printer& print, const WhatIf& what_if) {
  bool is_first = true;  // what is changed has no mark
  for (const auto& part : what_if_parts(what_if)) {
    print.line(print.toned(part.title, Tone::strong));
    for (const auto& [severity, text] : part.lines)
      if (is_first && !what_if.changes.empty())
        print.line(wrap(print.ascii(text), print.width(), "  ", "      "));
      else if (severity.empty())
        line(print, "?", Tone::plain, text);
      else
        line(print, mark_of(severity, print.style().utf8), tone_of(severity), text);
    print.line();
    is_first = false;
  }
}

}  // namespace doctor::render
