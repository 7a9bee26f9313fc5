#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace doctor::redact {

/// Finds many short texts at once, upper and lower case alike, by a table of their first three characters: one look per
/// byte of input before anything dearer is asked.
class Anchors {
 public:
  static constexpr std::size_t shortest = 3;

  Anchors();

  /// At least three characters.
  void add(std::string_view text, std::uint32_t id);

  /// Calls `hit(id, place)` for each occurrence, in the order of their places.
  template <class Hit>
  void each(std::string_view text, Hit&& hit) const {
    if (text.size() < shortest) return;
    std::uint32_t window = fold(text[0]) << 8U | fold(text[1]);
    for (std::size_t end = 2; end < text.size(); ++end) {
      window = (window << 8U | fold(text[end])) & 0xFFFFFFU;
      const auto slot = slot_of(window);
      if ((table_[slot / 64] >> (slot % 64) & 1U) == 0) continue;
      const auto rest = text.substr(end - 2);
      for (const auto index : by_slot_[slot])
        if (stands_in(rest, texts_[index].text)) hit(texts_[index].id, end - 2);
    }
  }

 private:
  struct Text {
    std::string text;
    std::uint32_t id = 0;
  };
  static constexpr unsigned bits = 14;

  std::uint32_t fold(char c) const { return folded_[static_cast<unsigned char>(c)]; }
  static std::uint32_t slot_of(std::uint32_t window) { return (window * 2654435761U) >> (32U - bits); }
  bool stands_in(std::string_view rest, std::string_view text) const;

  std::array<std::uint8_t, 256> folded_{};
  std::vector<Text> texts_;
  std::vector<std::uint64_t> table_;
  std::vector<std::vector<std::uint32_t>> by_slot_;
};

}  // namespace doctor::redact
