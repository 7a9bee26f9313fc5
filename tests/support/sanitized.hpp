#pragma once

namespace doctor::test {

/// Whether a sanitizer is built in. The figures that are promised for time and memory are about the build that ships.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace doctor::test
