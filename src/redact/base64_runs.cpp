#include <algorithm>
#include <array>
#include <string>

#include "redact/packed.hpp"

namespace doctor::redact {
namespace {

constexpr std::size_t most = 64UL * 1024;

constexpr std::array<signed char, 256> make_table() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<signed char, 256> table{};
  for (auto& value : table) value = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
  table['-'] = table['+'];
  table['_'] = table['/'];
  return table;
}
constexpr auto values = make_table();

void decode(std::string_view run, std::string& out) {
  out.clear();
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : run) {
    bits = (bits << 6U | static_cast<unsigned>(six_bits(c))) & 0xFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(static_cast<unsigned char>(bits >> count & 0xFFU));
  }
}

/// Names, paths and digests are of one case.
bool looks_encoded(std::string_view run) {
  constexpr std::ptrdiff_t several = 2;
  return std::count_if(run.begin(), run.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) >= several &&
         std::count_if(run.begin(), run.end(), [](char c) { return c >= 'a' && c <= 'z'; }) >= several;
}

}  // namespace

int six_bits(char c) {
  return values[static_cast<unsigned char>(c)];
}

std::size_t Base64Reader::read(std::string_view text, std::size_t at) {
  auto begin = at;
  while (begin > done_ && six_bits(text[begin - 1]) >= 0) --begin;
  auto end = at;
  while (end < text.size() && end - begin < most && six_bits(text[end]) >= 0) ++end;
  done_ = end - begin < most ? end : end - 2 * reach_;
  if (end - begin < least || !looks_encoded(text.substr(begin, end - begin))) return done_;
  for (auto first = begin; first < begin + 4; ++first) {
    decode(text.substr(first, end - first), bytes_);
    visit_({bytes_, [first](std::size_t byte) {
              return Decoded::Source{first + byte * 8 / 6, first + (byte * 8 + 7) / 6 + 1};
            }});
  }
  return done_;
}

}  // namespace doctor::redact
