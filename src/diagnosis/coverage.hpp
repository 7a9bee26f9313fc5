#pragma once

#include <string>

#include "diagnosis/report.hpp"
#include "guides/library.hpp"

namespace doctor::diagnosis {

/// Whether a check ran and saw all that there was for it to see: then what it did not find is not there.
bool has_seen_all(const Report& report, const std::string& check);

/// Whether every check that could raise `code` has seen all: only then is its absence known.
bool would_have_found(const Report& report, const std::string& code, const guides::Library& library);

}  // namespace doctor::diagnosis
