#pragma once

#include <string>
#include <vector>

#include "diagnosis/report.hpp"

/// What the user puts up with, and what became of it, as lines for people.
namespace doctor::render {

/// "Redis keeps nothing (endpoint:redis:6379): REASON, until 2026-12-31; hides 2 that follow".
std::vector<std::string> ignored_lines(const diagnosis::Report& report);

/// What stands in the baseline.
std::vector<std::string> known_lines(const diagnosis::Report& report);

/// What stood in the baseline and is gone.
std::vector<std::string> resolved_lines(const diagnosis::Report& report);

/// Why a root is shown although an entry asks to ignore it; empty when none does.
std::string not_ignored_note(const diagnosis::Problem& problem);

/// Whether there is a finding that counts.
bool has_counting(const diagnosis::Report& report);

}  // namespace doctor::render
