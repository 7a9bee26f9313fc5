#pragma once

#include <vector>

#include "diagnosis/report.hpp"

namespace doctor::render {

/// What a report for people tells of its timeline: nothing when no error and no warning stands, or nothing is worth
/// telling; else at most 12 events around the first failure, or all of them.
std::vector<diagnosis::Event> told_events(const diagnosis::Report& report, bool all);

}  // namespace doctor::render
