#pragma once

#include <string_view>

#include "redact/needles.hpp"
#include "redact/redactor.hpp"
#include "redact/span.hpp"

namespace doctor::redact {

struct Redactor::Index {
  Needles needles;

  /// What must not be shown, sorted and without overlaps. A marker is either inside a span as a whole or outside of it,
  /// and no span holds markers only.
  Spans spans(std::string_view text) const;

  /// The same for known values alone.
  Spans known_spans(std::string_view text) const;

 private:
  /// The markers in `text`, sorted. What names a known value is none.
  Spans markers(std::string_view text) const;
  Spans around_markers(Spans spans, std::string_view text) const;
};

/// Sorts and joins what overlaps; a known value names the whole.
Spans joined(Spans spans);

/// `text` with every span replaced by its marker.
std::string replaced(std::string_view text, const Spans& spans);

}  // namespace doctor::redact
