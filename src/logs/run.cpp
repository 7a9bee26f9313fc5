#include "logs/run.hpp"

#include <algorithm>

namespace doctor::logs {
namespace {

constexpr std::size_t most_tail = 5;
constexpr std::uint64_t neighbourhood = 2;  ///< lines

bool is_error(const Line& line) {
  return line.level == Level::error || line.level == Level::fatal;
}

/// Cut between two characters of UTF-8.
std::string_view cut(std::string_view text) {
  if (text.size() <= most_shown) return text;
  std::size_t end = most_shown;
  while (end > most_shown - 4 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

void merge(Tally& into, const Tally& more) {
  if (into.count == 0) {
    into = more;
    return;
  }
  into.count += more.count;
  into.last = more.last;
  into.newest = more.newest;
  into.shown = more.shown;
}

}  // namespace

void Tally::add(const Line& line, std::uint64_t number) {
  if (count == 0) {
    first = line.at;
    first_line = number;
  }
  ++count;
  last_line = number;
  last = line.at;
  newest.assign(line.message.empty() ? line.text : line.message);
  shown = cut(line.text);
}

void Run::begin(const Line& line) {
  line_ = line;
  explained_ = false;
  ++lines_;
  if (first_at_ == 0) first_at_ = line.at;
  if (line.level != Level::none && line.level <= Level::info) ++quiet_lines_;
  if (is_error(line)) {
    ++errors_;
    last_error_ = cut(line.text);
  }
  tail_.resize(most_tail);
  tail_[(lines_ - 1) % most_tail].assign(cut(line.text));
}

void Run::reach(const std::string& milestone) {
  if (reached_.insert(milestone).second) milestones_.push_back({milestone, line_.at});
}

void Run::hit(std::size_t entry, std::size_t signature) {
  ++signature_counts_[signature];
  explained_ = true;
  auto& tally = tallies_[entry];
  if (tally.last_line == lines_) return;  // two signatures of one entry
  tally.add(line_, lines_);
  tally.signature = signature;
}

bool Run::is_neighbour(std::uint64_t number, std::int64_t at) const {
  return explained_line_ != 0 && number <= explained_line_ + neighbourhood && at == explained_at_;
}

/// Errors of lines before `before` have no explanation to wait for any more.
void Run::settle(std::uint64_t before) {
  while (!pending_.empty() && pending_.front().number < before) {
    merge(unexplained_, pending_.front().tally);
    pending_.pop_front();
  }
}

void Run::end() {
  settle(lines_ > neighbourhood ? lines_ - neighbourhood : 0);
  if (explained_) {
    explained_line_ = lines_;
    explained_at_ = line_.at;
    while (!pending_.empty() && pending_.back().tally.last == line_.at) pending_.pop_back();
    return;
  }
  if (!is_error(line_) || is_neighbour(lines_, line_.at)) return;
  Pending pending;
  pending.tally.add(line_, lines_);
  pending.number = lines_;
  pending_.push_back(std::move(pending));
}

std::uint64_t Run::count_of(std::size_t signature) const {
  const auto found = signature_counts_.find(signature);
  return found == signature_counts_.end() ? 0 : found->second;
}

LogsAnswer Run::summary() const {
  LogsAnswer answer;
  answer.lines = lines_;
  answer.errors = errors_;
  answer.since = first_at_;
  answer.last_error = last_error_;
  answer.milestones = milestones_;
  for (auto number = lines_ - std::min<std::uint64_t>(lines_, most_tail); number < lines_; ++number)
    answer.tail.push_back(tail_[number % most_tail]);
  return answer;
}

Tally Run::unexplained() const {
  auto all = unexplained_;
  for (const auto& pending : pending_) merge(all, pending.tally);
  return all;
}

}  // namespace doctor::logs
