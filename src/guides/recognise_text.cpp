#include "guides/recognise_text.hpp"

#include <algorithm>
#include <cstdint>

#include <re2/re2.h>

#include "util/text.hpp"

namespace doctor::guides {
namespace {

constexpr std::size_t most_text = 64UL * 1024;
constexpr std::size_t shortest_quote = 12;
constexpr std::int64_t most_memory = 8LL * 1024 * 1024;

struct Match {
  std::string code;
  bool by_pattern = false;
  std::size_t length = 0;  ///< of what matched
};

/// How much of the line the pattern matches; 0: nothing.
std::size_t match_length(const RE2& pattern, const std::string& line) {
  re2::StringPiece found;
  const bool matches = pattern.ok() && pattern.Match(line, 0, line.size(), RE2::UNANCHORED, &found, 1);
  return matches ? found.size() : 0;
}

std::size_t pattern_match(const Entry& entry, const std::vector<std::string>& lines) {
  RE2::Options options{RE2::Quiet};
  options.set_max_mem(most_memory);
  std::size_t best = 0;
  for (const auto& signature : entry.log) {
    const RE2 pattern{signature.match, options};
    for (const auto& line : lines) best = std::max(best, match_length(pattern, line));
  }
  return best;
}

std::size_t quote_match(const Entry& entry, const std::vector<std::string>& lines) {
  const auto symptom = util::lower(entry.symptom);
  std::size_t best = 0;
  for (const auto& line : lines) {
    const auto quote = util::lower(line);
    if (quote.size() >= shortest_quote && symptom.find(quote) != std::string::npos) best = std::max(best, quote.size());
  }
  return best;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto& line : util::split(std::string{text.substr(0, most_text)}, '\n'))
    if (auto trimmed = util::trim(line); !trimmed.empty()) lines.push_back(std::move(trimmed));
  return lines;
}

bool is_better(const Match& a, const Match& b) {
  return a.by_pattern != b.by_pattern ? a.by_pattern : a.length > b.length;
}

}  // namespace

std::vector<std::string> recognise_text(const Library& library, std::string_view text) {
  const auto lines = lines_of(text);
  std::vector<Match> matches;
  for (const auto& code : library.codes()) {
    const auto entry = library.entry(code);
    if (!entry) continue;
    const auto by_pattern = pattern_match(*entry, lines);
    const auto length = by_pattern > 0 ? by_pattern : quote_match(*entry, lines);
    if (length > 0) matches.push_back({code, by_pattern > 0, length});
  }
  std::stable_sort(matches.begin(), matches.end(), is_better);
  std::vector<std::string> codes;
  for (auto& match : matches) codes.push_back(std::move(match.code));
  return codes;
}

}  // namespace doctor::guides
