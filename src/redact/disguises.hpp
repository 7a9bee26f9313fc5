#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "redact/decoded.hpp"
#include "redact/needles.hpp"
#include "redact/span.hpp"

namespace doctor::redact {

/// Known values in writings of which there are too many to look for each (forms_of() lists those that are canonical):
/// any of their characters escaped, in percent encoding, JSON and other backslashes, HTML entities or quoted-printable,
/// twice or one in the other; base64 that is escaped so or holds one of these; hexadecimal digits in either case, with
/// separators or not; lists of bytes. Reads what looks encoded and searches that for the values, so that text without
/// escapes costs next to nothing. Linear; of each of three readings, one in the other, 64 kB are held.
class Disguises {
 public:
  void add(std::string_view value, const std::string& name);
  /// `value` counts only where `key` stands before it.
  void add_beside(const std::string& key, const std::string& value, const std::string& name);
  /// The bytes that a value stands for that is hexadecimal or base64 itself.
  void add_bytes(std::string_view bytes, const std::string& name);

  /// Call once when all are added.
  void finish() { needles_.finish(); }
  void rename(const std::function<std::string(const std::string& name)>& renamed) { needles_.rename(renamed); }

  /// Every occurrence that is encoded. Not sorted.
  void find(std::string_view text, Spans& found) const;

  /// The beginning of the line in which one may have begun that the next line would complete, in text that ends with a
  /// line break (std::string_view::npos: there is none). A stream must see more before it lets go of that part.
  std::size_t open_at(std::string_view text) const;

 private:
  class Search;
  void want(std::string_view value);

  Needles needles_;
  Bytes wanted_;           ///< that the values have, and what begins escapes and breaks lines
  std::size_t reach_ = 0;  ///< how far an escape may be from the end of a value that it stands in
};

}  // namespace doctor::redact
