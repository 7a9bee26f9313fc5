#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What a single line of a log says of itself.
namespace doctor::logs {

enum class Level { none, trace, debug, info, warning, error, fatal };

/// "error", "WARN", "fatal" ...: the level of that name in any case, Level::none for another word.
Level level_named(std::string_view word);

struct Line {
  std::string_view text;     ///< without colours
  std::string_view message;  ///< of a JSON line, unescaped, and the error that it tells of; empty for any other line
  Level level = Level::none;
  std::int64_t at = 0;  ///< seconds since 1970; 0: the line carries no time
};

/// A time at the beginning of a text.
struct Stamp {
  std::int64_t at = 0;     ///< seconds since 1970; 0 for a time of day without a date
  std::size_t length = 0;  ///< bytes that it takes; 0: there is none
};

/// RFC 3339, the same with a space, a comma before the fraction or slashes in the date; without a zone, or with the
/// letters of one other than UTC, `offset` seconds east of Greenwich hold. A "[" in front is skipped.
Stamp stamp_at_begin(std::string_view text, std::int64_t offset);

/// Reads lines one after the other. The answer is valid until the next call. Linear in the line; never throws on what
/// it holds.
class LineReader {
 public:
  /// `offset`: of times without a zone, in seconds east of Greenwich.
  explicit LineReader(std::int64_t offset = 0) : offset_{offset} {}
  Line read(std::string_view raw);

 private:
  std::string_view without_colours(std::string_view raw);

  std::int64_t offset_;
  std::string plain_;
  std::string message_;
};

}  // namespace doctor::logs
