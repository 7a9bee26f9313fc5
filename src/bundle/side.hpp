#pragma once

#include <string>

#include <tl/expected.hpp>

#include "bundle/diff.hpp"

namespace doctor::bundle {

/// Reads what the user names: a bundle, or a report in JSON. Both are hostile input; every text of the result is
/// redacted by patterns and escaped. The findings of a bundle are those of the report in it. The error says what is
/// wrong with the file, without its name.
tl::expected<Side, std::string> read_side(const std::string& path);

}  // namespace doctor::bundle
