#pragma once

#include <optional>

#include "cli/examination.hpp"

namespace doctor::cli {

/// A recorded deployment with the settings of --set, and what that would do. `redactor` knows the new values.
struct WhatIfRun {
  diagnosis::Report report;
  redact::Redactor redactor;
};

/// Examines a bundle twice: as it is, and with the settings of --set. Nothing when --set cannot be used: the message
/// has been written, the exit code is 2.
std::optional<WhatIfRun> what_if(const CheckCommand& command, const Checks& checks, const Patient& recorded,
                                 const Instruments& instruments, Streams streams);

}  // namespace doctor::cli
