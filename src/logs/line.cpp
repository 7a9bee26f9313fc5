#include "logs/line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "logs/json_line.hpp"
#include "util/text.hpp"

namespace doctor::logs {
namespace {

using Word = std::pair<std::string_view, Level>;

/// LOG, DETAIL and the like are PostgreSQL's.
constexpr std::array<Word, 30> words{
    {{"trace", Level::trace},     {"trc", Level::trace},    {"verbose", Level::trace},  {"debug", Level::debug},
     {"dbg", Level::debug},       {"info", Level::info},    {"inf", Level::info},       {"information", Level::info},
     {"notice", Level::info},     {"log", Level::info},     {"detail", Level::info},    {"hint", Level::info},
     {"statement", Level::info},  {"context", Level::info}, {"warn", Level::warning},   {"warning", Level::warning},
     {"wrn", Level::warning},     {"error", Level::error},  {"err", Level::error},      {"severe", Level::error},
     {"fatal", Level::fatal},     {"ftl", Level::fatal},    {"critical", Level::fatal}, {"crit", Level::fatal},
     {"panic", Level::fatal},     {"pnc", Level::fatal},    {"alert", Level::fatal},    {"emerg", Level::fatal},
     {"emergency", Level::fatal}, {"dpanic", Level::fatal}}};

/// How programs end whose last words have no level.
constexpr std::array<Word, 8> last_words{{{"thread '", Level::none},
                                          {"panic: ", Level::fatal},
                                          {"fatal error: ", Level::fatal},
                                          {"Traceback (most recent call last)", Level::error},
                                          {"Exception in thread ", Level::error},
                                          {"terminate called after throwing", Level::fatal},
                                          {"Segmentation fault", Level::fatal},
                                          {"Error: ", Level::fatal}}};

constexpr std::size_t longest_word = 11;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

/// Exactly `count` digits at `at`; -1: there are not.
int number(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (!is_digit(c)) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Days since 1970 of a date of the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/// "12:30:05" with its fraction at `at`; returns where it ends, 0: none.
std::size_t time_of_day(std::string_view text, std::size_t at, std::int64_t& seconds) {
  const int hour = number(text, at, 2);
  const int minute = number(text, at + 3, 2);
  const int second = number(text, at + 6, 2);
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60) return 0;
  if (text[at + 2] != ':' || text[at + 5] != ':') return 0;
  seconds = hour * 3600 + minute * 60 + second;
  std::size_t end = at + 8;
  if (end + 1 < text.size() && (text[end] == '.' || text[end] == ',') && is_digit(text[end + 1])) {
    ++end;
    while (end < text.size() && is_digit(text[end])) ++end;
  }
  return end;
}

/// The zone at `end`, which moves behind it: seconds east of Greenwich, `offset` when there is none that is known.
std::int64_t zone(std::string_view text, std::size_t& end, std::int64_t offset) {
  std::size_t at = end;
  if (at < text.size() && text[at] == ' ') ++at;
  if (at >= text.size()) return offset;
  if (text[at] == 'Z') {
    end = at + 1;
    return 0;
  }
  if (text[at] == '+' || text[at] == '-') {
    const int hours = number(text, at + 1, 2);
    const bool colon = at + 3 < text.size() && text[at + 3] == ':';
    const int minutes = number(text, at + (colon ? 4 : 3), 2);
    if (hours < 0) return offset;
    end = at + 3 + (minutes < 0 ? 0 : 2 + (colon ? 1U : 0U));
    const std::int64_t east = hours * 3600 + std::max(minutes, 0) * 60;
    return text[at] == '+' ? east : -east;
  }
  std::size_t letters = at;
  while (letters < text.size() && is_upper(text[letters])) ++letters;
  const auto name = text.substr(at, letters - at);
  if (name == "UTC" || name == "GMT") {
    end = letters;
    return 0;
  }
  return offset;
}

struct Token {
  std::string_view word;
  bool marked = false;  ///< in brackets, or with a colon behind it
  bool keyed = false;   ///< level=...
};

Token token_of(std::string_view raw) {
  Token token;
  constexpr std::string_view open = "[(<|\"'";
  constexpr std::string_view close = "])>|,\"'-";
  while (!raw.empty() && open.find(raw.front()) != std::string_view::npos) {
    token.marked = true;
    raw.remove_prefix(1);
  }
  const auto equals = raw.find('=');
  if (equals != std::string_view::npos) {
    const auto key = util::lower(raw.substr(0, std::min<std::size_t>(equals, 20)));
    if (key != "level" && key != "lvl" && key != "severity" && key != "loglevel") return {};
    token.keyed = true;
    raw.remove_prefix(equals + 1);
    while (!raw.empty() && open.find(raw.front()) != std::string_view::npos) raw.remove_prefix(1);
  }
  const auto colon = raw.find(':');
  if (colon != std::string_view::npos) {
    token.marked = true;
    raw = raw.substr(0, colon);
  }
  while (!raw.empty() && close.find(raw.back()) != std::string_view::npos) raw.remove_suffix(1);
  token.word = raw;
  return token;
}

/// klog: "E1122 05:54:23.000 ...".
Level klog_level(std::string_view text) {
  if (text.size() < 8 || number(text, 1, 4) < 0 || text[5] != ' ' || number(text, 6, 2) < 0) return Level::none;
  constexpr std::array<std::pair<char, Level>, 4> marks{
      {{'I', Level::info}, {'W', Level::warning}, {'E', Level::error}, {'F', Level::fatal}}};
  for (const auto& [mark, level] : marks)
    if (text.front() == mark) return level;
  return Level::none;
}

/// Redis: "1:M 22 Nov 2026 05:54:23.000 # ...": the mark is the sixth word, and # is its only alarm.
Level redis_level(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits == 0 || digits + 2 >= text.size() || text[digits] != ':' || text[digits + 2] != ' ') return Level::none;
  if (std::string_view{"MSCX"}.find(text[digits + 1]) == std::string_view::npos) return Level::none;
  for (int i = 0; i < 5; ++i) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return Level::none;
    text.remove_prefix(space + 1);
  }
  return text.starts_with("# ") ? Level::warning : Level::info;
}

