#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "util/json_bounds.hpp"

/// Reading of JSON from outside.
namespace doctor::util {

/// "line 3, column 7" of a byte of `text`, 1-based.
inline std::string position(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto last_break = before.rfind('\n');
  const auto column = last_break == std::string_view::npos ? before.size() + 1 : before.size() - last_break;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

/// A document of at most `most_bytes` and 64 levels. The error names the position and never quotes the input.
inline tl::expected<nlohmann::json, std::string> bounded_json(std::string_view text, std::size_t most_bytes) {
  constexpr int most_levels = 64;
  if (text.size() > most_bytes)
    return tl::unexpected{"larger than " + std::to_string(most_bytes / (1024UL * 1024)) + " MB"};
  if (const auto at = too_deep_at(text, most_levels); at != std::string_view::npos)
    return tl::unexpected{position(text, at) + ": deeper than " + std::to_string(most_levels) + " levels"};
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return tl::unexpected{position(text, error.byte > 0 ? error.byte - 1 : 0) + ": not JSON"};
  } catch (const nlohmann::json::out_of_range&) {
    return tl::unexpected{std::string{"a number is larger than any that can be held"}};
  }
}

}  // namespace doctor::util
