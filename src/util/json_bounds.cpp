#include "util/json_bounds.hpp"

namespace doctor::util {

std::size_t too_deep_at(std::string_view text, int most_levels) {
  int level = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string && c == '\\')
      ++i;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == '{' || c == '['))
      ++level;
    else if (!in_string && (c == '}' || c == ']'))
      --level;
    if (level > most_levels) return i;
  }
  return std::string_view::npos;
}

}  // namespace doctor::util