Level by_last_words(std::string_view text) {
  for (const auto& [begin, level] : last_words)
    if (text.starts_with(begin) && level != Level::none) return level;
  const bool panic =
      text.starts_with("thread '") && text.substr(0, 200).find("' panicked at ") != std::string_view::npos;
  return panic ? Level::fatal : Level::none;
}

/// `begin`: behind the time. Without a time a bare word counts only as the first one, since prose may hold it.
Level by_words(std::string_view text, std::size_t begin) {
  constexpr int most_tokens = 6;
  constexpr std::size_t most_bytes = 200;
  auto rest = text.substr(begin, most_bytes);
  for (int index = 0; index < most_tokens && !rest.empty(); ++index) {
    const auto first = rest.find_first_not_of(" \t");
    if (first == std::string_view::npos) break;
    rest.remove_prefix(first);
    const auto end = std::min(rest.find_first_of(" \t"), rest.size());
    const auto token = token_of(rest.substr(0, end));
    rest.remove_prefix(end);
    if (token.word.empty() || token.word.size() > longest_word) continue;
    const auto level = level_named(token.word);
    if (level == Level::none) continue;
    const bool loud = std::all_of(token.word.begin(), token.word.end(), is_upper);
    const bool in_place = begin > 0 || index == 0;
    if (token.keyed || (loud && token.marked) || (in_place && (loud || token.marked))) return level;
  }
  return Level::none;
}

Level level_of(std::string_view text, std::size_t begin) {
  if (begin == 0) {
    for (auto* by : {by_last_words, klog_level, redis_level})
      if (const auto level = by(text); level != Level::none) return level;
  }
  return by_words(text, begin);
}

