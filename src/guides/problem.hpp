#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doctor::guides {

/// A mistake in a page, a description or the ledger. The message holds nothing of the input but short, escaped names.
struct Problem {
  std::string file;
  int line = 0;    ///< 1-based; 0: the file as a whole
  int column = 0;  ///< 1-based; 0: the line as a whole
  std::string message;

  std::string text() const;  ///< "FILE:LINE:COLUMN: MESSAGE", without the zeros
};

using Problems = std::vector<Problem>;

/// A reader that has found as many gives up: the file is not what it was taken for.
constexpr std::size_t most_problems = 1'000;

/// " (did you mean X?)", or nothing when no name is near.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& known);

/// What stands in the way of reading `text` as text at all: more than `most` bytes, a NUL, invalid UTF-8. Adds a
/// problem with its line and returns false.
bool is_readable(std::string_view text, std::size_t most, const std::string& file, Problems& problems);

/// Whether `text` is a name of small letters, digits and hyphens that begins with a letter.
bool is_code(std::string_view text);

}  // namespace doctor::guides
