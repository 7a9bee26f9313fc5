#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doctor::util {

/// The words of a command line, as a shell would split it: blanks part them unless they stand in quotes, single or
/// double. Nothing is expanded, and a backslash is a character like any other. Nothing when a quote has no end.
std::optional<std::vector<std::string>> words(std::string_view line);

}  // namespace doctor::util
