#pragma once

#include <string>
#include <string_view>

namespace doctor::render {

/// What stands before and after a code span. It must be of no width, as U+2060 is.
struct CodeMarks {
  std::string_view open{};
  std::string_view close{};
};

/// The Markdown of a guide's prose as terminal text: paragraphs and list items wrapped to `width` columns, lines of
/// fenced blocks indented two more and wrapped only when they do not fit, code in backticks, the marks of emphasis and
/// links taken away. `first_indent` stands before the first line, `indent` before the others. No line break at the end;
/// empty when there is no word.
std::string prose(std::string_view markdown, std::size_t width, std::string_view first_indent, std::string_view indent,
                  const CodeMarks& marks = {});

}  // namespace doctor::render
