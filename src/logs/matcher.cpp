#include "logs/matcher.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <bitset>
#include <cstring>
#include <unordered_map>

#include "logs/anchor.hpp"

namespace doctor::logs {
namespace {

constexpr std::size_t window = 7;
constexpr std::size_t table_bits = 18;
constexpr std::int64_t most_memory = 4 << 20;

std::uint32_t gram_at(const char* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word | 0x20202020U;
}

std::uint32_t slot_of(std::uint32_t gram) {
  return (gram * 2654435761U) >> (32U - table_bits);  // Fibonacci hashing (Knuth, TAOCP 6.4)
}

/// How rare a byte is in logs, roughly: letters of common words score low.
int rarity(char byte) {
  constexpr std::string_view common = " etaoinsrhldcumfpgwybvk";
  const auto at = common.find(byte);
  return at == std::string_view::npos ? 30 : static_cast<int>(at);
}

std::size_t rarest_window(const std::string& anchor) {
  std::size_t best = 0;
  int highest = -1;
  for (std::size_t begin = 0; begin + window <= anchor.size(); ++begin) {
    int score = 0;
    for (std::size_t i = 0; i < window; ++i) score += rarity(anchor[begin + i]);
    if (score > highest) {
      highest = score;
      best = begin;
    }
  }
  return best;
}

/// One anchor, and where in it one of its four groups begins.
struct Place {
  std::size_t pattern = 0;
  std::size_t anchor = 0;
  std::size_t offset = 0;
};

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

struct Matcher::State {
  std::vector<std::unique_ptr<RE2>> patterns;  ///< null: no RE2
  std::vector<std::string> anchors;
  std::vector<bool> anchored;           ///< by pattern
  std::vector<std::size_t> unanchored;  ///< patterns that must always be asked
  std::bitset<1U << table_bits> table;
  std::unordered_map<std::uint32_t, std::vector<Place>> places;

  void add_anchor(std::size_t pattern, const std::string& anchor) {
    const auto begin = rarest_window(anchor);
    anchors.push_back(anchor);
    for (std::size_t shift = 0; shift < 4; ++shift) {
      const auto gram = gram_at(anchor.data() + begin + shift);
      table.set(slot_of(gram));
      places[gram].push_back({pattern, anchors.size() - 1, begin + shift});
    }
  }

  bool stands_at(const Place& place, std::string_view text, std::size_t at) const {
    const auto& anchor = anchors[place.anchor];
    if (at < place.offset || at - place.offset + anchor.size() > text.size()) return false;
    const char* begin = text.data() + (at - place.offset);
    return std::equal(anchor.begin(), anchor.end(), begin, [](char a, char b) { return folded(a) == folded(b); });
  }

  void look_up(std::string_view text, std::size_t at, std::uint32_t gram, std::vector<std::size_t>& found) const {
    const auto entry = places.find(gram);
    if (entry == places.end()) return;
    for (const auto& place : entry->second)
      if (stands_at(place, text, at)) found.push_back(place.pattern);
  }
};

Matcher::Matcher(const std::vector<std::string>& patterns) : state_{std::make_unique<State>()} {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(most_memory);
  options.set_never_nl(false);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    auto pattern = std::make_unique<RE2>(patterns[i], options);
    auto anchors = pattern->ok() ? anchors_of(patterns[i], window) : std::vector<std::string>{};
    state_->anchored.push_back(!anchors.empty());
    if (pattern->ok() && anchors.empty()) state_->unanchored.push_back(i);
    for (const auto& anchor : anchors) state_->add_anchor(i, anchor);
    if (!pattern->ok()) pattern.reset();
    state_->patterns.push_back(std::move(pattern));
  }
}

Matcher::~Matcher() = default;

void Matcher::candidates(std::string_view text, std::vector<std::size_t>& found) const {
  const auto& state = *state_;
  const auto before = found.size();
  found.insert(found.end(), state.unanchored.begin(), state.unanchored.end());
  for (std::size_t at = 0; at + sizeof(std::uint32_t) <= text.size(); at += sizeof(std::uint32_t)) {
    const auto gram = gram_at(text.data() + at);
    if (state.table.test(slot_of(gram))) state.look_up(text, at, gram, found);
  }
  if (found.size() == before || found.size() == 1) return;
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
}

bool Matcher::matches(std::size_t pattern, std::string_view text) const {
  const auto& expression = state_->patterns[pattern];
  return expression && RE2::PartialMatch(piece(text), *expression);
}

std::map<std::string, std::string> Matcher::groups(std::size_t pattern, std::string_view text) const {
  std::map<std::string, std::string> groups;
  const auto& expression = state_->patterns[pattern];
  if (!expression) return groups;
  const auto count = expression->NumberOfCapturingGroups() + 1;
  std::vector<re2::StringPiece> parts(static_cast<std::size_t>(count));
  if (!expression->Match(piece(text), 0, text.size(), RE2::UNANCHORED, parts.data(), count)) return groups;
  for (const auto& [name, index] : expression->NamedCapturingGroups()) {
    const auto& part = parts[static_cast<std::size_t>(index)];
    if (!part.empty()) groups.emplace(name, std::string{part.data(), part.size()});
  }
  return groups;
}

bool Matcher::has_anchor(std::size_t pattern) const {
  return state_->anchored[pattern];
}

}  // namespace doctor::logs
