#include <array>
#include <cstdio>
#include <ctime>
#include <ostream>

#include "render/reading.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

using diagnosis::Report;
using Labels = std::vector<std::pair<std::string_view, std::string>>;

/// Prometheus' text format: \, " and line breaks are escaped in the value of a label.
std::string label_value(const std::string& text) {
  std::string out;
  for (const char c : util::shown(text, 400)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

class Exposition {
 public:
  explicit Exposition(std::ostream& out) : out_{out} {}

  /// Begins a metric; each is a gauge.
  Exposition& metric(std::string_view name, std::string_view help) {
    name_ = name;
    out_ << "# HELP " << name << ' ' << help << "\n# TYPE " << name << " gauge\n";
    return *this;
  }

  Exposition& sample(const std::string& value, const Labels& labels = {}) {
    std::string text;
    for (const auto& [label, content] : labels)
      text += (text.empty() ? "" : ",") + std::string{label} + "=\"" + label_value(content) + "\"";
    out_ << name_ << (text.empty() ? "" : "{" + text + "}") << ' ' << value << '\n';
    return *this;
  }

  Exposition& sample(std::int64_t value, const Labels& labels = {}) { return sample(std::to_string(value), labels); }

 private:
  std::ostream& out_;
  std::string_view name_;
};

std::string seconds(std::int64_t milliseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(milliseconds) / 1000.0);
  return text.data();
}

/// Of RFC 3339 in UTC; 0 for something else.
std::int64_t since_1970(const std::string& time) {
  std::tm parts{};
  const auto* end = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  return end == nullptr ? 0 : static_cast<std::int64_t>(timegm(&parts));
}

int status_number(const std::string& status) {
  return status == "passed" ? 0 : status == "failed" ? 1 : status == "unexamined" ? 2 : 3;
}

void run(Exposition& metrics, const Report& report, const Style& style) {
  metrics.metric("doctor_run_info", "What was examined, and by which doctor.")
      .sample(1, {{"version", report.version}, {"system", report.system}, {"directory", report.directory}});
  metrics.metric("doctor_run_timestamp_seconds", "When the run began.").sample(since_1970(report.started));
  metrics.metric("doctor_run_duration_seconds", "How long the run took.").sample(seconds(report.took_ms));
  metrics.metric("doctor_run_complete", "Whether every check came to its end.").sample(report.complete ? 1 : 0);
  metrics.metric("doctor_exit_code", "The exit code of doctor check.")
      .sample(diagnosis::exit_code(report, style.fail_on, style.allow_incomplete));
}

void waiting(Exposition& metrics, const diagnosis::Waiting& waited) {
  metrics.metric("doctor_wait_duration_seconds", "How long doctor waited.").sample(seconds(waited.waited_ms));
  metrics.metric("doctor_wait_runs", "How often it examined the deployment.").sample(waited.attempts);
  metrics.metric("doctor_wait_reached", "Whether nothing was left to wait for.").sample(waited.reached ? 1 : 0);
}

void checks(Exposition& metrics, const Report& report) {
  metrics.metric("doctor_check_status", "0 passed, 1 failed, 2 not examined, 3 skipped.");
  for (const auto& check : report.checks) metrics.sample(status_number(check.status), {{"check", check.id}});
  metrics.metric("doctor_check_duration_seconds", "How long the check took.");
  for (const auto& check : report.checks) metrics.sample(seconds(check.took_ms), {{"check", check.id}});
}

void findings(Exposition& metrics, const Report& report) {
  const auto counts = diagnosis::count(report);
  metrics.metric("doctor_findings", "Root causes that count, by severity.")
      .sample(counts.error, {{"severity", "error"}})
      .sample(counts.warning, {{"severity", "warning"}})
      .sample(counts.info, {{"severity", "info"}});
  metrics.metric("doctor_consequences", "Findings that follow from others.").sample(counts.consequences);
  metrics.metric("doctor_unexamined", "What could not be examined.").sample(counts.unexamined);
  const auto all = roots(report);
  if (all.empty()) return;
  metrics.metric("doctor_finding_info", "A root cause that counts.");
  for (const auto* root : all)
    metrics.sample(1, {{"entry", root->entry},
                       {"code", root->code},
                       {"severity", root->severity},
                       {"check", root->check},
                       {"subject", root->subject}});
}

}  // namespace

void prometheus(const Report& report, const Style& style, std::ostream& out) {
  Exposition metrics{out};
  run(metrics, report, style);
  if (report.waiting) waiting(metrics, *report.waiting);
  checks(metrics, report);
  findings(metrics, report);
}

}  // namespace doctor::render
