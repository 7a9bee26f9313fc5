#pragma once

#include <string_view>

#include "redact/needles.hpp"
#include "redact/redactor.hpp"
#include "redact/span.hpp"

namespace doctor::redact {

struct Redactor::Index {
  Needles needles;

  /// What must not be shown, sorted and without overlaps.
  Spans spans(std::string_view text) const;
};

/// Sorts and joins what overlaps; a known value names the whole.
Spans joined(Spans spans);

/// `text` with every span replaced by its marker.
std::string replaced(std::string_view text, const Spans& spans);

}  // namespace doctor::redact
