#include "plugins/protocol.hpp"
#include "property.hpp"

using doctor::fuzz::is_printable;
using doctor::fuzz::require;

namespace {

constexpr std::size_t longest = 4000;  // of 400 characters, each escaped

void hold(const doctor::plugins::Verdict& verdict) {
  require(verdict.findings.size() <= 100 && verdict.healthy.size() <= 100 && verdict.unexamined.size() <= 100,
          "lists are bounded");
  for (const auto& told : verdict.findings) {
    require(told.finding.code.starts_with("plugin-p-"), "a code is the plugin's own");
    require(is_printable(told.entry.title) && told.entry.title.size() < longest, "a title is one safe line");
    require(is_printable(told.finding.subject), "a subject is safe");
    const auto& severity = told.entry.severity;
    require(severity == "error" || severity == "warning" || severity == "info", "a severity is known");
    for (const auto& item : told.finding.evidence)
      require(is_printable(item.name) && is_printable(item.value) && is_printable(item.source), "evidence is safe");
    for (const auto& step : told.entry.fix) require(!step.text.empty(), "a step says something");
  }
  for (const auto& item : verdict.healthy) require(is_printable(item.figure), "a figure is safe");
  for (const auto& item : verdict.unexamined) require(is_printable(item.reason), "a reason is safe");
}

}  // namespace

/// What plugins print: anybody's programs.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto description = doctor::plugins::read_description(text);
  if (description) require(is_printable(description->id) && !description->title.empty(), "a description is whole");
  if (!description)
    require(is_printable(description.error()) && description.error().size() < 300, "a reason is a phrase");
  const doctor::plugins::Description own{"p", "title", "healthy", {}};
  const auto verdict = doctor::plugins::read_verdict(text, own);
  if (verdict) hold(*verdict);
  if (!verdict) require(is_printable(verdict.error()) && verdict.error().size() < 300, "a reason is a phrase");
  for (const int code : {0, 1, 2, 3}) hold(doctor::plugins::nagios_verdict("p", code, text));
  return 0;
}
