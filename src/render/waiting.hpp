#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diagnosis/report.hpp"

/// What happened while doctor waited, as lines for people.
namespace doctor::render {

/// "3.2 s"
std::string seconds_text(std::int64_t milliseconds);

/// "TITLE (SUBJECT)", without a title the subject alone
std::string change_text(const diagnosis::Change& change);

/// "4.1 s, 3 runs", then a line for each finding that became healthy, came back, or never went, and for each subject
/// that could not be examined at first. Empty: nobody waited.
std::vector<std::string> waiting_lines(const diagnosis::Report& report);

}  // namespace doctor::render
