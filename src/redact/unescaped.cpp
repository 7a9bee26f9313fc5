#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "redact/decoded.hpp"
#include "redact/digits.hpp"

namespace doctor::redact {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::size_t most_window = 64UL * 1024;

/// An escape at some place: how long it is (0: there is none), and what it stands for.
struct Escape {
  std::size_t size = 0;
  std::array<char, 4> bytes{};
  std::size_t count = 0;
};

Escape one_byte(std::size_t size, unsigned byte) {
  return {size, {static_cast<char>(static_cast<unsigned char>(byte))}, 1};
}

/// A code point as UTF-8; as every byte may be meant by one, those below 256 that are none stay readable too.
Escape code_point(std::size_t size, unsigned point) {
  Escape out{size, {}, 0};
  const auto add = [&out](unsigned byte) {
    out.bytes.at(out.count++) = static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (point < 0x80) {
    add(point);
    return out;
  }
  if (point >= 0x10000) add(0xF0U | (point >> 18U & 7U));
  if (point >= 0x800) add((point >= 0x10000 ? 0x80U : 0xE0U) | (point >> 12U & (point >= 0x10000 ? 0x3FU : 0xFU)));
  add((point >= 0x800 ? 0x80U : 0xC0U) | (point >> 6U & (point >= 0x800 ? 0x3FU : 0x1FU)));
  add(0x80U | (point & 0x3FU));
  return out;
}

/// "\u" and four digits, with its other half where it has one.
Escape four_digits(std::string_view text) {
  const int unit = hex_number(text, 2, 4);
  if (unit < 0) return {};
  const int low = unit >= 0xD800 && unit < 0xDC00 && text.substr(6).starts_with("\\u") ? hex_number(text, 8, 4) : -1;
  if (low < 0xDC00 || low >= 0xE000) return code_point(6, static_cast<unsigned>(unit));
  return code_point(12,
                    0x10000U + ((static_cast<unsigned>(unit) - 0xD800U) << 10U) + static_cast<unsigned>(low) - 0xDC00U);
}

/// \u{41}
Escape braced(std::string_view text) {
  constexpr std::size_t begin = 3;
  const auto close = text.substr(0, begin + 7).find('}');
  if (close == none || close == begin) return {};
  const int point = hex_number(text, begin, close - begin);
  return point < 0 ? Escape{} : code_point(close + 1, static_cast<unsigned>(point) & 0x1FFFFFU);
}

/// \101
Escape octal(std::string_view text) {
  unsigned value = 0;
  for (std::size_t i = 1; i <= 3; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '7') return {};
    value = value * 8 + static_cast<unsigned>(text[i] - '0');
  }
  return value < 256 ? one_byte(4, value) : Escape{};
}

/// Behind a backslash every other character is itself.
Escape backslash(std::string_view text) {
  if (text.size() < 2) return {};
  Escape escape;
  if (text[1] == 'u') escape = text.size() > 2 && text[2] == '{' ? braced(text) : four_digits(text);
  if (text[1] == 'x')
    if (const int byte = hex_number(text, 2, 2); byte >= 0) escape = one_byte(4, static_cast<unsigned>(byte));
  if (text[1] >= '0' && text[1] <= '3') escape = octal(text);
  if (escape.size > 0) return escape;
  constexpr std::string_view letters = "nrtbf";
  constexpr std::string_view meanings = "\n\r\t\b\f";
  const auto letter = letters.find(text[1]);
  return one_byte(2, static_cast<unsigned char>(letter == none ? text[1] : meanings[letter]));
}

/// &#65; and &#x41;
Escape numbered_entity(std::string_view text) {
  constexpr std::size_t longest = 12;
  const auto end = text.substr(0, longest).find(';');
  if (end == none) return {};
  const bool hexadecimal = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const std::size_t begin = hexadecimal ? 3 : 2;
  unsigned point = 0;
  for (auto at = begin; at < end; ++at) {
    const int digit = hex_digit(text[at]);
    if (digit < 0 || (!hexadecimal && digit > 9)) return {};
    point = std::min(point * (hexadecimal ? 16U : 10U) + static_cast<unsigned>(digit), 0x1FFFFFU);
  }
  return end == begin ? Escape{} : code_point(end + 1, point);
}

Escape entity(std::string_view text) {
  if (text.starts_with("&#")) return numbered_entity(text);
  static constexpr std::array<std::pair<std::string_view, char>, 28> names{
      {{"&amp;", '&'},    {"&lt;", '<'},     {"&gt;", '>'},     {"&quot;", '"'},  {"&apos;", '\''},  {"&sol;", '/'},
       {"&plus;", '+'},   {"&equals;", '='}, {"&commat;", '@'}, {"&colon;", ':'}, {"&percnt;", '%'}, {"&dollar;", '$'},
       {"&excl;", '!'},   {"&num;", '#'},    {"&quest;", '?'},  {"&ast;", '*'},   {"&semi;", ';'},   {"&comma;", ','},
       {"&period;", '.'}, {"&lowbar;", '_'}, {"&lpar;", '('},   {"&rpar;", ')'},  {"&bsol;", '\\'},  {"&Hat;", '^'},
       {"&grave;", '`'},  {"&lbrace;", '{'}, {"&rbrace;", '}'}, {"&vert;", '|'}}};
  for (const auto& [name, character] : names)
    if (text.starts_with(name)) return one_byte(name.size(), static_cast<unsigned char>(character));
  return {};
}

Escape percent(std::string_view text) {
  const int byte = hex_number(text, 1, 2);
  return byte < 0 ? Escape{} : one_byte(3, static_cast<unsigned>(byte));
}

/// "=41", or "=" at the end of a line, which stands for nothing.
Escape quoted_printable(std::string_view text) {
  if (text.substr(1).starts_with("\n")) return {2, {}, 0};
  if (text.substr(1).starts_with("\r\n")) return {3, {}, 0};
  const int byte = hex_number(text, 1, 2);
  return byte < 0 ? Escape{} : one_byte(3, static_cast<unsigned>(byte));
}

/// The places of a few characters in a text, in order.
class Starts {
 public:
  Starts(std::string_view text, std::string_view characters) : text_{text}, characters_{characters} {
    for (std::size_t i = 0; i < characters_.size(); ++i) next_.at(i) = find(i, 0);
  }

