#pragma once

#include <string>
#include <vector>

#include "diagnosis/report.hpp"
#include "render/render.hpp"

namespace doctor::render {

/// A check as formats of test results see it.
struct CheckOutcome {
  enum class Kind { passed, failed, unexamined, skipped } kind = Kind::passed;
  diagnosis::CheckSummary check;
  std::string message;                           ///< of one line; empty when it passed
  std::vector<const diagnosis::Problem*> roots;  ///< that the check found, those below the threshold too
};

/// One for each check, in order. `failed` stands for what makes the exit code 1, at the root or as its consequence;
/// `unexamined` for what makes it 3: with allow_incomplete that is `skipped`.
std::vector<CheckOutcome> check_outcomes(const diagnosis::Report& report, const Style& style);

/// How many have that kind.
int count(const std::vector<CheckOutcome>& outcomes, CheckOutcome::Kind kind);

}  // namespace doctor::render
