#pragma once

#include <string>
#include <string_view>
#include <vector>

/// How a text may be read by someone who knows how it was written. Only for the leak scan.
namespace doctor::redact {

/// The text itself, and every reading that differs from it and may bring one of these characters to light: those of
/// what is looked for.
std::vector<std::string> readings_of(std::string_view text, std::string_view characters);

/// Without line breaks (also escaped ones), the blanks around them, and with one alphabet of base64: for base64 and
/// hexadecimal in lower case respectively.
std::string without_breaks(std::string_view text);

/// Without a blank or colon between two hexadecimal digits and two more.
std::string unparted_digits(std::string_view text);

/// ASCII letters in lower case.
std::string folded(std::string_view text);

/// The characters of the base64 of anything that holds `value` behind `offset` (0 to 2) further bytes, without those
/// that depend on its neighbours.
std::string base64_within(std::string_view value, unsigned offset);

std::string hexadecimal_of(std::string_view value);

}  // namespace doctor::redact
