#include <ostream>

#include <nlohmann/json.hpp>

#include "render/check_outcome.hpp"
#include "render/reading.hpp"
#include "render/waiting.hpp"
#include "util/text.hpp"
#include "util/unicode.hpp"

namespace doctor::render {
namespace {

using diagnosis::Problem;
using diagnosis::Report;
using Kind = CheckOutcome::Kind;

/// Within a description and a directive `#` and `\` would mean something.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : util::shown(text, std::string_view::npos)) {
    if (c == '#' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

/// A JSON string is a double-quoted scalar of YAML.
std::string quoted(const std::string& text) {
  using Json = nlohmann::json;
  return util::json_shown(Json{text}.front().dump(-1, ' ', false, Json::error_handler_t::replace));
}

/// Lines of the YAML diagnostic of one root.
std::string diagnostic(const Report& report, const Problem& root) {
  std::string out = "    - entry: " + quoted(root.entry) + "\n      severity: " + quoted(root.severity) +
                    "\n      subject: " + quoted(root.subject) + "\n      title: " + quoted(root.title) + "\n";
  out += "      explanation: |\n";  // an empty line would end it for readers of YAML's smallest part
  for (const auto& line : util::split(explained(report, root), '\n'))
    if (!util::trim(line).empty()) out += "        " + line + "\n";
  return out;
}

std::string point(const Report& report, const CheckOutcome& outcome, std::size_t number) {
  const bool ok = outcome.kind == Kind::passed || outcome.kind == Kind::skipped;
  std::string out = (ok ? "ok " : "not ok ") + std::to_string(number) + " - " + plain(outcome.check.id);
  if (outcome.kind == Kind::skipped) out += " # SKIP " + plain(outcome.message);
  out += "\n  ---\n  duration_ms: " + std::to_string(outcome.check.took_ms) + "\n";
  if (!ok) out += "  message: " + quoted(outcome.message) + "\n";
  if (!outcome.roots.empty()) out += "  findings:\n";
  for (const auto* root : outcome.roots) out += diagnostic(report, *root);
  return out + "  ...\n";
}

}  // namespace

void tap(const Report& report, const Style& style, std::ostream& out) {
  const auto outcomes = check_outcomes(report, style);
  out << "TAP version 14\n1.." << outcomes.size() << '\n';
  std::size_t number = 0;
  for (const auto& outcome : outcomes) out << point(report, outcome, ++number);
  std::string waited = "waited ";  // the first line says how long
  for (const auto& line : waiting_lines(report)) {
    out << "# " << plain(waited + line) << '\n';
    waited.clear();
  }
  out << "# " << plain(findings_line(report) + "; " + checks_line(report)) << '\n';
}

}  // namespace doctor::render
