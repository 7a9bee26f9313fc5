#pragma once

#include <string>

#include "doctor/outcome.hpp"

namespace doctor::probes {

/// The failure for an errno of a call on a file. `detail` says what was tried, without a path.
ProbeFailure failure_of_errno(int error, std::string detail);

/// A failure that is not an errno.
Failed failed(FailureKind kind, std::string code, std::string detail);
Failed failed_errno(int error, std::string detail);

}  // namespace doctor::probes
