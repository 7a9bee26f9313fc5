#include "bundle/hidden_addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "bundle/sha256.hpp"

namespace doctor::bundle {

/// A range of addresses that has a meaning of its own.
struct HiddenAddresses::Range {
  std::string_view prefix;  ///< whole bytes
  int bits;
  bool stays;  ///< every address in it
};

namespace {

using namespace std::string_view_literals;

constexpr std::size_t most_known = 65536;

bool bit(std::string_view bytes, int at) {
  const auto byte = static_cast<unsigned char>(bytes[static_cast<std::size_t>(at / 8)]);
  return (byte >> static_cast<unsigned>(7 - at % 8) & 1U) != 0;
}

/// How many leading bits are the same, at most `most`.
int common_bits(std::string_view a, std::string_view b, int most) {
  int count = 0;
  while (count < most && bit(a, count) == bit(b, count)) ++count;
  return count;
}

void keep_bits(std::string& bytes, int count) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int left = std::clamp(count - static_cast<int>(i) * 8, 0, 8);
    const auto mask = static_cast<unsigned>(0xFF00U >> static_cast<unsigned>(left)) & 0xFFU;
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) & mask);
  }
}

bool is_network(const std::string& bytes, int bits) {
  auto masked = bytes;
  keep_bits(masked, bits);
  return masked == bytes;
}

std::string parsed(int family, std::string_view text, std::size_t size) {
  if (text.size() > INET6_ADDRSTRLEN) return {};
  std::string bytes(size, '\0');
  return inet_pton(family, std::string{text}.c_str(), bytes.data()) == 1 ? bytes : std::string{};
}

std::string shown(int family, const std::string& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? std::string{} : text.data();
}

}  // namespace

std::string HiddenAddresses::digest(std::string_view about, std::string_view bytes) const {
  std::string text = key_;
  text.append(about).append(1, '\0').append(bytes);
  return Sha256::of(text);
}

/// One digest decides over the eight bits behind the bytes before them: one bit of it for each beginning of these.
std::string HiddenAddresses::flipped(const std::string& address, const Range* begin, const Range* end) const {
  const int bits = static_cast<int>(address.size()) * 8;
  int fixed = 0;
  for (const auto* range = begin; range != end; ++range) {
    const int common = common_bits(address, range->prefix, range->bits);
    if (common == range->bits && range->stays) return address;
    fixed = std::max(fixed, std::min(common + 1, range->bits));  // which way it goes where they part
  }
  std::string out = address;
  for (std::size_t byte = 0; byte < address.size(); ++byte) {
    const auto sum = digest("address", std::string_view{address}.substr(0, byte));
    unsigned node = 1;
    for (int i = 0; i < 8; ++i) {
      const int at = static_cast<int>(byte) * 8 + i;
      const auto digit = static_cast<unsigned char>(sum[node / 4]);
      const unsigned nibble = digit <= '9' ? digit - static_cast<unsigned char>('0') : digit - 'a' + 10U;
      if (at >= fixed && at < bits && (nibble >> (node % 4) & 1U) != 0)
        out[byte] = static_cast<char>(static_cast<unsigned char>(out[byte]) ^ (0x80U >> static_cast<unsigned>(i)));
      node = node * 2 + (bit(address, at) ? 1U : 0U);
    }
  }
  return out;
}

std::string HiddenAddresses::v4(const std::string& address) const {
  static constexpr std::array<Range, 14> ranges{{{"\x01\x01\x01\x01"sv, 32, true},  // resolvers that everybody may use
                                                 {"\x01\x00\x00\x01"sv, 32, true},
                                                 {"\x08\x08\x08\x08"sv, 32, true},
                                                 {"\x08\x08\x04\x04"sv, 32, true},
                                                 {"\x09\x09\x09\x09"sv, 32, true},
                                                 {"\x00"sv, 8, true},
                                                 {"\x7F"sv, 8, true},
                                                 {"\xAC\x11"sv, 16, true},
                                                 {"\xE0"sv, 3, true},
                                                 {"\x0A"sv, 8, false},
                                                 {"\x64\x40"sv, 10, false},
                                                 {"\xA9\xFE"sv, 16, false},
                                                 {"\xAC\x10"sv, 12, false},
                                                 {"\xC0\xA8"sv, 16, false}}};
  return flipped(address, ranges.data(), ranges.data() + ranges.size());
}

std::string HiddenAddresses::v6(const std::string& address) const {
  constexpr auto mapped = "\0\0\0\0\0\0\0\0\0\0\xFF\xFF"sv;           // RFC 4291, section 2.5.5.2
  constexpr auto translated = "\0\x64\xFF\x9B\0\0\0\0\0\0\0\0"sv;     // RFC 6052
  constexpr auto unspecified = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv;  // and ::1
  for (const auto prefix : {mapped, translated})
    if (std::string_view{address}.starts_with(prefix)) return std::string{prefix} + v4(address.substr(prefix.size()));
  static constexpr std::array<Range, 5> ranges{{{unspecified, 127, true},
                                                {"\xFF"sv, 8, true},
                                                {"\xFC"sv, 7, false},
                                                {"\xFE\x80"sv, 10, false},
                                                {"\x20"sv, 3, false}}};
  return flipped(address, ranges.data(), ranges.data() + ranges.size());
}

std::string HiddenAddresses::of(int family, std::string_view text, int bits) const {
  const auto address = parsed(family, text, family == AF_INET ? 4 : 16);
  if (address.empty()) return {};
  const bool network = bits >= 0 && bits < static_cast<int>(address.size()) * 8 && is_network(address, bits);
  const std::lock_guard lock{mutex_};
  if (known_.size() > most_known) known_.clear();
  auto& other = known_[address];
  if (other.empty()) other = family == AF_INET ? v4(address) : v6(address);
  auto shown_bytes = other;
  if (network) keep_bits(shown_bytes, bits);
  watched_.erase(shown_bytes);
  return shown(family, shown_bytes);
}

void HiddenAddresses::watch(std::string_view text) {
  for (const int family : {AF_INET, AF_INET6}) {
    const auto address = parsed(family, text, family == AF_INET ? 4 : 16);
    if (!address.empty() && (family == AF_INET ? v4(address) : v6(address)) != address) watched_.insert(address);
  }
}

std::set<std::string> HiddenAddresses::unused() const {
  const std::lock_guard lock{mutex_};
  return watched_;
}

std::string HiddenAddresses::of_v4(std::string_view text, int bits) const {
  return of(AF_INET, text, bits);
}

std::string HiddenAddresses::of_v6(std::string_view text, int bits) const {
  return of(AF_INET6, text, bits);
}

std::string HiddenAddresses::of_ethernet(std::string_view text) const {
  constexpr std::size_t size = 17;
  if (text.size() != size) return {};
  std::string lower{text};
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 3 == 2) {
      if (text[i] != ':') return {};
      continue;
    }
    char& c = lower[i];
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return {};
  }
  if (lower == "00:00:00:00:00:00" || lower == "ff:ff:ff:ff:ff:ff") return std::string{text};
  const auto sum = digest("ethernet", lower);
  std::string out = "02";
  for (std::size_t i = 0; i < 5; ++i) out += ":" + sum.substr(i * 2, 2);
  return out;
}

}  // namespace doctor::bundle
