#pragma once

#include <string_view>

#include <set>
#include <string>
#include <vector>

#include "redact/disguises.hpp"
#include "redact/needles.hpp"
#include "redact/redactor.hpp"
#include "redact/rules.hpp"
#include "redact/span.hpp"

namespace doctor::redact {

struct Redactor::Index {
  Needles needles;
  Disguises disguises;  ///< of the same values
  Rules rules;
  std::vector<KnownSecret> secrets;  ///< what is looked for everywhere, one value each, by the names that stand for it
  std::vector<KnownSecret> beside;   ///< what is looked for beside its key; the names are the keys

  /// What must not be shown, sorted and without overlaps. A marker is either inside a span as a whole or outside of it,
  /// and no span holds markers only.
  Spans spans(std::string_view text) const;

  /// The same for known values alone.
  Spans known_spans(std::string_view text) const;

 private:
  Spans known(std::string_view text) const;
  /// The markers in `text`, sorted. What names a known value is none.
  Spans markers(std::string_view text) const;
  Spans around_markers(Spans spans, std::string_view text) const;
};

/// Sorts and joins what overlaps; a known value names the whole.
Spans joined(Spans spans);

/// `text` with every span replaced by its marker.
std::string replaced(std::string_view text, const Spans& spans, Counts& counts);

}  // namespace doctor::redact
