#pragma once

#include <string>
#include <vector>

#include "diagnosis/report.hpp"
#include "render/render.hpp"

// How every format for people reads a report.
namespace doctor::render {

/// The roots that count, in the order of the report.
std::vector<const diagnosis::Problem*> roots(const diagnosis::Report& report);

/// Those that the user has chosen to live with: ignored ones, and those of the baseline.
std::vector<const diagnosis::Problem*> ignored(const diagnosis::Report& report);

/// Whether the root makes the exit code 1.
bool fails(const diagnosis::Problem& problem, const Style& style);

/// All that is known of a root as plain text of 80 columns, several lines, safe to print.
std::string explained(const diagnosis::Report& report, const diagnosis::Problem& root);

/// What follows from `root`.
std::vector<const diagnosis::Problem*> consequences(const diagnosis::Report& report, const diagnosis::Problem& root);

/// Whether `doctor explain` knows its entry. What a plugin finds is the plugin's to explain.
bool is_explained(const diagnosis::Problem& problem);

/// The root before this one in the report that says the same in every word but its evidence, or none.
const diagnosis::Problem* same_above(const diagnosis::Report& report, const diagnosis::Problem& problem);

/// Observations of one origin.
struct Observations {
  std::vector<Evidence> items;  ///< none has an empty value
  std::string origin;           ///< "127.0.0.1:5432, seen from container chatalot-server"; may be empty
};

/// Neighbours of one origin together.
std::vector<Observations> observations(const std::vector<Evidence>& evidence);

/// What to know of a step before it is taken: "inside the container, disruptive"; may be empty.
std::string step_note(const diagnosis::FixStep& step);

/// Something that was not examined, and why.
struct Reason {
  std::string subject;
  std::string reason;
};

/// Each once: two checks may miss the same thing for the same reason.
std::vector<Reason> reasons(const std::vector<diagnosis::Unexamined>& items);

/// "No fault found." and the like, for a report without a finding that counts; else empty.
std::string verdict(const diagnosis::Report& report);

/// "1 error and 2 that follow, 0 warnings"
std::string findings_line(const diagnosis::Report& report);

/// "checks: 8 passed, 5 skipped; 1 not examined in 1.4 s"
std::string checks_line(const diagnosis::Report& report);

/// "1.4 s"; of less than a tenth of a second "41 ms"
std::string took(std::int64_t milliseconds);

/// "From the bundle b.tar.zst (ticket 7), made by doctor 0.1.0."; empty when the deployment itself was examined.
std::string recording_line(const diagnosis::Report& report);

}  // namespace doctor::render
