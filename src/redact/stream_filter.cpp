#include "redact/stream_filter.hpp"

#include <algorithm>

#include "redact/patterns.hpp"
#include "redact/redactor_index.hpp"
#include "redact/wrapped.hpp"

namespace doctor::redact {
namespace {

constexpr std::size_t batch = 64 * 1024;
constexpr std::size_t longest_line = StreamFilter::most_held - batch;
/// How far a key may stand before its value.
constexpr std::size_t margin = 128;
constexpr std::size_t overlap = 2 * Needles::longest + 128 * 1024;
constexpr std::size_t least_progress = longest_line / 4;

}  // namespace

StreamFilter::StreamFilter(const Redactor& redactor, Sink sink, Mode mode)
    : redactor_{&redactor}, sink_{std::move(sink)}, mode_{mode} {}

bool StreamFilter::write(std::string_view piece) {
  for (; !piece.empty() && wanted_; piece.remove_prefix(std::min(batch, piece.size()))) take(piece.substr(0, batch));
  return wanted_;
}

void StreamFilter::take(std::string_view piece) {
  if (skipping_) {
    piece.remove_prefix(std::min(piece.find('\n'), piece.size()));
    skipping_ = piece.empty();
  }
  const auto before = held_.size();
  held_ += piece;
  if (held_.size() >= batch && held_.find('\n', before) != std::string::npos) release();
  if (held_.size() >= longest_line) shorten_line();
}

bool StreamFilter::release() {
  const auto line = held_.rfind('\n');
  if (line == std::string::npos) return wanted_;
  const auto whole = std::string_view{held_}.substr(0, line + 1);
  auto end = std::min(whole.size(), open_wrapped(whole, redactor_->index_->needles));
  if (const auto open = redactor_->index_->disguises.open_at(whole); open < end) end = not_within(whole, open);
  if (mode_ == Mode::everything) end = std::min(end, open_private_key(whole));
  let_go(end);
  return wanted_;
}

/// The beginning of a line, `at` or before, that no known value goes over.
std::size_t StreamFilter::not_within(std::string_view text, std::size_t at) const {
  constexpr std::size_t around = 8UL * 1024;
  const auto begin = at - std::min(at, around);
  const auto spans = redactor_->index_->known_spans(text.substr(begin, 2 * around));
  for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
    if (begin + span->begin >= at || begin + span->end <= at) continue;
    const auto line = text.rfind('\n', begin + span->begin);
    at = line == std::string_view::npos ? 0 : line + 1;
  }
  return at;
}

bool StreamFilter::finish() {
  let_go(held_.size());
  skipping_ = false;
  return wanted_;
}

void StreamFilter::let_go(std::size_t count) {
  if (count == 0 || !wanted_) return;
  const auto text = std::string_view{held_}.substr(0, count);
  const auto out =
      mode_ == Mode::everything ? redactor_->redact(text, counts_) : redactor_->redact_known(text, counts_);
  held_.erase(0, count);
  wanted_ = sink_(out);
}

/// What was found in the whole line is replaced in the part that leaves: its end may be what told a secret.
void StreamFilter::shorten_line() {
  const auto& index = *redactor_->index_;
  auto spans = mode_ == Mode::everything ? index.spans(held_) : index.known_spans(held_);
  const auto cut = cut_in_line(spans);
  if (cut == 0) return skip_line();
  spans.erase(std::find_if(spans.begin(), spans.end(), [cut](const Span& span) { return span.end > cut; }),
              spans.end());
  auto out = replaced(std::string_view{held_}.substr(0, cut), spans, counts_);
  if (mode_ == Mode::everything) out = redactor_->settled(std::move(out), counts_);
  held_.erase(0, cut);
  wanted_ = sink_(out);
}

/// Nothing but secrets, one beside the other.
void StreamFilter::skip_line() {
  ++counts_["line"];
  held_.erase(0, held_.find('\n'));
  skipping_ = held_.empty();
  wanted_ = sink_("[redacted:line]");
}

/// A place in a line that is too long to hold, with no secret near it, or else between two secrets; 0: there is none.
std::size_t StreamFilter::cut_in_line(const Spans& spans) const {
  std::size_t cut = held_.size() - overlap;
  for (auto span = spans.rbegin(); span != spans.rend(); ++span)
    if (span->begin < cut + margin && span->end + margin > cut) cut = span->begin > margin ? span->begin - margin : 0;
  if (cut >= least_progress) return cut;
  const auto last =
      std::find_if(spans.rbegin(), spans.rend(), [&](const Span& span) { return span.end <= held_.size() - overlap; });
  return last != spans.rend() && last->end >= least_progress ? last->end : 0;
}

}  // namespace doctor::redact
