#pragma once

#include <string>

#include "diagnosis/report.hpp"

namespace doctor::render {

/// What an address inside the page leads to: stable for the same finding, made of letters and digits.
std::string html_anchor(const diagnosis::Problem& problem);

/// <article class="card">: a root with symptom, cause, evidence, fix and how to verify it, and what follows from it,
/// folded.
std::string html_problem(const diagnosis::Report& report, const diagnosis::Problem& root);

}  // namespace doctor::render
