#pragma once

#include <optional>

#include "cli/attempt.hpp"

namespace doctor::cli {

/// Examines until nothing is left to wait for: until the exit code would be 0, `command.wait` is over, or the user
/// interrupts. Returns the last run, its report with what happened meanwhile. What changes is told on standard error:
/// on one line of a terminal, else a line a change. Nothing: as Examiner::attempt().
std::optional<Attempt> wait_until_healthy(const CheckCommand& command, Examiner& examiner, const Interrupt& interrupt,
                                          Streams streams);

/// Examines and redraws the terminal on standard output every `command.interval` until the user interrupts. The exit
/// code is that of the last run that was not interrupted.
int watch(const CheckCommand& command, Examiner& examiner, const Interrupt& interrupt, Streams streams);

/// Why `command` cannot be waited or watched like this; empty: it can.
std::string waiting_problem(const CheckCommand& command);

}  // namespace doctor::cli
