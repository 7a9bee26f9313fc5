#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace doctor::redact {

/// A part of a text that must not be shown, and the name that stands for it.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;  ///< behind the last byte
  std::string name;
  bool known = false;                       ///< a known value, not a pattern's guess
  std::size_t name_at = std::string::npos;  ///< where the name stands, when it was read from the text

  std::size_t size() const { return end - begin; }
};
using Spans = std::vector<Span>;

}  // namespace doctor::redact
