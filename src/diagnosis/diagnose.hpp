#pragma once

#include "core/runner.hpp"
#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"
#include "guides/library.hpp"

namespace doctor::diagnosis {

/// Joins findings with guide entries, merges the same entry on the same subject, reduces to roots and consequences,
/// fills in the fixes and tests them against the deployment. Fields of the run itself (version, times) are the
/// caller's.
Report diagnose(const Deployment& deployment, const core::RunResult& run, const guides::Library& library);

}  // namespace doctor::diagnosis
