#include "formats/go_duration.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace doctor::formats {
namespace {

constexpr double most = 9e15;  // milliseconds

/// Milliseconds of a unit; 0: there is none of that name.
double unit_of(std::string_view unit) {
  if (unit == "ns") return 1e-6;
  if (unit == "us" || unit == "\xC2\xB5s" || unit == "\xCE\xBCs") return 1e-3;
  if (unit == "ms") return 1;
  if (unit == "s") return 1e3;
  if (unit == "m") return 60e3;
  if (unit == "h") return 3600e3;
  return unit == "d" ? 86400e3 : 0;
}

}  // namespace

std::optional<std::chrono::milliseconds> go_duration(std::string_view text, std::int64_t bare) {
  constexpr std::string_view digits = "0123456789.";
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_not_of(digits), text.size());
    const auto number = text.substr(0, end);
    if (number.empty() || number.size() > 15 || number == "." || std::count(number.begin(), number.end(), '.') > 1)
      return std::nullopt;
    text.remove_prefix(end);
    const auto next = std::min(text.find_first_of(digits), text.size());
    const auto unit = next == 0 ? static_cast<double>(bare) : unit_of(text.substr(0, next));
    const auto value = std::stod(std::string{number});
    if (unit <= 0 && value != 0) return std::nullopt;
    total += value * unit;
    if (total > most) return std::nullopt;
    text.remove_prefix(next);
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(total)};
}

}  // namespace doctor::formats
