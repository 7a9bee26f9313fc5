#include "deployment/compose_value_forms.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "util/text.hpp"

namespace doctor::deployment::compose {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads digits with at most one dot and returns the position behind them; `start` when there is no digit.
std::size_t number_end(std::string_view text, std::size_t start) {
  std::size_t end = start;
  bool digits = false;
  bool dot = false;
  for (; end < text.size() && (is_digit(text[end]) || (text[end] == '.' && !dot)); ++end) {
    dot = dot || text[end] == '.';
    digits = digits || is_digit(text[end]);
  }
  return digits ? end : start;
}

struct Unit {
  std::string_view name;
  double milliseconds;
};

constexpr std::array<Unit, 8> units{{{"ns", 1e-6},
                                     {"us", 1e-3},
                                     {"\u00b5s", 1e-3},
                                     {"\u03bcs", 1e-3},
                                     {"ms", 1},
                                     {"s", 1e3},
                                     {"m", 6e4},
                                     {"h", 3.6e6}}};

const Unit* find_unit(std::string_view name) {
  const auto* const found =
      std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == units.end() ? nullptr : found;
}

/// Milliseconds; nothing for what is no duration.
std::optional<double> parsed_duration(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double sum = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = number_end(text, at);
    if (end == at) return std::nullopt;
    double value = 0;
    std::from_chars(text.data() + at, text.data() + end, value);
    at = end;
    while (at < text.size() && !is_digit(text[at]) && text[at] != '.') ++at;
    const auto* unit = find_unit(text.substr(end, at - end));
    if (unit == nullptr) return std::nullopt;
    sum += value * unit->milliseconds;
  }
  return sum;
}

}  // namespace

bool is_duration(std::string_view text) {
  return parsed_duration(text).has_value();
}

std::chrono::milliseconds duration(std::string_view text) {
  constexpr double most = 1e15;
  const auto found = parsed_duration(text);
  if (!found || text.front() == '-' || *found > most) return std::chrono::milliseconds{0};
  return std::chrono::milliseconds{static_cast<std::int64_t>(*found)};
}

bool is_size(std::string_view text) {
  const std::size_t end = number_end(text, 0);
  if (end == 0) return false;
  std::string unit = util::lower(text.substr(end));
  if (!unit.empty() && unit.front() == ' ') unit.erase(0, 1);
  if (unit.empty() || unit == "b") return true;
  if (std::string_view{"kmgtp"}.find(unit.front()) == std::string_view::npos) return false;
  const std::string_view rest = std::string_view{unit}.substr(1);
  return rest.empty() || rest == "b" || rest == "ib";
}

std::uint64_t size_in_bytes(std::string_view text) {
  if (!is_size(text)) return 0;
  const std::size_t end = number_end(text, 0);
  double value = 0;
  std::from_chars(text.data(), text.data() + end, value);
  const std::string unit = util::lower(util::trim(text.substr(end)));
  const auto power = unit.empty() ? std::string_view::npos : std::string_view{"kmgtp"}.find(unit.front());
  if (power != std::string_view::npos)
    for (std::size_t i = 0; i <= power; ++i) value *= 1024;
  constexpr double most = 1e18;
  return value < most ? static_cast<std::uint64_t>(value) : 0;
}

bool is_command_line(std::string_view text) {
  char quote = '\0';
  bool escaped = false;
  for (const char c : text) {
    if (escaped) {
      escaped = false;
    } else if (c == '\\' && quote != '\'') {
      escaped = true;
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = '\0';
    }
  }
  return quote == '\0' && !escaped;
}

}  // namespace doctor::deployment::compose
