#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guides/library.hpp"

namespace doctor::guides {

/// The entries that a pasted error text speaks of, best first: those with a log pattern that matches one of its lines,
/// the longest match first, then those whose symptom shows a line of it (12 characters at least, case ignored). At most
/// 64 KB of the text are looked at.
std::vector<std::string> recognise_text(const Library& library, std::string_view text);

}  // namespace doctor::guides
