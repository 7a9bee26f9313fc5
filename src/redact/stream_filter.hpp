#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "redact/redactor.hpp"
#include "redact/span.hpp"

namespace doctor::redact {

/// Redacts a text that comes in pieces of any size and hands on what is safe: whole lines, and the parts of a line too
/// long to hold. Secrets across the borders of pieces are found, private keys and base64 of several lines too: the
/// pieces make no difference to the result. Holds at most 1 MB. `redactor` must outlive it. Not thread-safe.
class StreamFilter {
 public:
  /// Takes redacted text in order. False: no more is wanted.
  using Sink = std::function<bool(std::string_view text)>;

  enum class Mode {
    everything,  ///< Redactor::redact()
    known        ///< Redactor::redact_known()
  };

  static constexpr std::size_t most_held = 1024 * 1024;

  StreamFilter(const Redactor& redactor, Sink sink, Mode mode = Mode::everything);

  /// False: the sink wants no more.
  bool write(std::string_view piece);
  /// Hands on the whole lines that have come, but for what the next line may make a secret of.
  bool release();
  /// The end: hands on the rest. Another text may follow; the counts go on.
  bool finish();

  const Counts& counts() const { return counts_; }

 private:
  void take(std::string_view piece);
  void let_go(std::size_t count);
  void shorten_line();
  void skip_line();
  std::size_t not_within(std::string_view text, std::size_t at) const;
  std::size_t cut_in_line(const Spans& spans) const;

  const Redactor* redactor_;
  Sink sink_;
  Mode mode_;
  std::string held_;
  Counts counts_;
  bool wanted_ = true;
  bool skipping_ = false;  ///< to the end of a line in which nothing but secrets was seen
};

}  // namespace doctor::redact
