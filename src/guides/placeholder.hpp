#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The little language of placeholders in guide texts: `{name}` (small letters, digits, underscores) stands for a
/// value,
/// `{{` and `}}` for a brace; every other brace is text.
namespace doctor::guides {

struct Piece {
  std::string text;  ///< literal text, or the name of a placeholder
  bool is_name = false;
};

std::vector<Piece> pieces(std::string_view text);

/// The names that `text` needs, in order, with repetitions.
std::vector<std::string> placeholders(std::string_view text);

/// What is doubtful about the braces of `text` (line counted from its first, 1-based), such as a Go template whose
/// braces are not doubled; an empty message when nothing is.
struct BraceMistake {
  int line = 0;
  std::string message;
};
BraceMistake brace_mistake(std::string_view text);

/// Names that every entry may use, whatever its evidence.
const std::vector<std::string>& fixed_placeholders();

}  // namespace doctor::guides
