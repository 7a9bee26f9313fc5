#pragma once

#include <string>
#include <vector>

#include "diagnosis/fill.hpp"
#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"
#include "guides/entry.hpp"

namespace doctor::diagnosis {

/// The steps of an entry with real names filled in. A step whose placeholder has no value is left out. An edit of .env
/// is tested first: when no process would ever see it, it is marked and says what to edit instead.
std::vector<FixStep> fix_steps(const guides::Entry& entry, const Names& names, const Deployment& deployment);

}  // namespace doctor::diagnosis
