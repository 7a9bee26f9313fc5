#include <algorithm>
#include <string>
#include <vector>

#include "redact/decoded.hpp"
#include "redact/digits.hpp"
#include "redact/packed.hpp"

namespace doctor::redact {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::size_t least_bytes = 6;
constexpr std::size_t least_digits = HexadecimalReader::least;
constexpr std::size_t least_of_line = 8;  // digits before a line break that others may go on behind
constexpr std::size_t most_digits = 64UL * 1024;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool is_hex(std::string_view text, std::size_t at) {
  return at < text.size() && hex_digit(text[at]) >= 0;
}

/// Behind a line break at `at`, which may have a separator before it and blanks around it; `at` when there is none.
std::size_t behind_line_break(std::string_view text, std::size_t at) {
  constexpr std::size_t most_blanks = 256;
  const auto limit = std::min(text.size(), at + most_blanks);
  auto next = at;
  if (next < limit && (text[next] == ':' || text[next] == '-')) ++next;
  while (next < limit && is_blank(text[next])) ++next;
  if (next == limit || text[next] != '\n') return at;
  for (++next; next < limit && (text[next] == ' ' || text[next] == '\t');) ++next;
  return next;
}

/// The beginning within its line of the digits around `at`.
std::size_t digits_begin(std::string_view text, std::size_t at, std::size_t least) {
  while (at > least) {
    if (hex_digit(text[at - 1]) >= 0)
      --at;
    else if (at > least + 1 && is_separator(text[at - 1]) && hex_digit(text[at - 2]) >= 0)
      at -= 2;
    else
      break;
  }
  return at;
}

/// Reads on from `at`, at most `most_digits`; where it ended.
std::size_t read_digits(std::string_view text, std::size_t at, Digits& out) {
  while (at < text.size() && out.places.size() < most_digits) {
    if (hex_digit(text[at]) >= 0) {
      out.add(at, text[at]);
      ++at;
      continue;
    }
    auto next = is_separator(text[at]) ? at + 1 : at;
    if (!is_hex(text, next) || next == at) {
      next = out.in_line >= least_of_line ? behind_line_break(text, at) : at;
      out.in_line = 0;
      if (next == at || !is_hex(text, next)) break;
    }
    at = next;
    ++out.groups;
  }
  return at;
}

/// Digits in one case without separators are among the forms that are looked for anyway; groups are of two digits or
/// four.
bool may_hold_more(const Digits& digits) {
  constexpr std::size_t largest_group = 4;
  const auto count = digits.places.size();
  if (count < least_digits) return false;
  return (digits.groups > 1 && digits.groups * largest_group >= count) || (digits.lower && digits.upper);
}

void visit_digits(std::string_view text, const Digits& digits, const VisitDecoded& visit) {
  if (!may_hold_more(digits)) return;
  std::string bytes;
  for (const std::size_t first : {0U, 1U}) {
    bytes.clear();
    for (auto i = first; i + 1 < digits.places.size(); i += 2) {
      const int byte = hex_digit(text[digits.places[i]]) * 16 + hex_digit(text[digits.places[i + 1]]);
      bytes += static_cast<char>(static_cast<unsigned char>(byte));
    }
    visit({bytes, [places = digits.places.data() + first](std::size_t at) {
             return Decoded::Source{places[2 * at], places[2 * at + 1] + 1};
           }});
  }
}

/// A number of a list of bytes at `at`, which moves behind it; -1: there is none.
int list_number(std::string_view text, std::size_t& at) {
  int value = 0;
  std::size_t size = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && size < 4; ++at, ++size)
    value = value * 10 + (text[at] - '0');
  return size > 0 && value < 256 ? value : -1;
}

/// Bytes, and where each stands.
struct List {
  std::string bytes;
  std::vector<Decoded::Source> from;

  void show(const VisitDecoded& visit) const {
    if (bytes.size() >= least_bytes) visit({bytes, [this](std::size_t at) { return from[at]; }});
  }
  void keep_last(std::size_t count) {
    const auto drop = bytes.size() - std::min(bytes.size(), count);
    bytes.erase(0, drop);
    from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(drop));
  }
};

/// The bytes of a list that begins at `at`; where it ended.
std::size_t read_list(std::string_view text, std::size_t at, std::size_t reach, const VisitDecoded& visit) {
  List list;
  for (bool goes_on = true; goes_on; ++at) {
    while (at < text.size() && (is_blank(text[at]) || text[at] == '\n')) ++at;
    const auto begin = at;
    const int value = list_number(text, at);
    if (value < 0) break;
    list.bytes += static_cast<char>(static_cast<unsigned char>(value));
    list.from.push_back({begin, at});
    goes_on = at < text.size() && text[at] == ',';
    if (list.bytes.size() < most_digits) continue;
    list.show(visit);
    list.keep_last(2 * reach);
  }
  list.show(visit);
  return std::min(at, text.size());
}

}  // namespace

void each_list(std::string_view text, std::size_t reach, const VisitDecoded& visit) {
  for (auto bracket = text.find('['); bracket != none;)
    bracket = text.find('[', read_list(text, bracket + 1, reach, visit));
}

namespace {

std::size_t line_begin(std::string_view text, std::size_t at) {
  const auto line_break = at == 0 ? none : text.rfind('\n', at - 1);
  return line_break == none ? 0 : line_break + 1;
}

/// Where the last line begins that the line before `end` goes on with; `end`: it cannot.
template <class GoesOn>
std::size_t first_line(std::string_view text, std::size_t most, GoesOn&& goes_on) {
  auto begin = text.size();
  while (begin > 0 && text.size() - begin < most) {
    const auto line = line_begin(text, begin - 1);
    if (!goes_on(text.substr(line, begin - 1 - line))) break;
    begin = line;
  }
  return begin;
}

/// Whether the next line may go on with digits at the end of this one.
bool ends_in_digits(std::string_view line) {
  auto end = line.size();
  while (end > 0 && is_blank(line[end - 1])) --end;
  if (end > 0 && (line[end - 1] == ':' || line[end - 1] == '-')) --end;
  const auto begin = digits_begin(line, end, 0);
  const auto digits =
      std::count_if(line.begin() + static_cast<std::ptrdiff_t>(begin), line.begin() + static_cast<std::ptrdiff_t>(end),
                    [](char c) { return hex_digit(c) >= 0; });
  return static_cast<std::size_t>(digits) >= least_of_line;
}

bool ends_in_soft_break(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.ends_with('=');
}

}  // namespace

std::size_t HexadecimalReader::read(std::string_view text, std::size_t at) {
  const auto on_digit = is_separator(text[at]) ? at + 1 : at;
  if (!is_hex(text, on_digit)) return at;
  digits_.clear();
  done_ = read_digits(text, digits_begin(text, on_digit, done_), digits_);
  visit_digits(text, digits_, visit_);
  if (digits_.places.size() >= most_digits) done_ = digits_.places[digits_.places.size() - 2 * reach_];
  return done_;
}

std::size_t open_encoded(std::string_view text, std::size_t most) {
  if (!text.ends_with('\n')) return none;
  const auto begin = std::min(first_line(text, most, ends_in_digits), first_line(text, most, ends_in_soft_break));
  return begin == text.size() ? none : begin;
}

}  // namespace doctor::redact
