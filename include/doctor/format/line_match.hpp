#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace doctor::formats {

/// The 1-based number of the first line of `text` that the RE2 pattern matches anywhere in it, 0 for none. An error
/// says what is wrong with the pattern. Linear in the text.
tl::expected<int, std::string> first_matching_line(std::string_view text, const std::string& pattern);

}  // namespace doctor::formats
