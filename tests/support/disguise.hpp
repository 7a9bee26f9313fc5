#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How a secret may be written. For tests alone, and written without the code that they test.
namespace doctor::test {

/// Base64 with padding.
std::string base64(std::string_view text);
std::string url_alphabet(std::string text);
std::string hexadecimal(std::string_view text, bool upper = false);
std::string percent(std::string_view text, bool upper = true);
std::string json_escaped(std::string_view text);
std::string html_escaped(std::string_view text);
std::string shell_quoted(std::string_view text);
/// Line breaks after every `width` characters.
std::string wrapped(std::string_view text, std::size_t width, std::string_view line_break = "\n");

/// Name of the disguise and the text, for every disguise that a secret must be found in.
std::vector<std::pair<std::string, std::string>> disguises(const std::string& secret);

/// More that the redactor knows and the last look at a bundle does not: encoded twice in different ways, lists of
/// bytes.
std::vector<std::pair<std::string, std::string>> far_disguises(const std::string& secret);

/// Which of the secrets can be read from the bytes by somebody who decodes what looks encoded: percent, backslash and
/// HTML escapes, quoted-printable, base64 and hexadecimal, in one line or several, at any alignment, lists of bytes,
/// and some of these in others. By decoding, not by looking for forms.
std::vector<std::string> readable_in(const std::string& bytes, const std::vector<std::string>& secrets);

}  // namespace doctor::test
