#pragma once

#include <vector>

#include "doctor/check.hpp"

namespace doctor::checks {

/// Every check, in report order. Generated from checks/CMakeLists.txt.
std::vector<const CheckInfo*> all();

}  // namespace doctor::checks
