#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

/// What stands in place of a secret: [redacted:NAME], for a second value of that name [redacted:NAME:2]. Opaque: no
/// rule looks into it.
namespace doctor::redact {

inline constexpr std::string_view marker_begin = "[redacted:";
/// What doctor itself shows in place of a value that it keeps to itself.
inline constexpr std::string_view unnamed_marker = "[redacted]";
inline constexpr std::size_t most_marker_name = 128;

inline bool is_marker_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == ':';
}

inline bool is_marker_name(std::string_view name) {
  return !name.empty() && name.size() <= most_marker_name && std::all_of(name.begin(), name.end(), is_marker_character);
}

/// The length of the marker at the front of `text`; 0: there is none.
inline std::size_t marker_size(std::string_view text) {
  if (!text.starts_with(marker_begin)) return 0;
  const auto end = text.substr(0, marker_begin.size() + most_marker_name + 1).find(']');
  if (end == std::string_view::npos) return 0;
  return is_marker_name(text.substr(marker_begin.size(), end - marker_begin.size())) ? end + 1 : 0;
}

}  // namespace doctor::redact
