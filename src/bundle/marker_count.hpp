#pragma once

#include <string_view>

#include "redact/redactor.hpp"

namespace doctor::bundle {

/// How often each marker stands in a document, whoever put it there.
redact::Counts markers_in(std::string_view text);

}  // namespace doctor::bundle
