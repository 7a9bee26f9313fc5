#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "redact/redactor.hpp"
#include "redact/span.hpp"

namespace doctor::redact {

/// The user's own patterns, compiled. Linear in the text, whatever they say.
class Rules {
 public:
  Rules();
  /// Throws std::logic_error for one that has a problem.
  explicit Rules(const std::vector<Rule>& rules);
  ~Rules();
  Rules(Rules&&) noexcept;
  Rules& operator=(Rules&&) noexcept;

  /// Every match, line by line. Not sorted.
  void find(std::string_view text, Spans& found) const;

 private:
  struct Compiled;
  std::vector<Compiled> compiled_;
};

}  // namespace doctor::redact
