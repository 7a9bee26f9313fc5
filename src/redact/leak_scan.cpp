#include "redact/leak_scan.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "redact/leak_views.hpp"
#include "redact/redactor_index.hpp"

namespace doctor::redact {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::size_t window = 256 * 1024;
/// A value is looked for in parts of this size; written with six characters for each of its bytes, in base64 with line
/// breaks, it still lies within the overlap of two windows.
constexpr std::size_t part = 1024;
constexpr std::size_t overlap = 32 * 1024;

/// Finds many texts at once by a rolling hash of their first six bytes (Rabin and Karp).
class Sieve {
 public:
  static constexpr std::size_t width = 6;

  void add(std::string_view text, std::size_t id) {
    if (text.size() < width) return;
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < width; ++i) hash = hash * base + static_cast<unsigned char>(text[i]);
    seen_[slot_of(hash) / 64] |= std::uint64_t{1} << (slot_of(hash) % 64);
    texts_[hash].emplace_back(std::string{text}, id);
  }

  /// Calls `hit(id, place)` for each occurrence.
  template <class Hit>
  void search(std::string_view text, Hit&& hit) const {
    if (text.size() < width || texts_.empty()) return;
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i + 1 < width; ++i) hash = hash * base + static_cast<unsigned char>(text[i]);
    for (std::size_t end = width - 1; end < text.size(); ++end) {
      hash = hash * base + static_cast<unsigned char>(text[end]);
      const auto begin = end + 1 - width;
      const auto slot = slot_of(hash);
      if ((seen_[slot / 64] >> (slot % 64) & 1U) != 0) verify(text.substr(begin), hash, begin, hit);
      hash -= static_cast<unsigned char>(text[begin]) * highest;
    }
  }

 private:
  static constexpr std::uint64_t base = 0x100000001B3ULL;
  static constexpr std::uint64_t highest = base * base * base * base * base;
  static constexpr std::size_t slots = 1UL << 16U;
  static std::size_t slot_of(std::uint64_t hash) { return (hash * 0x9E3779B97F4A7C15ULL) >> 48U; }

  template <class Hit>
  void verify(std::string_view rest, std::uint64_t hash, std::size_t place, Hit&& hit) const {
    const auto list = texts_.find(hash);
    if (list == texts_.end()) return;
    for (const auto& [text, id] : list->second)
      if (rest.starts_with(text)) hit(id, place);
  }

  std::vector<std::uint64_t> seen_ = std::vector<std::uint64_t>(slots / 64);
  std::unordered_map<std::uint64_t, std::vector<std::pair<std::string, std::size_t>>> texts_;
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_of_base64(char c) {
  return is_word(c) || c == '+' || c == '/' || c == '-' || c == '=';
}

/// Whether `value` is what a key that ends at `end` has: KEY=value, "KEY": "value".
bool has_value(std::string_view text, std::size_t begin, std::size_t end, std::string_view value) {
  constexpr std::string_view around = "\"'\\ ";
  if (begin > 0 && is_word(text[begin - 1])) return false;
  while (end < text.size() && around.find(text[end]) != none) ++end;
  if (end == text.size() || (text[end] != '=' && text[end] != ':')) return false;
  for (++end; end < text.size() && around.find(text[end]) != none;) ++end;
  if (!text.substr(end).starts_with(value)) return false;
  const auto after = end + value.size();
  return after >= text.size() || !is_word(text[after]);
}

/// Whether a line of base64 is near, perhaps behind headers: else "PRIVATE KEY-----" is a word about keys.
template <class Iterator>
bool has_key_body(Iterator at, Iterator end) {
  constexpr std::string_view between = "-\\\r\n\t :,|";
  constexpr std::size_t least = 32;
  constexpr std::size_t far = 256;
  std::size_t run = 0;
  for (std::size_t seen = 0; at != end && seen < far; ++at, ++seen) {
    const bool splits = between.find(*at) != none;
    if (!splits && !is_of_base64(*at)) return false;
    run = splits ? 0 : run + 1;
    if (run >= least) return true;
  }
  return false;
}

}  // namespace

struct LeakScan::State {
  struct Beside {
    std::string key;
    std::string value;
  };
  static constexpr std::size_t private_key = 0;
  static constexpr std::size_t first_key = 1UL << 32U;

