#pragma once

#include <stdexcept>
#include <string_view>

#include "doctor/deployment.hpp"

namespace doctor {

/// The word that stands for it in every JSON.
inline std::string_view to_string(Reach reach) {
  switch (reach) {
    case Reach::passed:
      return "passed";
    case Reach::pinned:
      return "pinned";
    case Reach::not_passed:
      return "not-passed";
    case Reach::unknown:
      break;
  }
  return "unknown";
}

/// Throws std::invalid_argument for an unknown word.
inline void from_word(std::string_view word, Reach& reach) {
  for (const auto known : {Reach::passed, Reach::pinned, Reach::not_passed, Reach::unknown}) {
    if (word != to_string(known)) continue;
    reach = known;
    return;
  }
  throw std::invalid_argument{"an unknown reach"};
}

}  // namespace doctor
