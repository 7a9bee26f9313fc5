#pragma once

#include <string>
#include <string_view>

namespace doctor::render {

/// Text as the content of an element or of a quoted attribute: <, >, &, " and ' as references, and what is invisible
/// (control, bidi and zero-width characters, invalid UTF-8) spelt out.
std::string html_text(std::string_view text);

/// A word for a class or an address inside the page: what is no letter, digit or hyphen is left out.
std::string html_word(std::string_view text);

/// The same as html_text for text of several lines.
std::string html_lines(std::string_view text);

/// The Markdown of a guide's prose as <p>, <ul>, <ol> and <pre>. Links are not followed: their address is shown.
std::string html_prose(std::string_view markdown);

}  // namespace doctor::render
