#pragma once

#include <functional>
#include <string>

#include "lab/command.hpp"

/// A healthy deployment is examined again and again: no finding ever, and the same words each time.
namespace doctor::lab {

/// Runs doctor with the given arguments, as the lab wants it run.
using RunDoctor = std::function<CommandResult(const Arguments&)>;

/// $DOCTOR_HEALTHY_RUNS, else `usual`: a thousand take too long for every change.
int healthy_runs(int usual);

/// The text with what differs from run to run in a healthy deployment made equal: times of the day, how long something
/// took or runs, the figures of usage and counts of lines, and where lines are broken.
std::string without_figures(std::string text);

/// `doctor check DIRECTORY --fail-on info --verbose`, `runs` times, for people and in JSON.
void expect_quiet(const RunDoctor& doctor, const std::string& directory, int runs, const Arguments& more = {});

}  // namespace doctor::lab
