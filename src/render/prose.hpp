#pragma once

#include <string>
#include <string_view>

namespace doctor::render {

/// The Markdown of a guide's prose as terminal text: paragraphs and list items wrapped to `width` columns, fenced
/// blocks as they are (indented four more), the marks of code, emphasis and links taken away. `first_indent` stands
/// before the first line, `indent` before the others. No line break at the end; empty when there is no word.
std::string prose(std::string_view markdown, std::size_t width, std::string_view first_indent, std::string_view indent);

}  // namespace doctor::render
