#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace doctor::render {

/// Columns that a terminal needs for UTF-8 `text`: combining marks take none, East Asian wide characters and emoji two,
/// an invalid byte one. Independent of the locale.
std::size_t display_width(std::string_view text);

/// Prose broken into lines of at most `width` columns, indents included. Blanks and single line breaks separate words;
/// an empty line separates paragraphs and stays. `first_indent` stands before the first line, `indent` before all
/// others (not before empty ones). A word that is wider than a line stands on a line of its own and is never cut. The
/// result has no line break at its end; it is empty when `text` holds no word.
std::string wrap(std::string_view text, std::size_t width, std::string_view first_indent, std::string_view indent);

}  // namespace doctor::render