  /// The first one at or behind `from`.
  std::size_t at_or_behind(std::size_t from) {
    auto first = none;
    for (std::size_t i = 0; i < characters_.size(); ++i) {
      if (next_.at(i) < from) next_.at(i) = find(i, from);
      first = std::min(first, next_.at(i));
    }
    return first;
  }

 private:
  std::size_t find(std::size_t number, std::size_t from) const { return text_.find(characters_[number], from); }

  std::string_view text_;
  std::string_view characters_;
  std::array<std::size_t, 3> next_{};
};

class Unescaper {
 public:
  Unescaper(std::string_view text, Escapes escapes, const Bytes& wanted, std::size_t reach, const VisitDecoded& visit)
      : text_{text}, escapes_{escapes}, wanted_{wanted}, reach_{reach}, visit_{visit} {}

  void run() {
    Starts starts{text_, escapes_ == Escapes::marks ? "%\\&" : "="};
    for (auto at = starts.at_or_behind(0); at != none;) {
      const auto escape = escape_at(at);
      if (escape.size > 0) take(at, escape);
      at = starts.at_or_behind(at + std::max<std::size_t>(escape.size, 1));
    }
    close();
  }

 private:
  Escape escape_at(std::size_t at) const {
    constexpr std::size_t longest = 16;
    const auto rest = text_.substr(at, longest);
    switch (rest.front()) {
      case '%':
        return percent(rest);
      case '\\':
        return backslash(rest);
      case '&':
        return entity(rest);
      default:
        return quoted_printable(rest);
    }
  }

  bool is_wanted(const Escape& escape) const {
    return escape.count == 0 || std::any_of(escape.bytes.begin(), escape.bytes.begin() + escape.count,
                                            [this](char c) { return wanted_[static_cast<unsigned char>(c)]; });
  }

  void take(std::size_t at, const Escape& escape) {
    if (at - std::min(at, done_) > 2 * reach_) close();
    if (!is_open_ && !is_wanted(escape)) return;
    if (!is_open_) done_ = std::max(done_, at - std::min(at, reach_));
    is_open_ = true;
    plain(at);
    for (std::size_t i = 0; i < escape.count; ++i) byte(escape.bytes.at(i), at, at + escape.size);
    done_ = at + escape.size;
    if (decoded_.size() < most_window) return;
    show();
    const auto drop = decoded_.size() - std::min(decoded_.size(), 2 * reach_);
    decoded_.erase(0, drop);
    from_.erase(from_.begin(), from_.begin() + static_cast<std::ptrdiff_t>(drop));
  }

  void close() {
    if (is_open_) {
      plain(std::min(text_.size(), done_ + reach_));
      show();
    }
    decoded_.clear();
    from_.clear();
    is_open_ = false;
  }

  void show() const {
    visit_({decoded_, [this](std::size_t at) { return from_[at]; }});
  }

  /// What needs no decoding, from where it ended to `end`.
  void plain(std::size_t end) {
    for (; done_ < end; ++done_) {
      const bool doubled = escapes_ == Escapes::marks && text_[done_] == '$' && done_ + 1 < end &&
                           text_[done_ + 1] == '$';  // as Docker Compose writes it
      byte(text_[done_], done_, done_ + (doubled ? 2 : 1));
      if (doubled) ++done_;
    }
  }

  void byte(char c, std::size_t begin, std::size_t end) {
    const bool quote = escapes_ == Escapes::marks && (c == '"' || c == '\'');
    if (quote) return;
    decoded_ += c;
    from_.push_back({begin, end});
  }

  std::string_view text_;
  Escapes escapes_;
  const Bytes& wanted_;
  std::size_t reach_;
  const VisitDecoded& visit_;
  std::string decoded_;
  std::vector<Decoded::Source> from_;  ///< of each of its bytes
  std::size_t done_ = 0;               ///< up to where the text was decoded
  bool is_open_ = false;
};

}  // namespace

void each_unescaped(std::string_view text, Escapes escapes, const Bytes& wanted, std::size_t reach,
                    const VisitDecoded& visit) {
  Unescaper{text, escapes, wanted, reach, visit}.run();
}

std::string unescaped(std::string_view text) {
  std::string out;
  // An escape in front makes all of the text a part; it leaves a blank.
  const auto with_escape = "%20" + std::string{text};
  each_unescaped(with_escape, Escapes::marks, Bytes{}.set(), with_escape.size(),
                 [&](const Decoded& one) { out = std::string{one.text.substr(1)}; });
  return out;
}

}  // namespace doctor::redact
