#pragma once

#include <cstddef>
#include <string_view>

namespace doctor::formats {

/// The first byte (1-based) of what lies deeper than `most` levels of brackets outside strings, 0: nothing. Without
/// recursion, so that a bomb never reaches the parser.
std::size_t too_deep(std::string_view json, int most);

}  // namespace doctor::formats
