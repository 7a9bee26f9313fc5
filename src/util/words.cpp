#include "util/words.hpp"

namespace doctor::util {

std::optional<std::vector<std::string>> words(std::string_view line) {
  std::vector<std::string> all;
  std::string word;
  bool begun = false;
  char quote = '\0';
  for (const char c : line) {
    if (quote != '\0' && c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
      begun = true;
    } else if (quote == '\0' && (c == ' ' || c == '\t')) {
      if (begun) all.push_back(std::move(word));
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (quote != '\0') return std::nullopt;
  if (begun) all.push_back(std::move(word));
  return all;
}

}  // namespace doctor::util
