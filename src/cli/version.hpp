#pragma once

#include <string_view>

namespace doctor::cli {

/// The release, from CMakeLists.txt.
inline constexpr std::string_view version = DOCTOR_VERSION;

}  // namespace doctor::cli
