#pragma once

#include <string>
#include <vector>

#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"
#include "guides/library.hpp"

namespace doctor::diagnosis {

/// The check that stands in a report for doctor itself: what is wrong with its own files.
inline constexpr const char* own_check = "doctor";

/// Marks what the user puts up with, and adds what is wrong with the entries themselves: ignore-expired, and
/// ignore-stale where every check that could raise the code has seen all (flags are never stale). `today` is
/// "2026-01-31" (UTC).
///
/// - A finding that an entry fits does not count. An entry whose last day is over fits nothing.
/// - What follows from ignored findings alone does not count either; with any other cause it stays below that one.
/// - An entry never hides what is worse than the finding that it was written for: where an error follows from an
/// ignored
///   warning, and from nothing that counts, the warning counts, as the error that it has become. `ignored_by` is then
///   set and `ignored` is not.
/// - The severity of a root is the highest that follows from it and counts.
void ignore(Report& report, const std::vector<Ignore>& entries, const std::string& today, const Deployment& deployment,
            const guides::Library& library);

}  // namespace doctor::diagnosis
