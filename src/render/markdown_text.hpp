#pragma once

#include <string>
#include <string_view>

namespace doctor::render {

/// Text within a line, which GitHub, GitLab and CommonMark show as it is: marks are escaped, and a word that would
/// become a link, a mention, a reference or an emoji stands in a code span. What is invisible is spelt out.
std::string markdown_text(std::string_view text);

/// The same for text that begins a line, and must not begin a heading, a list or a command of the forge.
std::string markdown_paragraph(std::string_view text);

/// A code span that holds exactly `text`, or "" for no text.
std::string markdown_code(std::string_view text);

/// A fenced block that holds exactly `lines`, with a line break at its end.
std::string markdown_fence(std::string_view lines, std::string_view language);

/// The Markdown of a guide's prose once more, with values from outside in it made harmless. Ends with a line break
/// unless it is empty.
std::string markdown_prose(std::string_view markdown);

}  // namespace doctor::render