  std::vector<std::string> names{"private-key"};
  std::vector<Beside> beside;
  static constexpr std::string_view mark = "PRIVATE KEY-----";

  Sieve plain;  ///< values, the mark of private keys, and behind them the keys of values that are looked for beside one
  Sieve base64;  ///< of values and of the mark
  Sieve hexadecimal;
  std::string characters{mark};  ///< that the values have
  std::string held;
  std::size_t old = 0;  ///< bytes at the front of `held` that were looked at before
  std::set<std::string> found;

  void add(const KnownSecret& secret) {
    const auto id = names.size();
    names.push_back(secret.name);
    for (std::size_t at = 0; at < secret.value.size(); at += part)
      add_part(std::string_view{secret.value}.substr(at, part), id);
  }

  void add_part(std::string_view value, std::size_t id) {
    plain.add(value, id);
    for (const char c : value)
      if (characters.find(c) == std::string::npos) characters += c;
    add_base64(value, id);
    hexadecimal.add(hexadecimal_of(value), id);
  }

  void add_base64(std::string_view value, std::size_t id) {
    for (const unsigned offset : {0U, 1U, 2U}) base64.add(base64_within(value, offset), id);
  }

  void add_beside(const KnownSecret& secret) {
    if (secret.name.size() < Sieve::width) return;
    plain.add(secret.name, first_key + beside.size());
    beside.push_back({secret.name, secret.value});
  }

  void read(std::string_view text) {
    plain.search(text, [&](std::size_t id, std::size_t place) {
      if (id >= first_key)
        look_beside(beside[id - first_key], text, place);
      else if (id == private_key)
        look_around_mark(text, place);
      else
        found.insert(names[id]);
    });
  }

  void look_beside(const Beside& one, std::string_view text, std::size_t place) {
    if (has_value(text, place, place + one.key.size(), one.value)) found.insert(one.key);
  }

  /// "-----BEGIN ... PRIVATE KEY-----" and what follows it, or, in what lost its beginning, the line that ends a key.
  void look_around_mark(std::string_view text, std::size_t place) {
    constexpr std::size_t before = 32;
    const auto begin = place > before ? place - before : 0;
    const auto words = text.substr(begin, place - begin);
    const auto behind = text.substr(place + mark.size());
    const bool begins = words.find("-----BEGIN ") != none && has_key_body(behind.begin(), behind.end());
    const auto end = words.find("-----END ");
    const auto body = text.substr(0, begin + (end == none ? 0 : end));
    if (begins || (end != none && has_key_body(body.rbegin(), body.rend()))) found.insert(names[private_key]);
  }

  /// What is held as a whole; its end stays for the next time.
  void look() {
    for (const auto& reading : readings_of(held, characters)) read(reading);
    const auto joined = without_breaks(held);
    base64.search(joined, [&](std::size_t id, std::size_t) { found.insert(names[id]); });
    hexadecimal.search(unparted_digits(folded(joined)), [&](std::size_t id, std::size_t) { found.insert(names[id]); });
    old = std::min(held.size(), overlap);
    held.erase(0, held.size() - old);
  }
};

LeakScan::LeakScan(const Redactor& redactor, const std::vector<KnownSecret>& more) : state_{std::make_unique<State>()} {
  state_->plain.add(State::mark, State::private_key);
  state_->add_base64(State::mark, State::private_key);
  for (const auto& secret : redactor.index_->secrets) state_->add(secret);
  for (const auto& secret : redactor.index_->beside) state_->add_beside(secret);
  for (const auto& secret : more) state_->add(secret);
}

LeakScan::~LeakScan() = default;
LeakScan::LeakScan(LeakScan&&) noexcept = default;
LeakScan& LeakScan::operator=(LeakScan&&) noexcept = default;

void LeakScan::write(std::string_view piece) {
  while (!piece.empty()) {
    const auto room = window - std::min(window, state_->held.size());
    state_->held += piece.substr(0, room);
    piece.remove_prefix(std::min(room, piece.size()));
    if (state_->held.size() >= window) state_->look();
  }
}

std::set<std::string> LeakScan::finish() {
  if (state_->held.size() > state_->old) state_->look();
  state_->held.clear();
  state_->old = 0;
  return std::exchange(state_->found, {});
}

std::set<std::string> LeakScan::scan(std::string_view text) {
  write(text);
  return finish();
}

}  // namespace doctor::redact
