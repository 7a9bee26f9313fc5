#include <limits>

#include "doctor/format/nginx.hpp"

namespace doctor::formats {
namespace {

constexpr std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (most - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

/// Milliseconds of a unit; 0: there is none of that name.
std::uint64_t unit_of(std::string_view unit) {
  constexpr std::uint64_t second = 1000;
  constexpr std::uint64_t day = 86400 * second;
  if (unit == "ms") return 1;
  if (unit == "s") return second;
  if (unit == "m") return 60 * second;
  if (unit == "h") return 3600 * second;
  if (unit == "d") return day;
  if (unit == "w") return 7 * day;
  if (unit == "M") return 30 * day;
  return unit == "y" ? 365 * day : 0;
}

}  // namespace

std::optional<std::uint64_t> nginx_size(std::string_view text) {
  if (text.empty()) return std::nullopt;
  unsigned shift = 0;
  const char unit = text.back();
  if (unit == 'k' || unit == 'K') shift = 10;
  if (unit == 'm' || unit == 'M') shift = 20;
  if (unit == 'g' || unit == 'G') shift = 30;
  const auto value = number(shift == 0 ? text : text.substr(0, text.size() - 1));
  if (!value || *value > (most >> shift)) return std::nullopt;
  return *value << shift;
}

std::optional<std::chrono::milliseconds> nginx_time(std::string_view text) {
  std::uint64_t total = 0;
  std::uint64_t last = most;  // units stand from large to small
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto value = number(text.substr(0, digits));
    if (!value) return std::nullopt;
    text.remove_prefix(digits);
    const std::size_t length = text.starts_with("ms") ? 2 : text.empty() || text.front() == ' ' ? 0 : 1;
    const auto unit = length == 0 ? 1000 : unit_of(text.substr(0, length));
    if (unit == 0 || unit >= last || *value > most / unit / 2 || total > most / 2) return std::nullopt;
    total += *value * unit;
    last = unit;
    text.remove_prefix(length);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(total)};
}

}  // namespace doctor::formats
