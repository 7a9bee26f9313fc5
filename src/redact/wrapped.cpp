#include "redact/wrapped.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "redact/encodings.hpp"

namespace doctor::redact {
namespace {

constexpr auto none = std::string_view::npos;

bool may_be_wrapped(char c) {
  return is_base64_character(c) || c == '=';
}

bool is_break(char c) {
  return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/// Text without the line breaks in it, and where each of its characters stands.
struct Squeezed {
  std::string text;
  std::vector<std::size_t> places;

  void add(std::string_view from, std::size_t begin, std::size_t end) {
    for (auto at = begin; at < end; ++at) {
      text += from[at];
      places.push_back(at);
    }
  }
};

/// A line break with nothing but blanks around it: [begin, end).
struct Break {
  std::size_t begin = none;
  std::size_t end = none;
};

Break break_at(std::string_view text, std::size_t line_feed) {
  Break found{line_feed, line_feed + 1};
  while (found.begin > 0 && is_break(text[found.begin - 1])) --found.begin;
  while (found.end < text.size() && is_break(text[found.end])) ++found.end;
  return found;
}

bool joins(std::string_view text, const Break& found) {
  return found.begin > 0 && found.end < text.size() && may_be_wrapped(text[found.begin - 1]) &&
         may_be_wrapped(text[found.end]);
}

std::size_t run_begin(std::string_view text, std::size_t end, std::size_t most) {
  auto begin = end;
  while (begin > 0 && end - begin < most && may_be_wrapped(text[begin - 1])) --begin;
  return begin;
}

std::size_t run_end(std::string_view text, std::size_t begin, std::size_t most) {
  auto end = begin;
  while (end < text.size() && end - begin < most && may_be_wrapped(text[end])) ++end;
  return end;
}

/// From the run before the break to the run after the last break that joins, each line between being one run.
std::size_t squeeze(std::string_view text, Break at, std::size_t most, Squeezed& out) {
  out.add(text, run_begin(text, at.begin, most), at.begin);
  while (true) {
    const auto end = run_end(text, at.end, none);
    const auto after = end < text.size() && is_break(text[end]) ? break_at(text, end) : Break{};
    const bool on = after.begin == end && joins(text, after) &&
                    text.substr(after.begin, after.end - after.begin).find('\n') != none;
    out.add(text, at.end, on ? end : std::min(end, at.end + most));
    if (!on) return at.end;
    at = after;
  }
}

void find_in(const Squeezed& block, std::string_view text, const Needles& needles, Spans& found) {
  if (block.text.size() < Needles::shortest) return;
  for (auto& span : needles.find(block.text)) {
    const auto begin = block.places[span.begin];
    const auto end = block.places[span.end - 1] + 1;
    if (text.substr(begin, end - begin).find('\n') == none) continue;  // stands in one line
    found.push_back({begin, end, std::move(span.name), true});
  }
}

/// The lines at the end of a text that may be one run, about `most` characters of them.
Squeezed last_block(std::string_view text, std::size_t most) {
  Squeezed block;
  for (auto at = text.size(); at > 0 && block.text.size() < most;) {
    const auto line_end = at;
    while (at > 0 && is_break(text[at - 1])) --at;
    if (text.substr(at, line_end - at).find('\n') == none) break;
    const auto begin = run_begin(text, at, most);
    if (begin == at) break;
    for (; at > begin; --at) {
      block.text += text[at - 1];
      block.places.push_back(at - 1);
    }
  }
  std::reverse(block.text.begin(), block.text.end());
  std::reverse(block.places.begin(), block.places.end());
  return block;
}

}  // namespace

void find_wrapped(std::string_view text, const Needles& needles, Spans& found) {
  if (needles.empty()) return;
  for (auto at = text.find('\n'); at != none;) {
    const auto one = break_at(text, at);
    auto next = one.end;
    if (joins(text, one)) {
      Squeezed block;
      next = squeeze(text, one, needles.longest_added(), block);
      find_in(block, text, needles, found);
    }
    at = text.find('\n', next);
  }
}

std::size_t open_wrapped(std::string_view text, const Needles& needles) {
  if (needles.empty()) return none;
  const auto tail = last_block(text, 2 * needles.longest_added());
  const auto line_of = [&](std::size_t at) {
    const auto line = text.rfind('\n', tail.places[at]);
    return line == none ? 0 : line + 1;  // what stands before it may be its key
  };
  std::size_t begin = none;
  for (std::size_t at = 0; at < tail.text.size() && begin == none; ++at)
    if (needles.begins_one(std::string_view{tail.text}.substr(at))) begin = line_of(at);
  if (begin == none) return none;
  const auto found = needles.find(tail.text);
  for (bool moved = true; moved;) {  // not through the middle of one that is there
    moved = false;
    for (const auto& span : found) {
      if (tail.places[span.begin] >= begin || tail.places[span.end - 1] < begin) continue;
      begin = line_of(span.begin);
      moved = true;
    }
  }
  return begin;
}

}  // namespace doctor::redact
