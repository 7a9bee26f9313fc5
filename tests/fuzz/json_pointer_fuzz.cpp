#include "doctor/format/json_pointer.hpp"

#include <algorithm>

#include "property.hpp"

using doctor::fuzz::require;

namespace {

using doctor::formats::JsonError;

void check_error(const JsonError& error, std::string_view text) {
  require(!error.reason.empty() && doctor::fuzz::is_printable(error.reason), "a reason can be shown");
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  require(error.line <= lines, "the line exists");
  require(!error.absent || error.line == 0, "an absent value has no place");
}

}  // namespace

/// The first line of an input is the pointer, the rest is the JSON.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = doctor::fuzz::text_of(data, size);
  const auto line_end = std::min(input.find('\n'), input.size());
  const std::string pointer{input.substr(0, line_end)};
  const auto text = input.substr(std::min(line_end + 1, input.size()));

  const auto value = doctor::formats::json_at(text, pointer);
  const auto whole = doctor::formats::compact_json(text);
  if (!whole) {
    check_error(whole.error(), text);
    require(!value, "what is no JSON has no value");
  } else {
    require(doctor::util::valid_utf8(*whole), "compact JSON is UTF-8");
    require(doctor::formats::compact_json(*whole) == *whole, "compact JSON stays as it is");
    require(doctor::formats::json_at(text, "") == *whole, "the empty pointer is the whole document (RFC 6901, 5)");
  }
  if (!value) {
    check_error(value.error(), text);
  } else {
    require(doctor::formats::compact_json(*value) == *value, "a value is compact JSON");
  }
  return 0;
}
