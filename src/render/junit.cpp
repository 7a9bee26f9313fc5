#include <array>
#include <cstdio>
#include <ostream>

#include "render/check_outcome.hpp"
#include "render/html_text.hpp"
#include "render/reading.hpp"
#include "render/waiting.hpp"
#include "util/text.hpp"

// Of XML's rules for text only those count that html_text and html_lines keep as well.
namespace doctor::render {
namespace {

using diagnosis::Report;
using Kind = CheckOutcome::Kind;

std::string seconds(std::int64_t milliseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%lld.%03lld", static_cast<long long>(milliseconds / 1000),
                static_cast<long long>(milliseconds % 1000));
  return text.data();
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string{name} + "=\"" + html_text(value) + "\"";
}

std::string property(std::string_view name, std::string_view value) {
  return "      <property" + attribute("name", name) + attribute("value", value) + "/>\n";
}

std::string texts(const Report& report, const CheckOutcome& outcome) {
  std::string text;
  for (const auto* root : outcome.roots) text += (text.empty() ? "" : "\n\n") + explained(report, *root);
  return html_lines(text);
}

std::string element(std::string_view name, std::string_view type, const std::string& message, const std::string& text) {
  const auto open = "      <" + std::string{name} + attribute("type", type) + attribute("message", message);
  return text.empty() ? open + "/>\n" : open + ">" + text + "</" + std::string{name} + ">\n";
}

std::string test_case(const Report& report, const CheckOutcome& outcome) {
  const auto system = report.system.empty() ? std::string{"doctor"} : "doctor." + report.system;
  std::string inside;
  if (outcome.kind == Kind::failed) {
    const auto type = outcome.roots.empty() ? "consequence" : outcome.roots.front()->entry;
    inside = element("failure", type, outcome.message, texts(report, outcome));
  } else {
    if (outcome.kind == Kind::unexamined) inside = element("error", "unexamined", outcome.message, {});
    if (outcome.kind == Kind::skipped) inside = element("skipped", "skipped", outcome.message, {});
    const auto found = texts(report, outcome);  // below the threshold
    if (!found.empty()) inside += "      <system-out>" + found + "</system-out>\n";
  }
  const auto open = "    <testcase" + attribute("classname", system) + attribute("name", outcome.check.id) +
                    attribute("time", seconds(outcome.check.took_ms));
  return inside.empty() ? open + "/>\n" : open + ">\n" + inside + "    </testcase>\n";
}

}  // namespace

void junit(const Report& report, const Style& style, std::ostream& out) {
  const auto outcomes = check_outcomes(report, style);
  const auto counts = attribute("tests", std::to_string(outcomes.size())) +
                      attribute("failures", std::to_string(count(outcomes, Kind::failed))) +
                      attribute("errors", std::to_string(count(outcomes, Kind::unexamined)));
  const auto time = attribute("time", seconds(report.took_ms));
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" << attribute("name", "doctor") << counts << time
      << ">\n  <testsuite" << attribute("name", report.system.empty() ? "deployment" : report.system) << counts
      << attribute("skipped", std::to_string(count(outcomes, Kind::skipped))) << time
      << attribute("timestamp", report.started) << ">\n    <properties>\n"
      << property("doctor", report.version) << property("directory", report.directory)
      << property("findings", findings_line(report)) << "    </properties>\n";
  for (const auto& outcome : outcomes) out << test_case(report, outcome);
  if (const auto waited = waiting_lines(report); !waited.empty())
    out << "    <system-out>" << html_lines("waited " + util::join(waited, "\n")) << "</system-out>\n";
  out << "  </testsuite>\n</testsuites>\n";
}

}  // namespace doctor::render
