#include "redact/anchors.hpp"

#include <stdexcept>

namespace doctor::redact {

Anchors::Anchors() : table_((1U << bits) / 64), by_slot_(1U << bits) {
  for (unsigned c = 0; c < folded_.size(); ++c)
    folded_.at(c) = static_cast<std::uint8_t>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

void Anchors::add(std::string_view text, std::uint32_t id) {
  if (text.size() < shortest) throw std::logic_error("an anchor is too short");
  std::string folded;
  for (const char c : text) folded += static_cast<char>(fold(c));
  const auto slot = slot_of(fold(text[0]) << 16U | fold(text[1]) << 8U | fold(text[2]));
  table_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  by_slot_[slot].push_back(static_cast<std::uint32_t>(texts_.size()));
  texts_.push_back({std::move(folded), id});
}

bool Anchors::stands_in(std::string_view rest, std::string_view text) const {
  if (rest.size() < text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (fold(rest[i]) != static_cast<unsigned char>(text[i])) return false;
  return true;
}

}  // namespace doctor::redact
