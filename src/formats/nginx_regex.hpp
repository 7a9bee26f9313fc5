#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Regular expressions of nginx (PCRE), as far as RE2 has the same: matching stays linear.
namespace doctor::formats::nginx {

/// What makes PCRE refuse the pattern; empty: nothing that RE2 knows of.
std::string regex_problem(const std::string& pattern);

/// The whole match and its groups; an empty list: no match; nothing: RE2 has no such pattern.
std::optional<std::vector<std::string>> regex_match(const std::string& pattern, std::string_view text, bool caseless);

}  // namespace doctor::formats::nginx
