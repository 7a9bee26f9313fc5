#pragma once

#include <string>
#include <vector>

#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"
#include "doctor/finding.hpp"
#include "guides/entry.hpp"

namespace doctor::diagnosis {

/// A finding joined with its entry: prose filled in, fixes tested against the deployment. A root until told otherwise.
Problem problem_of(const Finding& finding, const guides::Entry& entry, const std::string& check,
                   const Deployment& deployment);

/// 0 for an error, 1 for a warning, 2 for anything else.
int rank(const std::string& severity);

/// Roots first, by severity; what is alike keeps its order.
void sort_problems(std::vector<Problem>& problems);

}  // namespace doctor::diagnosis
