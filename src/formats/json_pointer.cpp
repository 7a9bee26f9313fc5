#include "doctor/format/json_pointer.hpp"

#include "formats/json_depth.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace doctor::formats {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_bytes = 16 * 1024 * 1024;
constexpr int most_levels = 64;

JsonError at_byte(std::string reason, std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, std::min(byte, text.size()));
  const auto line_start = before.rfind('\n');
  JsonError error;
  error.reason = std::move(reason);
  error.line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  error.column = before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1);
  error.column = std::max<std::size_t>(error.column, 1);
  return error;
}

tl::expected<Json, JsonError> parse(std::string_view text) {
  if (text.size() > most_bytes) return tl::unexpected{JsonError{"larger than 16 MB"}};
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (const auto byte = too_deep(text, most_levels); byte != 0)
    return tl::unexpected{at_byte("deeper than 64 levels", text, byte)};
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return tl::unexpected{at_byte("not JSON", text, error.byte)};
  } catch (const Json::out_of_range&) {
    return tl::unexpected{JsonError{"a number out of range"}};
  }
}

std::string compact(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

tl::expected<std::string, JsonError> json_at(std::string_view text, const std::string& pointer) {
  const auto document = parse(text);
  if (!document) return tl::unexpected{document.error()};
  try {
    const Json::json_pointer where{pointer};
    if (!document->contains(where)) return tl::unexpected{JsonError{"no such value", 0, 0, true}};
    return compact(document->at(where));
  } catch (const Json::exception&) {
    return tl::unexpected{JsonError{"bad pointer"}};
  }
}

tl::expected<std::string, JsonError> compact_json(std::string_view text) {
  const auto document = parse(text);
  if (!document) return tl::unexpected{document.error()};
  return compact(*document);
}

}  // namespace doctor::formats
