#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "diagnosis/report.hpp"

/// What can be said of a timeline without asking anybody.
namespace doctor::diagnosis {

/// What happened within this many seconds before the first failure is marked. Long enough for an edit, a build and a
/// restart to be followed by the first request that fails; short enough that yesterday's upgrade is none of it.
inline constexpr std::int64_t shortly = 3600;

/// Failures with no more than this many seconds between one and the next belong together. What was over for a day is
/// another story.
inline constexpr std::int64_t over = 86'400;

/// In order of time; of one moment in the order given. Sets `just_before` of what came before the first failure or,
/// when an error stands (`now` is given) and nothing is a failure, before now.
void put_in_order(std::vector<Event>& events, std::optional<std::int64_t> now);

/// Index of the first failure of the newest ones that belong together.
std::optional<std::size_t> first_failure(const std::vector<Event>& events);

/// What fits into `most` lines: what came just before the first failure, the failure, and what followed, its end
/// included. Empty when nothing is a failure and nothing is marked.
std::vector<Event> excerpt(const std::vector<Event>& events, std::size_t most);

/// What happened at that time or later.
std::vector<Event> events_since(std::vector<Event> events, std::int64_t at);

}  // namespace doctor::diagnosis
