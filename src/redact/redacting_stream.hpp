#pragma once

#include <memory>
#include <ostream>
#include <streambuf>

#include "redact/stream_filter.hpp"

namespace doctor::redact {

/// A stream buffer before standard output, standard error or a log: lets whole lines through, redacted. A private key
/// of several lines is held back until its end. Not thread-safe, as streams are.
class RedactingBuffer final : public std::streambuf {
 public:
  static constexpr std::size_t most_held = StreamFilter::most_held;

  RedactingBuffer(std::shared_ptr<const Redactor> redactor, std::ostream& sink);
  ~RedactingBuffer() override;
  RedactingBuffer(const RedactingBuffer&) = delete;
  RedactingBuffer& operator=(const RedactingBuffer&) = delete;

  /// Lets go of a last line without line break too. The destructor does it as well.
  void finish();

 protected:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* text, std::streamsize count) override;
  /// Flushes whole lines; what comes after the last line break stays.
  int sync() override;

 private:
  std::shared_ptr<const Redactor> redactor_;
  std::ostream& sink_;
  StreamFilter filter_;
};

/// An output stream with such a buffer.
class RedactingStream final : public std::ostream {
 public:
  RedactingStream(std::shared_ptr<const Redactor> redactor, std::ostream& sink)
      : std::ostream{nullptr}, buffer_{std::move(redactor), sink} {
    rdbuf(&buffer_);
  }
  void finish() { buffer_.finish(); }

 private:
  RedactingBuffer buffer_;
};

}  // namespace doctor::redact
