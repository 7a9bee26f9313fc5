#include "redact/leak_views.hpp"

#include <algorithm>
#include <utility>

namespace doctor::redact {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The number of `count` hexadecimal digits at `at`; -1: they are not there.
int hex_number(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = hex_digit(text[at + i]);
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}

void append_utf8(std::string& out, unsigned point) {
  const auto byte = [&out](unsigned value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xC0U | (point >> 6U));
  } else {
    if (point < 0x10000) {
      byte(0xE0U | (point >> 12U));
    } else {
      byte(0xF0U | (point >> 18U));
      byte(0x80U | ((point >> 12U) & 0x3FU));
    }
    byte(0x80U | ((point >> 6U) & 0x3FU));
  }
  byte(0x80U | (point & 0x3FU));
}

std::string percent_read(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at)) {
    const int byte = hex_number(text, at + 1, 2);
    if (byte < 0) {
      ++at;
      continue;
    }
    out.append(text, done, at - done) += static_cast<char>(static_cast<unsigned char>(byte));
    at += 3;
    done = at;
  }
  out.append(text.substr(done));
  return out;
}

/// The same of a form, in which a blank is written as "+".
std::string form_read(std::string_view text) {
  std::string blanks{text};
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return percent_read(blanks);
}

/// \uXXXX behind a backslash at `at`, with its other half; the length, 0: it is none.
std::size_t read_unicode(std::string_view text, std::size_t at, std::string& out) {
  const int unit = at + 1 < text.size() && text[at + 1] == 'u' ? hex_number(text, at + 2, 4) : -1;
  if (unit < 0) return 0;
  const int low = text.substr(at + 6).starts_with("\\u") ? hex_number(text, at + 8, 4) : -1;
  if (unit >= 0xD800 && unit < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
    append_utf8(out,
                0x10000U + ((static_cast<unsigned>(unit) - 0xD800U) << 10U) + (static_cast<unsigned>(low) - 0xDC00U));
    return 12;
  }
  append_utf8(out, static_cast<unsigned>(unit));
  return 6;
}

/// Three octal digits, the first of which is at most 3.
int octal_number(std::string_view text, std::size_t at) {
  int number = 0;
  for (auto i = at; i < at + 3; ++i) {
    if (i >= text.size() || text[i] < '0' || text[i] > '7') return -1;
    number = number * 8 + (text[i] - '0');
  }
  return number;
}

/// Escapes of JSON, C and shells.
std::string backslash_read(std::string_view text) {
  constexpr std::string_view letters = "nrtbf";
  constexpr std::string_view meanings = "\n\r\t\b\f";
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    if (const auto size = read_unicode(text, at, out); size > 0) {
      at += size - 1;
      continue;
    }
    const bool octal = text[at + 1] >= '0' && text[at + 1] <= '3';
    const int byte = text[at + 1] == 'x' ? hex_number(text, at + 2, 2) : octal ? octal_number(text, at + 1) : -1;
    if (byte >= 0) {
      out += static_cast<char>(static_cast<unsigned char>(byte));
      at += 3;
      continue;
    }
    ++at;
    const auto letter = letters.find(text[at]);
    out += letter == std::string_view::npos ? text[at] : meanings[letter];
  }
  return out;
}

std::string substituted(std::string_view text, char first,
                        const std::vector<std::pair<std::string_view, std::string_view>>& words) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (auto at = text.find(first); at != std::string_view::npos; at = text.find(first, at)) {
    const auto word = std::find_if(words.begin(), words.end(),
                                   [&](const auto& one) { return text.compare(at, one.first.size(), one.first) == 0; });
    if (word == words.end()) {
      ++at;
      continue;
    }
    out.append(text, done, at - done).append(word->second);
    at += word->first.size();
    done = at;
  }
  return out.append(text.substr(done));
}

/// &#65; and &#x41; at `at`, of ASCII; the length, 0: it is none.
std::size_t read_numbered(std::string_view text, std::size_t at, std::string& out) {
  const auto end = text.substr(0, at + 10).find(';', at);
  if (end == std::string_view::npos || !text.substr(at).starts_with("&#")) return 0;
  const bool hexadecimal = text[at + 2] == 'x' || text[at + 2] == 'X';
  int number = 0;
  for (auto digit = at + (hexadecimal ? 3 : 2); digit < end; ++digit) {
    const int value = hex_digit(text[digit]);
    if (value < 0 || (value > 9 && !hexadecimal)) return 0;
    number = number * (hexadecimal ? 16 : 10) + value;
  }
  if (number < 1 || number > 127) return 0;
  out += static_cast<char>(number);
  return end + 1 - at;
}

