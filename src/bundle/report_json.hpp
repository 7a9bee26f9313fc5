#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "diagnosis/report.hpp"

namespace doctor::bundle {

/// The report that `doctor check --format json` wrote, as far as two of them can be compared: everything but the prose
/// of guides. It may come from anybody: at most 16 MB and 64 levels; every text is redacted by patterns, escaped and
/// cut, so that it can be shown. The error names the place and never quotes the input.
tl::expected<diagnosis::Report, std::string> report_from_json(std::string_view text);

}  // namespace doctor::bundle
