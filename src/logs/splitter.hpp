#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace doctor::logs {

/// Cuts a stream of bytes into lines that end with LF, CR or both. Empty lines are left out; of a long line the first
/// 64 KB are kept.
class LineSplitter {
 public:
  static constexpr std::size_t most_line = 64 * 1024;

  /// Calls `take(std::string_view)` for each line that ends in `bytes`.
  template <class Take>
  void feed(std::string_view bytes, Take&& take) {
    while (!bytes.empty()) {
      const auto end = end_of_line(bytes);
      if (end == std::string_view::npos) return keep(bytes);
      if (begun_.empty()) {
        skipped_ += excess(end);
        if (end > 0) take(bytes.substr(0, std::min(end, most_line)));
      } else {
        keep(bytes.substr(0, end));
        take(std::string_view{begun_});
        begun_.clear();
      }
      bytes.remove_prefix(end + 1);
    }
  }

  /// The end of the stream: what is left is a line.
  template <class Take>
  void finish(Take&& take) {
    if (!begun_.empty()) take(std::string_view{begun_});
    begun_.clear();
  }

  std::uint64_t skipped() const { return skipped_; }  ///< bytes past 64 KB of their lines

 private:
  /// Two searches for one byte are several times faster than one for either.
  static std::size_t end_of_line(std::string_view bytes) {
    const auto feed = bytes.find('\n');
    const auto back = bytes.substr(0, feed).find('\r');
    return back == std::string_view::npos ? feed : back;
  }
  static std::size_t excess(std::size_t size) { return size > most_line ? size - most_line : 0; }
  void keep(std::string_view part) {
    const auto room = most_line - begun_.size();
    begun_.append(part.substr(0, room));
    if (part.size() > room) skipped_ += part.size() - room;
  }

  std::string begun_;
  std::uint64_t skipped_ = 0;
};

}  // namespace doctor::logs
