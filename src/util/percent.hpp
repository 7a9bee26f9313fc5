#pragma once

#include <string>
#include <string_view>

namespace doctor::util {

/// The text with %41 as A; what is no valid escape stays as it is (WHATWG URL, percent-decode).
std::string percent_decoded(std::string_view text);

}  // namespace doctor::util
