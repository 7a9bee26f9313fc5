#include "bundle/diff.hpp"
#include "bundle/facts.hpp"
#include "bundle/report_json.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor;

void check_report(std::string_view text) {
  const auto report = bundle::report_from_json(text);
  if (!report) {
    require(!report.error().empty() && fuzz::is_printable(report.error()), "a refusal has a reason that can be shown");
    return;
  }
  for (const auto& problem : report->problems)
    require(fuzz::is_printable(problem.title) && fuzz::is_printable(problem.subject), "what is read can be shown");
  bundle::Side side;
  side.report = *report;
  const auto same = bundle::diff(side, side, {true});
  require(same.failing.empty() && same.worse.empty() && same.facts.empty(), "a report is no different from itself");
  require(bundle::exit_code(same, "info") == 0, "nothing is new in it");
}

void check_tape(std::string_view text) {
  const auto tape = probes::Tape::from_json(text);
  if (!tape) return;
  const auto facts = bundle::facts({}, *tape);
  for (std::size_t i = 1; i < facts.size(); ++i)
    require(facts[i - 1].subject < facts[i].subject || facts[i - 1].name < facts[i].name, "each fact is there once");
}

}  // namespace

/// Reports that are compared, and the facts of recorded answers.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_report(text);
  check_tape(text);
  return 0;
}
