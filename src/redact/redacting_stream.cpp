#include "redact/redacting_stream.hpp"

#include <utility>

namespace doctor::redact {

RedactingBuffer::RedactingBuffer(std::shared_ptr<const Redactor> redactor, std::ostream& sink)
    : redactor_{std::move(redactor)}, sink_{sink}, filter_{*redactor_, [this](std::string_view text) {
                                                             sink_ << text;
                                                             return static_cast<bool>(sink_);
                                                           }} {}

RedactingBuffer::~RedactingBuffer() {
  finish();
}

void RedactingBuffer::finish() {
  filter_.finish();
  sink_.flush();
}

RedactingBuffer::int_type RedactingBuffer::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  const char one = traits_type::to_char_type(character);
  return filter_.write({&one, 1}) ? character : traits_type::eof();
}

std::streamsize RedactingBuffer::xsputn(const char* text, std::streamsize count) {
  return filter_.write({text, static_cast<std::size_t>(count)}) ? count : 0;
}

int RedactingBuffer::sync() {
  filter_.release();
  sink_.flush();
  return sink_ ? 0 : -1;
}

}  // namespace doctor::redact
