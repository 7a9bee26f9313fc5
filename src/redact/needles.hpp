#pragma once

#include <cstdint>
#include <functional>
#include <set>
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
  void add_beside(const std::string& key, const std::string& value, const std::string& name);

  /// Call once when all are added.
  void finish();

  /// Gives every one the name that `renamed` says for its name.
  void rename(const std::function<std::string(const std::string& name)>& renamed);

  /// Every occurrence, sorted by place; they may overlap.
  Spans find(std::string_view text) const;

  /// Whether `text` is the beginning of one, but not the whole of it.
  bool begins_one(std::string_view text) const;

  bool empty() const { return entries_.empty(); }
  std::size_t longest_added() const { return longest_added_; }

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
  std::set<std::string, std::less<>> beginnings_;  ///< of one to three characters
  std::size_t longest_added_ = 0;
};

}  // namespace doctor::redact
