#include "redact/redacting_stream.hpp"

#include <algorithm>

#include "redact/patterns.hpp"
#include "redact/redactor_index.hpp"

namespace doctor::redact {
namespace {

constexpr std::size_t batch = 64 * 1024;
/// How far a key may stand before its value, and how long a secret is held together.
constexpr std::size_t margin = 128;
constexpr std::size_t hard_limit = 16 * RedactingBuffer::most_held;  // secrets without a gap for that long
constexpr std::size_t overlap = 2 * Needles::longest + 128 * 1024;

}  // namespace

RedactingBuffer::RedactingBuffer(std::shared_ptr<const Redactor> redactor, std::ostream& sink)
    : redactor_{std::move(redactor)}, sink_{sink} {}

RedactingBuffer::~RedactingBuffer() {
  finish();
}

void RedactingBuffer::finish() {
  let_go(held_.size());
  sink_.flush();
}

RedactingBuffer::int_type RedactingBuffer::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  held_ += traits_type::to_char_type(character);
  if (held_.size() >= batch && held_.back() == '\n') drain();
  if (held_.size() >= next_cut_) drain();
  return sink_ ? character : traits_type::eof();
}

std::streamsize RedactingBuffer::xsputn(const char* text, std::streamsize count) {
  const auto before = held_.size();
  held_.append(text, static_cast<std::size_t>(count));
  const bool line = held_.size() >= batch && held_.find('\n', before) != std::string::npos;
  if (line || held_.size() >= next_cut_) drain();
  return sink_ ? count : 0;
}

int RedactingBuffer::sync() {
  drain();
  sink_.flush();
  return sink_ ? 0 : -1;
}

void RedactingBuffer::drain() {
  const auto line = held_.rfind('\n');
  if (line != std::string::npos)
    let_go(std::min(line + 1, open_private_key(std::string_view{held_}.substr(0, line + 1))));
  if (held_.size() < next_cut_) return;
  const auto cut = safe_cut();
  let_go(cut > 0 || held_.size() < hard_limit ? cut : held_.size() - overlap);
  next_cut_ = held_.size() + most_held;
}

void RedactingBuffer::let_go(std::size_t count) {
  if (count == 0) return;
  sink_ << redactor_->redact(std::string_view{held_}.substr(0, count));
  held_.erase(0, count);
}

/// A place in a line that is too long to hold, with no secret near it.
std::size_t RedactingBuffer::safe_cut() const {
  auto cut = held_.size() - overlap;
  const auto spans = redactor_->index_->spans(held_);
  for (auto span = spans.rbegin(); span != spans.rend(); ++span)
    if (span->begin < cut + margin && span->end + margin > cut) cut = span->begin > margin ? span->begin - margin : 0;
  return cut;
}

}  // namespace doctor::redact