std::string numbered_read(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (auto at = text.find("&#"); at != std::string_view::npos; at = text.find("&#", at)) {
    out.append(text.substr(done, at - done));
    done = at;
    const auto size = read_numbered(text, at, out);
    done += size;
    at += size > 0 ? size : 1;
  }
  return out.append(text.substr(done));
}

/// RFC 2045, section 6.7.
std::string quoted_printable_read(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::size_t done = 0;
  for (auto at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    const auto behind = text.substr(at + 1, 2);
    const int byte = hex_number(behind, 0, 2);
    const std::size_t line = behind.starts_with("\n") ? 2 : behind == "\r\n" ? 3 : 0;
    if (byte < 0 && line == 0) continue;
    out.append(text.substr(done, at - done));
    if (line == 0) out += static_cast<char>(static_cast<unsigned char>(byte));
    done = at + (line == 0 ? 3 : line);
    at = done - 1;
  }
  return done == 0 ? std::string{} : out.append(text.substr(done));
}

std::string html_read(std::string_view text) {
  return substituted(text, '&',
                     {{"&amp;", "&"},
                      {"&lt;", "<"},
                      {"&gt;", ">"},
                      {"&quot;", "\""},
                      {"&#39;", "'"},
                      {"&#x27;", "'"},
                      {"&#34;", "\""},
                      {"&apos;", "'"},
                      {"&#43;", "+"},
                      {"&#x3D;", "="},
                      {"&#61;", "="}});
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

std::vector<std::string> readings_of(std::string_view text, std::string_view characters) {
  std::vector<std::string> all;
  all.emplace_back(text);
  const auto wanted = [&](char escape, std::string_view escaped) {
    return text.find(escape) != std::string_view::npos &&
           (escaped.empty() || characters.find_first_of(escaped) != std::string_view::npos);
  };
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  if (wanted('%', "")) {
    all.push_back(percent_read(text));
    if (all.back().find('%') != std::string::npos) all.push_back(percent_read(all.back()));
    if (wanted('+', " ")) all.push_back(form_read(text));
  }
  const bool numbers = text.find("\\u00") != std::string_view::npos || text.find("\\x") != std::string_view::npos;
  if (wanted('\\', "") && (numbers || characters.find_first_not_of(letters) != std::string_view::npos)) {
    all.push_back(backslash_read(text));
    if (all.back().find('\\') != std::string::npos) all.push_back(backslash_read(all.back()));
  }
  if (wanted('&', "&<>\"'+=")) all.push_back(html_read(text));
  if (text.find("&#") != std::string_view::npos) all.push_back(numbered_read(text));
  if (wanted('=', "")) all.push_back(quoted_printable_read(text));
  if (wanted('\'', "'")) all.push_back(substituted(text, '\'', {{"'\\''", "'"}, {"'\"'\"'", "'"}, {"''", "'"}}));
  if (wanted('$', "$")) all.push_back(substituted(text, '$', {{"$$", "$"}}));
  return all;
}

std::string without_breaks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n' || c == '\r') {
      while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
      while (at + 1 < text.size() && is_blank(text[at + 1])) ++at;
    } else if (c == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 'r')) {
      ++at;
    } else if (c == '\\' && at + 1 < text.size() && text[at + 1] == '/') {
      continue;
    } else if (const int byte = c == '%' ? hex_number(text, at + 1, 2) : -1;
               byte == '+' || byte == '/' || byte == '=') {
      out += static_cast<char>(byte);
      at += 2;
    } else {
      out += c == '-' ? '+' : c == '_' ? '/' : c;
    }
  }
  return out;
}

std::string unparted_digits(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool parts = text[at] == ':' || text[at] == ' ';
    if (!parts || at < 2 || hex_number(text, at - 2, 2) < 0 || hex_number(text, at + 1, 2) < 0) out[size++] = text[at];
  }
  out.resize(size);
  return out;
}

std::string folded(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string base64_within(std::string_view value, unsigned offset) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  // Of the bits of the text, those of the value begin at 8 * offset; a character counts when all of its six bits do.
  const std::size_t first = (8UL * offset + 5) / 6;
  const std::size_t end = 8 * (offset + value.size()) / 6;
  std::string out;
  for (auto character = first; character < end; ++character) {
    unsigned bits = 0;
    for (std::size_t bit = 6 * character; bit < 6 * character + 6; ++bit) {
      const auto byte = static_cast<unsigned char>(value[bit / 8 - offset]);
      bits = bits << 1U | (byte >> (7 - bit % 8) & 1U);
    }
    out += alphabet[bits];
  }
  return out;
}

std::string hexadecimal_of(std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte / 16];
    out += digits[byte % 16];
  }
  return out;
}

}  // namespace doctor::redact
