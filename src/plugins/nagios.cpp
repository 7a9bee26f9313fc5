#include "formats/nagios.hpp"
#include "plugins/protocol.hpp"

namespace doctor::plugins {
namespace {

// Exit codes of the Monitoring Plugins Development Guidelines.
constexpr int ok = 0;
constexpr int warning = 1;
constexpr int critical = 2;

std::string limits(const formats::PerformanceFigure& figure) {
  std::string text = figure.value + figure.unit;
  if (!figure.warning.empty()) text += ", warning at " + figure.warning;
  if (!figure.critical.empty()) text += ", critical at " + figure.critical;
  return text;
}

std::vector<Evidence> evidence_of(const std::string& id, const formats::NagiosOutput& output) {
  const auto source = "Nagios plugin " + id;
  std::vector<Evidence> evidence{{"output", output.text, source, {}}};
  if (!output.more.empty()) evidence.push_back({"more", output.more, source, {}});
  for (const auto& figure : output.figures) evidence.push_back({figure.label, limits(figure), source, {}});
  return evidence;
}

}  // namespace

Verdict nagios_verdict(const std::string& id, int exit_code, std::string_view printed) {
  const auto output = formats::read_nagios(printed);
  const auto subject = "plugin:" + id;
  Verdict verdict;
  if (exit_code == ok) {
    verdict.healthy.push_back({subject, output.text});
    return verdict;
  }
  if (exit_code != warning && exit_code != critical) {
    verdict.unexamined.push_back(
        {subject, output.text.empty() ? "exit code " + std::to_string(exit_code) : "unknown: " + output.text});
    return verdict;
  }
  guides::Entry entry;
  entry.code = "plugin-" + id + (exit_code == warning ? "-warning" : "-critical");
  entry.severity = exit_code == warning ? "warning" : "error";
  entry.title = id + (output.text.empty() ? ": exit code " + std::to_string(exit_code) : ": " + output.text);
  entry.verify = "doctor check --only plugin:" + id;
  Finding finding{Code{entry.code}, subject, evidence_of(id, output)};
  verdict.findings.push_back({std::move(finding), std::move(entry)});
  return verdict;
}

}  // namespace doctor::plugins
