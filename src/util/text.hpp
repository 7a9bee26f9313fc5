#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace doctor::util {

/// `text` made safe for a terminal or a message: control, escape, bidi and zero-width characters and invalid UTF-8 as
/// \x1b or \u{202e}, at most `most` characters (then "..."). Line breaks are escaped too.
std::string shown(std::string_view text, std::size_t most = 120);

/// The same for text of several lines: line breaks stay, nothing is cut.
std::string shown_lines(std::string_view text);

std::string trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string lower(std::string_view text);  ///< ASCII only
bool valid_utf8(std::string_view text);

/// The nearest of `names` within a third of its length (Damerau-Levenshtein), or "". Nothing is near to one or two
/// letters.
std::string nearest(std::string_view name, const std::vector<std::string>& names);

/// `text` as one word of a POSIX shell, quoted only where needed.
std::string shell_quoted(std::string_view text);

/// "512 MB", "1.4 GB"; decimal units.
std::string bytes(std::uint64_t count);

/// "40 s", "12 min", "3 h", "5 days".
std::string duration(std::int64_t seconds);

/// Seconds since 1970 as "2026-03-01 10:12:05 UTC".
std::string timestamp(std::int64_t seconds);

/// Whether a glob of `*` and `?` matches the whole text. Linear in text times pattern.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace doctor::util
