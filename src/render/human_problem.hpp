#pragma once

#include "diagnosis/report.hpp"
#include "render/printer.hpp"

namespace doctor::render {

/// A root with all that is known of it and what follows from it, and the roots that differ from it in their evidence
/// alone; nothing for those. Quiet: its title alone.
void print_problem(const Printer& print, const diagnosis::Report& report, const diagnosis::Problem& problem);

/// What stands below the title: symptom, cause, evidence, fix, what follows.
void print_explanation(const Printer& print, const diagnosis::Report& report, const diagnosis::Problem& problem);

}  // namespace doctor::render
