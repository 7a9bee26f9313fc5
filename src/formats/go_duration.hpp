#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace doctor::formats {

/// A duration as Go's time.ParseDuration reads it ("1m30s", "1.5h", "300ms"), with Caddy's "d" for days. A number alone
/// counts `bare` milliseconds; 0: it is none.
std::optional<std::chrono::milliseconds> go_duration(std::string_view text, std::int64_t bare);

}  // namespace doctor::formats
