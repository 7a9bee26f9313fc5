#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace doctor::probes {

/// One answer of Redis, version 2 of its protocol (RESP2).
struct RedisReply {
  std::string kind;                ///< "string", "integer", "array", "nil", "error"
  std::string text;                ///< of a string, an integer or an error
  std::vector<std::string> items;  ///< of an array, its leaves in order
};

/// Why bytes are no answer.
struct RedisReplyError {
  bool too_large = false;
  std::string code;  ///< "not-redis" (from the first byte on), "protocol", "line", "bulk", "depth", "elements", "size"
  std::string detail;  ///< without any part of the bytes
};

/// Follows the frame of an answer while its bytes arrive, and holds the bounds on the lengths that it announces before
/// anything is allocated for them: 64 KB a line, 8 MB a bulk string and all together, depth 32, 1,000,000 elements.
class RedisFrame {
 public:
  static constexpr std::size_t most_line = 64UL * 1024;
  static constexpr std::size_t most_bulk = 8UL * 1024 * 1024;
  static constexpr std::size_t most_bytes = most_bulk + most_line;
  static constexpr std::size_t most_depth = 32;
  static constexpr std::size_t most_elements = 1'000'000;

  /// How many of the bytes belong to the answer; fewer than given only when it is complete.
  tl::expected<std::size_t, RedisReplyError> take(std::string_view bytes);
  bool is_complete() const { return complete_; }

 private:
  using Step = tl::expected<void, RedisReplyError>;
  Step take_line(char c);
  Step take_bulk_end(char c);
  Step take_header();
  Step take_bulk_length(std::string_view text);
  Step take_count(std::string_view text);
  void end_element();

  std::size_t bytes_ = 0;
  std::string line_;
  std::size_t bulk_left_ = 0;        ///< bytes still missing of a bulk string
  std::size_t end_left_ = 0;         ///< and of the line end behind it
  std::vector<std::size_t> open_{};  ///< elements still missing, of each open array
  std::size_t elements_ = 0;
  bool complete_ = false;
};

/// Collects one answer, which hiredis then reads. After an answer or an error it must not be used again.
class RedisReplyReader {
 public:
  /// The answer as soon as it is whole. Bytes behind it are an error: nothing was asked that they could answer.
  tl::expected<std::optional<RedisReply>, RedisReplyError> take(std::string_view bytes);
  bool has_begun() const { return !bytes_.empty(); }

 private:
  RedisFrame frame_;
  std::string bytes_;
};

/// A command as hiredis formats it.
std::string redis_command(const std::vector<std::string>& words);

}  // namespace doctor::probes
