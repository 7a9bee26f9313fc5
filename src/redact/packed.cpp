#include "redact/packed.hpp"

#include <algorithm>
#include <array>

#include "redact/digits.hpp"

namespace doctor::redact {
namespace {

constexpr unsigned digit_or_separator = 1;
constexpr unsigned of_base64 = 2;
constexpr std::size_t most_reach = 8UL * 1024;

/// What a byte may belong to.
const std::array<std::uint8_t, 256>& kinds() {
  static const std::array<std::uint8_t, 256> table = [] {
    std::array<std::uint8_t, 256> made{};
    for (unsigned i = 0; i < made.size(); ++i) {
      const auto c = static_cast<char>(static_cast<unsigned char>(i));
      const unsigned digit = hex_digit(c) >= 0 || is_separator(c) ? digit_or_separator : 0U;
      made.at(i) = static_cast<std::uint8_t>(digit | (six_bits(c) >= 0 ? of_base64 : 0U));
    }
    return made;
  }();
  return table;
}

}  // namespace

std::string bytes_of(std::string_view value) {
  constexpr std::size_t shortest_key = 16;
  constexpr std::size_t most_key = 32UL * 1024;
  if (value.size() < shortest_key || value.size() > most_key) return {};
  std::string bytes;
  const bool digits = std::all_of(value.begin(), value.end(), [](char c) { return hex_digit(c) >= 0; });
  if (digits && value.size() % 2 == 0) {
    for (std::size_t at = 0; at < value.size(); at += 2)
      bytes += static_cast<char>(static_cast<unsigned char>(hex_number(value, at, 2)));
    return bytes;
  }
  while (value.ends_with('=')) value.remove_suffix(1);
  const VisitDecoded visit = [&](const Decoded& one) {
    if (bytes.empty() && one.text.size() == value.size() * 6 / 8) bytes = std::string{one.text};
  };
  Base64Reader{0, visit}.read(value, 0);
  return bytes;
}

/// Looks at pieces at every sixth byte, all of whose bytes must be of one kind: twelve digits begin with less than six
/// bytes before such a piece of seven, twenty characters of base64 before one of fourteen. Without branches, since
/// these would be the dearest.
void each_packed(std::string_view text, bool base64, std::size_t reach, const VisitDecoded& visit) {
  constexpr std::size_t step = HexadecimalReader::least / 2;
  constexpr std::size_t short_piece = HexadecimalReader::least - step + 1;
  constexpr std::size_t long_piece = Base64Reader::least - step;
  const auto& table = kinds();
  const auto kind = [&](std::size_t begin, std::size_t end) {
    unsigned all = 0xFF;
    for (auto i = begin; i < end; ++i) all &= table[static_cast<unsigned char>(text[i])];
    return all;
  };
  HexadecimalReader digits{std::min(reach, most_reach), visit};
  Base64Reader runs{std::min(reach, most_reach), visit};
  std::size_t digits_done = 0;
  std::size_t runs_done = 0;
  for (std::size_t at = 0; at + short_piece <= text.size(); at += step) {
    const auto both = kind(at, at + short_piece);
    if ((both & digit_or_separator) != 0 && at >= digits_done) digits_done = digits.read(text, at);
    if (!base64 || (both & of_base64) == 0 || at < runs_done || at + long_piece > text.size()) continue;
    if ((kind(at + short_piece, at + long_piece) & of_base64) != 0) runs_done = runs.read(text, at);
  }
  each_list(text, std::min(reach, most_reach), visit);
}

}  // namespace doctor::redact
