#pragma once

#include <cstddef>
#include <string_view>

namespace doctor::util {

/// Where brackets outside strings go deeper than `most_levels`; npos: nowhere. Looks at no other rule of JSON.
std::size_t too_deep_at(std::string_view text, int most_levels);

}  // namespace doctor::util
