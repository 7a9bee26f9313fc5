#include <charconv>
#include <cmath>
#include <cstdlib>

#include "formats/yaml_tree.hpp"

// Plain scalars as go-yaml v3 resolves them into untyped values, printed as Go's %v prints them: `0777` in an
// environment becomes 511 and `1e6` becomes 1e+06 on the way to the container.

namespace doctor::formats {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool any_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const auto word : words) {
    if (text == word) return true;
  }
  return false;
}

std::string without_underscores(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '_') out += c;
  }
  return out;
}

int base_of(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  const char mark = static_cast<char>(digits[1] | 0x20);
  const int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
  digits.remove_prefix(base == 0 ? 1 : 2);
  return base == 0 ? 8 : base;
}

/// The integer in decimal digits, or "".
std::string integer(std::string_view plain) {
  const bool negative = plain.front() == '-';
  std::string_view digits = plain;
  if (negative || plain.front() == '+') digits.remove_prefix(1);
  const int base = base_of(digits);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return {};
  static constexpr std::uint64_t least = std::uint64_t{1} << 63U;
  if ((negative && value > least) || (plain.front() == '+' && value >= least)) return {};
  return (negative && value != 0 ? "-" : "") + std::to_string(value);
}

/// [-+]?(.[0-9]+|[0-9]+(.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_real(std::string_view text) {
  std::size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::size_t whole = i;
  while (i < text.size() && is_digit(text[i])) ++i;
  std::size_t digits = i - whole;
  if (i < text.size() && text[i] == '.') {
    const std::size_t fraction = ++i;
    while (i < text.size() && is_digit(text[i])) ++i;
    digits += i - fraction;
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    if (++i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    const std::size_t exponent = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    if (i == exponent) return false;
  }
  return i == text.size();
}

/// The shortest digits that give the same number; an exponent below -4 or from 6 on is written as such.
std::string printed(double value) {
  char buffer[64];
  const auto scientific = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string text{buffer, scientific.ptr};
  const auto mark = text.find('e');
  const int exponent = mark == std::string::npos ? 0 : std::atoi(text.c_str() + mark + 1);
  if (exponent < -4 || exponent >= 6) return text;
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  return {buffer, fixed.ptr};
}

/// YYYY-M-D, a time stamp of YAML 1.1.
bool is_date(std::string_view text) {
  if (text.size() < 8 || text.size() > 10 || text[4] != '-') return false;
  const auto second = text.find('-', 5);
  if (second == std::string_view::npos || second == 5 || second > 7 || second + 1 == text.size()) return false;
  if (text.size() - second > 3) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && i != second && !is_digit(text[i])) return false;
  }
  const int month = std::atoi(std::string{text.substr(5, second - 5)}.c_str());
  const int day = std::atoi(std::string{text.substr(second + 1)}.c_str());
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

std::string printed_date(const std::string& text) {
  const auto second = text.find('-', 5);
  const auto padded = [](const std::string& number) { return number.size() == 1 ? "0" + number : number; };
  return text.substr(0, 4) + "-" + padded(text.substr(5, second - 5)) + "-" + padded(text.substr(second + 1)) +
         " 00:00:00 +0000 UTC";
}

}  // namespace

YamlKind resolve_plain(std::string& text) {
  if (any_of(text, {"", "~", "null", "Null", "NULL"})) return YamlKind::null;
  if (any_of(text, {"true", "True", "TRUE"})) {
    text = "true";
    return YamlKind::boolean;
  }
  if (any_of(text, {"false", "False", "FALSE"})) {
    text = "false";
    return YamlKind::boolean;
  }
  const char first = text.front();
  if (!is_digit(first) && first != '+' && first != '-' && first != '.') return YamlKind::text;
  if (any_of(text, {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"})) {
    text = "+Inf";
    return YamlKind::real;
  }
  if (any_of(text, {"-.inf", "-.Inf", "-.INF"})) {
    text = "-Inf";
    return YamlKind::real;
  }
  if (any_of(text, {".nan", ".NaN", ".NAN"})) {
    text = "NaN";
    return YamlKind::real;
  }
  if (is_date(text)) {
    text = printed_date(text);
    return YamlKind::text;
  }
  const std::string plain = without_underscores(text);
  if (plain.empty() || plain.size() > 400) return YamlKind::text;
  if (std::string number = integer(plain); !number.empty()) {
    text = std::move(number);
    return YamlKind::integer;
  }
  if (!looks_real(plain)) return YamlKind::text;
  const double value = std::strtod(plain.c_str(), nullptr);
  if (std::isinf(value)) return YamlKind::text;
  text = printed(value);
  return YamlKind::real;
}

}  // namespace doctor::formats
