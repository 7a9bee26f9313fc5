#include "render/check_outcome.hpp"

#include <algorithm>

#include "render/reading.hpp"

namespace doctor::render {
namespace {

using diagnosis::Problem;
using diagnosis::Report;
using Kind = CheckOutcome::Kind;

std::string titles(const std::vector<const Problem*>& problems) {
  if (problems.empty()) return {};
  auto text = problems.front()->title + " (" + problems.front()->subject + ")";
  if (problems.size() > 1) text += ", and " + std::to_string(problems.size() - 1) + " more";
  return text;
}

/// A root that fails the run and that something which this check found follows from.
const Problem* failing_cause(const Report& report, const std::string& check, const Style& style) {
  for (const auto* root : roots(report)) {
    if (!fails(*root, style)) continue;
    for (const auto* other : consequences(report, *root))
      if (other->check == check && !other->ignored) return root;
  }
  return nullptr;
}

/// What the check could not see; empty when it saw everything.
std::string unexamined(const Report& report, const diagnosis::CheckSummary& check) {
  for (const auto& item : report.unexamined)
    if (item.check == check.id) return item.subject + ": " + item.reason;
  return check.status == "unexamined" ? check.reason : std::string{};
}

CheckOutcome outcome(const Report& report, const diagnosis::CheckSummary& check, const Style& style) {
  CheckOutcome result{Kind::passed, check, {}, {}};
  std::vector<const Problem*> failing;
  for (const auto* root : roots(report)) {
    if (root->check != check.id) continue;
    result.roots.push_back(root);
    if (fails(*root, style)) failing.push_back(root);
  }
  if (!failing.empty()) {
    result.kind = Kind::failed;
    result.message = titles(failing);
  } else if (const auto* cause = failing_cause(report, check.id, style)) {
    result.kind = Kind::failed;
    result.message = "follows from: " + titles({cause});
  } else if (const auto reason = unexamined(report, check); !reason.empty()) {
    result.kind = style.allow_incomplete ? Kind::skipped : Kind::unexamined;
    result.message = "not examined: " + reason;
  } else if (check.status == "skipped") {
    result.kind = Kind::skipped;
    result.message = check.reason;
  }
  return result;
}

}  // namespace

std::vector<CheckOutcome> check_outcomes(const Report& report, const Style& style) {
  std::vector<CheckOutcome> outcomes;
  for (const auto& check : report.checks) outcomes.push_back(outcome(report, check, style));
  const auto add_missing = [&](const std::string& id, const std::string& status) {
    const auto same = [&](const CheckOutcome& other) { return other.check.id == id; };
    if (std::none_of(outcomes.begin(), outcomes.end(), same))
      outcomes.push_back(outcome(report, {id, status, {}, 0, {}}, style));
  };
  for (const auto* root : roots(report)) add_missing(root->check, "failed");
  for (const auto& item : report.unexamined) add_missing(item.check, "unexamined");
  return outcomes;
}

int count(const std::vector<CheckOutcome>& outcomes, Kind kind) {
  return static_cast<int>(std::count_if(outcomes.begin(), outcomes.end(),
                                        [kind](const CheckOutcome& outcome) { return outcome.kind == kind; }));
}

}  // namespace doctor::render
