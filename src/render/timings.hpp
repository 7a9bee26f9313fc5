#pragma once

#include "diagnosis/report.hpp"
#include "render/printer.hpp"

namespace doctor::render {

/// Where the time of the run went: its parts, its checks, and its probes. Nothing when that was not measured.
void print_timings(const Printer& print, const diagnosis::Report& report);

}  // namespace doctor::render
