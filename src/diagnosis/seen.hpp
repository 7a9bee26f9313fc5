#pragma once

#include <string>

#include "diagnosis/report.hpp"

namespace doctor::diagnosis {

/// Why a report that does not have the finding does not prove that it is not there; "" when it does.
std::string why_not_seen(const Report& report, const Problem& problem);

}  // namespace doctor::diagnosis
