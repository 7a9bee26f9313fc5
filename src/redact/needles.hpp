#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "redact/encodings.hpp"
#include "redact/span.hpp"

namespace doctor::redact {

/// Finds many fixed texts at once, by a table of their first four bytes: one look per byte of input.
class Needles {
 public:
  static constexpr std::size_t shortest = 4;
  static constexpr std::size_t longest = 4096;

  Needles();

  /// Longer ones are looked for piece by piece; shorter ones than four bytes are ignored.
  void add(const Form& form, const std::string& name);

  /// `value` counts only where `key` stands before it: KEY=value, "KEY": "value".
  void add_beside(const std::string& key, const std::string& value);

  /// Call once when all are added.
  void finish();

  /// Every occurrence, sorted by place; they may overlap.
  Spans find(std::string_view text) const;

  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::string bytes;
    std::string name;
    std::size_t lead = 0;
    std::size_t tail = 0;
    std::string value;  ///< only beside a key
  };

  void insert(Entry entry);
  bool match(const Entry& entry, std::string_view text, std::size_t at, Span& span) const;
  static bool match_beside(const Entry& entry, std::string_view text, std::size_t at, Span& span);

  std::vector<Entry> entries_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> by_prefix_;
  std::vector<std::uint64_t> table_;
};

}  // namespace doctor::redact