/// Behind an escape character at `at`: where its sequence ends (ECMA-48: CSI, OSC, or one more character).
std::size_t end_of_escape(std::string_view text, std::size_t at) {
  ++at;
  if (at >= text.size()) return at;
  if (text[at] == '[') {
    for (++at; at < text.size(); ++at)
      if (text[at] >= '@' && text[at] <= '~') return at + 1;
    return at;
  }
  if (text[at] == ']') {
    for (++at; at < text.size(); ++at) {
      if (text[at] == '\a') return at + 1;
      if (text[at] == '\x1b') return std::min(at + 2, text.size());
    }
    return at;
  }
  return at + 1;
}

/// logfmt: time="2026-02-28T22:30:30Z" level=...
std::int64_t logfmt_time(std::string_view text, std::int64_t offset) {
  for (const std::string_view key : {"time=", "ts=", "t="}) {
    if (!text.starts_with(key)) continue;
    text.remove_prefix(key.size());
    if (text.starts_with('"')) text.remove_prefix(1);
    return stamp_at_begin(text, offset).at;
  }
  return 0;
}

}  // namespace

Level level_named(std::string_view word) {
  if (word.size() > longest_word) return Level::none;
  const auto same = [](char a, char b) { return a == (is_upper(b) ? static_cast<char>(b + ('a' - 'A')) : b); };
  for (const auto& [name, level] : words)
    if (name.size() == word.size() && std::equal(name.begin(), name.end(), word.begin(), same)) return level;
  return Level::none;
}

Stamp stamp_at_begin(std::string_view text, std::int64_t offset) {
  const std::size_t begin = text.starts_with('[') ? 1 : 0;
  std::int64_t seconds = 0;
  if (const auto clock = time_of_day(text, begin, seconds); clock > 0) return {0, clock};
  const int year = number(text, begin, 4);
  const int month = number(text, begin + 5, 2);
  const int day = number(text, begin + 8, 2);
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return {};
  const char dash = text[begin + 4];
  if ((dash != '-' && dash != '/') || text[begin + 7] != dash) return {};
  if (begin + 10 >= text.size() || (text[begin + 10] != 'T' && text[begin + 10] != ' ' && text[begin + 10] != 't'))
    return {};
  auto end = time_of_day(text, begin + 11, seconds);
  if (end == 0) return {};
  const auto east = zone(text, end, offset);
  if (begin == 1 && end < text.size() && text[end] == ']') ++end;
  return {days_from_civil(year, month, day) * 86400 + seconds - east, end};
}

std::string_view LineReader::without_colours(std::string_view raw) {
  auto escape = raw.find('\x1b');
  if (escape == std::string_view::npos) return raw;
  plain_.clear();
  std::size_t done = 0;
  while (escape != std::string_view::npos) {
    plain_.append(raw, done, escape - done);
    done = end_of_escape(raw, escape);
    escape = raw.find('\x1b', done);
  }
  plain_.append(raw, std::min(done, raw.size()), std::string_view::npos);
  return plain_;
}

Line LineReader::read(std::string_view raw) {
  Line line;
  line.text = without_colours(raw);
  while (!line.text.empty() && line.text.front() == ' ') line.text.remove_prefix(1);
  if (line.text.starts_with('{')) {
    if (auto json = read_json_line(line.text)) {
      message_ = std::move(json->message);
      if (!message_.empty() && !json->error.empty()) message_ += '\n';
      message_ += json->error;
      line.message = message_;
      line.level = level_named(json->level);
      line.at = json->at != 0 ? json->at : stamp_at_begin(json->time, offset_).at;
      return line;
    }
  }
  const auto stamp = stamp_at_begin(line.text, offset_);
  line.at = stamp.at != 0 ? stamp.at : logfmt_time(line.text, offset_);
  line.level = level_of(line.text, stamp.length);
  return line;
}

}  // namespace doctor::logs
