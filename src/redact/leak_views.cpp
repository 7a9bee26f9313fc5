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
    const int byte = text[at + 1] == 'x' ? hex_number(text, at + 2, 2) : -1;
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
    if (wanted('+', " ")) all.push_back(form_read(text));
  }
  if (wanted('\\', "") && characters.find_first_not_of(letters) != std::string_view::npos) {
    all.push_back(backslash_read(text));
    if (all.back().find('\\') != std::string::npos) all.push_back(backslash_read(all.back()));
  }
  if (wanted('&', "&<>\"'+=")) all.push_back(html_read(text));
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
