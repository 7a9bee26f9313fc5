#pragma once

#include <string>
#include <vector>

#include "diagnosis/fill.hpp"
#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"
#include "guides/entry.hpp"

namespace doctor::diagnosis {

/// The steps of an entry with real names filled in, for a finding on `subject`. A step whose placeholder has no value
/// is left out. An edit of .env is tested first: when no process would ever see it, it is marked and says what to edit
/// instead. A command for a reverse proxy is said to the one that is there.
std::vector<FixStep> fix_steps(const guides::Entry& entry, const std::string& subject, const Names& names,
                               const Deployment& deployment);

/// How to see that it is repaired: the command of the entry, where this kind of deployment has what it asks and all
/// placeholders have a value; else another run of `check`.
std::string verification(const guides::Entry& entry, const std::string& check, const Names& names,
                         const Deployment& deployment);

}  // namespace doctor::diagnosis
