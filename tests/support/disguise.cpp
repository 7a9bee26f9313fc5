#include "support/disguise.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace doctor::test {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"-._~"}.find(c) != std::string_view::npos;
}

template <class Replace>
std::string each(std::string_view text, Replace&& replace) {
  std::string out;
  for (const char c : text) out += replace(c);
  return out;
}

std::string digits_of(char c, bool upper) {
  const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {digits[byte >> 4U], digits[byte & 15U]};
}

int digit_of(char c) {
  const auto at =
      std::string_view{"0123456789abcdef"}.find(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

char byte_of(char high, char low) {
  return static_cast<char>(static_cast<unsigned char>(digit_of(high) * 16 + digit_of(low)));
}

std::string without_percent(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape =
        text[at] == '%' && at + 2 < text.size() && digit_of(text[at + 1]) >= 0 && digit_of(text[at + 2]) >= 0;
    out += escape ? byte_of(text[at + 1], text[at + 2]) : text[at];
    if (escape) at += 2;
  }
  return out;
}

/// The byte that `count` digits of a base at `at` stand for; -1: there are none.
int number_at(const std::string& text, std::size_t at, std::size_t count, int base) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    const int digit = digit_of(text[i]);
    if (digit < 0 || digit >= base) return -1;
    value = value * base + digit;
  }
  return value < 256 ? value : -1;
}

std::string without_backslashes(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    const char kind = text[at + 1];
    const std::size_t digits = kind == 'u' ? 4 : kind == 'x' ? 2 : 3;
    const bool octal = kind >= '0' && kind <= '3';
    const int byte = kind == 'u' || kind == 'x' ? number_at(text, at + 2, digits, 16)
                     : octal                    ? number_at(text, at + 1, digits, 8)
                                                : -1;
    if (byte >= 0) {
      out += static_cast<char>(static_cast<unsigned char>(byte));
      at += digits + (octal ? 0 : 1);
    } else {
      ++at;
      out += kind == 'n' ? '\n' : kind;
    }
  }
  return out;
}

std::string without_entities(std::string text) {
  const std::vector<std::pair<std::string, std::string>> entities{
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&#x27;", "'"}, {"&#34;", "\""}, {"&amp;", "&"}};
  for (const auto& [entity, meaning] : entities) {
    std::string out;
    std::size_t done = 0;
    for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, done)) {
      out += text.substr(done, at - done) + meaning;
      done = at + entity.size();
    }
    text = out + text.substr(done);
  }
  return text;
}

/// &#65; and &#x41;
std::string without_numbered(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto end = text.compare(at, 2, "&#") == 0 ? text.find(';', at) : std::string::npos;
    const bool hexadecimal = end != std::string::npos && (text[at + 2] == 'x' || text[at + 2] == 'X');
    const auto begin = at + (hexadecimal ? 3 : 2);
    const int byte = end == std::string::npos || end > at + 9 || begin >= end
                         ? -1
                         : number_at(text, begin, end - begin, hexadecimal ? 16 : 10);
    out += byte < 0 ? text[at] : static_cast<char>(static_cast<unsigned char>(byte));
    if (byte >= 0) at = end;
  }
  return out;
}

std::string without_quoted_printable(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int byte = text[at] == '=' ? number_at(text, at + 1, 2, 16) : -1;
    const std::size_t line = text.compare(at, 2, "=\n") == 0 ? 2 : text.compare(at, 3, "=\r\n") == 0 ? 3 : 0;
    if (byte < 0 && line == 0) out += text[at];
    if (byte >= 0) out += static_cast<char>(static_cast<unsigned char>(byte));
    at += byte >= 0 ? 2 : line > 0 ? line - 1 : 0;
  }
  return out;
}

/// All decimal numbers below 256 with a comma behind them.
std::string listed(const std::string& text) {
  std::string out;
  int value = -1;
  for (const char c : text) {
    if (c >= '0' && c <= '9' && value < 256)
      value = std::max(value, 0) * 10 + (c - '0');
    else if ((c == ',' || c == ']') && value >= 0 && value < 256)
      out += static_cast<char>(static_cast<unsigned char>(value));
    if (c < '0' || c > '9') value = -1;
  }
  return out;
}

/// Blanks, line breaks and escaped line breaks left out.
std::string squeezed(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool line_break = text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 'r');
    if (line_break)
      ++at;
    else if (std::isspace(static_cast<unsigned char>(text[at])) == 0)
      out += text[at];
  }
  return out;
}

int base64_digit(char c) {
  const auto at = std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"}.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at < 64 ? at : at - 2);
}

/// All runs of base64 in the text, each decoded from its first, second, third and fourth character on.
std::string base64_decoded(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    while (end < text.size() && base64_digit(text[end]) >= 0) ++end;
    for (std::size_t shift = 0; shift < 4 && end - at >= 8; ++shift) {
      unsigned bits = 0;
      unsigned count = 0;
      for (auto i = at + shift; i < end; ++i) {
        bits = (bits << 6U | static_cast<unsigned>(base64_digit(text[i]))) & 0xFFFFU;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(static_cast<unsigned char>(bits >> count & 0xFFU));
      }
      out += '\n';
    }
    at = std::max(end, at + 1);
  }
  return out;
}

std::string hexadecimal_decoded(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    while (end < text.size() && digit_of(text[end]) >= 0) ++end;
    for (std::size_t shift = 0; shift < 2 && end - at >= 8; ++shift) {
      for (auto i = at + shift; i + 1 < end; i += 2) out += byte_of(text[i], text[i + 1]);
      out += '\n';
    }
    at = std::max(end, at + 1);
  }
  return out;
}

/// Without what may part hexadecimal digits.
std::string unparted(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (std::string_view{": -\r\n\t"}.find(c) == std::string_view::npos) out += c;
  return out;
}

std::string without_zeros(std::string text) {
  std::erase(text, '\0');
  return text;
}

}  // namespace

std::string base64(std::string_view text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      if (i + j <= text.size())
        out += alphabet[group >> (18 - 6 * j) & 63U];
      else
        out += '=';
  }
  return out;
}

std::string url_alphabet(std::string text) {
  for (auto& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::string hexadecimal(std::string_view text, bool upper) {
  return each(text, [upper](char c) { return digits_of(c, upper); });
}

std::string percent(std::string_view text, bool upper) {
  return each(text, [upper](char c) { return is_unreserved(c) ? std::string(1, c) : "%" + digits_of(c, upper); });
}

std::string json_escaped(std::string_view text) {
  return each(text, [](char c) {
    if (c == '"' || c == '\\') return std::string{'\\', c};
    if (c == '\n') return std::string{"\\n"};
    return std::string(1, c);
  });
}

std::string html_escaped(std::string_view text) {
  return each(text, [](char c) {
    const std::string special = "&<>\"'";
    const char* const words[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    const auto at = special.find(c);
    return at == std::string::npos ? std::string(1, c) : std::string{words[at]};
  });
}

std::string shell_quoted(std::string_view text) {
  return "'" + each(text, [](char c) { return c == '\'' ? std::string{"'\\''"} : std::string(1, c); }) + "'";
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view line_break) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += width) {
    if (at > 0) out += line_break;
    out += text.substr(at, width);
  }
  return out;
}

namespace {

/// Every `step`-th byte as `escaped` writes it.
template <class Escape>
std::string some(std::string_view text, std::size_t step, Escape&& escaped) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) out += i % step == 0 ? escaped(text[i]) : std::string(1, text[i]);
  return out;
}

std::string percent_of(char c) {
  return "%" + digits_of(c, static_cast<unsigned char>(c) % 2 == 0);
}

/// The code points of ASCII only: of others the bytes are no code points.
std::string unicode_of(char c) {
  return static_cast<unsigned char>(c) < 0x80 ? "\\u00" + digits_of(c, static_cast<unsigned char>(c) % 2 == 0)
                                              : std::string(1, c);
}

std::string entity_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80) return std::string(1, c);
  return byte % 2 == 0 ? "&#" + std::to_string(byte) + ";" : "&#x" + digits_of(c, byte % 3 == 0) + ";";
}

std::string octal_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {'\\', static_cast<char>('0' + (byte >> 6U)), static_cast<char>('0' + (byte >> 3U & 7U)),
          static_cast<char>('0' + (byte & 7U))};
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += is_unreserved(c) ? std::string(1, c) : "=" + digits_of(c, true);
    if (out.size() % 17 > 13) out += "=\n";
  }
  return out;
}

/// "63:6E 79:..." with every sixteenth separator a line break and blanks, as openssl(1) writes it.
std::string separated(std::string_view text, const std::string& separator, bool upper, bool lines) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0) out += separator + (lines && i % 7 == 0 ? "\n    " : "");
    out += digits_of(text[i], upper);
  }
  return out;
}

std::string mixed_hexadecimal(std::string_view text) {
  std::string out;
  for (const char c : hexadecimal(text)) out += out.size() % 3 == 0 ? static_cast<char>(std::toupper(c)) : c;
  return out;
}

using Disguises = std::vector<std::pair<std::string, std::string>>;

void add_escaped(const std::string& secret, Disguises& all) {
  const auto hexadecimal_escape = [](char c) { return "\\x" + digits_of(c, false); };
  all.insert(all.end(), {{"percent, all", some(secret, 1, percent_of)},
                         {"percent, every second", some(percent(secret), 1,
                                                        [](char c) {
                                                          return std::isalpha(static_cast<unsigned char>(c)) != 0 &&
                                                                         c % 2 == 0 && c > 'F' && (c < 'a' || c > 'f')
                                                                     ? percent_of(c)
                                                                     : std::string(1, c);
                                                        })},
                         {"percent twice", percent(percent(secret))},
                         {"percent twice, all", some(some(secret, 1, percent_of), 1, percent_of)},
                         {"JSON, all in digits", some(secret, 1, unicode_of)},
                         {"JSON, letters in digits, in JSON", json_escaped(some(secret, 1, unicode_of))},
                         {"C, hexadecimal", some(secret, 1, hexadecimal_escape)},
                         {"C, octal", some(secret, 1, octal_of)},
                         {"HTML, all in digits", some(secret, 1, entity_of)},
                         {"quoted-printable", quoted_printable(secret)}});
}

void add_digits(const std::string& secret, Disguises& all) {
  all.insert(all.end(), {{"hexadecimal, both cases", mixed_hexadecimal(secret)},
                         {"hexadecimal with colons", separated(secret, ":", true, false)},
                         {"hexadecimal with blanks", separated(secret, " ", false, false)},
                         {"hexadecimal with colons, on lines", separated(secret, ":", false, true)},
                         {"base64 on lines within JSON", json_escaped(wrapped(base64("u:" + secret), 16))}});
}

}  // namespace

std::vector<std::pair<std::string, std::string>> disguises(const std::string& secret) {
  std::vector<std::pair<std::string, std::string>> all{{"plain", secret},
                                                       {"percent", percent(secret)},
                                                       {"percent, lower case", percent(secret, false)},
                                                       {"JSON", json_escaped(secret)},
                                                       {"JSON in JSON", json_escaped(json_escaped(secret))},
                                                       {"HTML", html_escaped(secret)},
                                                       {"shell", shell_quoted(secret)},
                                                       {"hexadecimal", hexadecimal(secret)},
                                                       {"hexadecimal, upper case", hexadecimal(secret, true)},
                                                       {"hexadecimal on two lines", wrapped(hexadecimal(secret), 13)}};
  for (const std::string& before : {std::string{}, std::string{"u"}, std::string{"u:"}}) {
    const auto text = base64(before + secret + "!?");
    const auto name = "base64 at " + std::to_string(before.size());
    all.emplace_back(name, text);
    all.emplace_back(name + ", URL alphabet", url_alphabet(text));
    for (const std::size_t width : {5U, 11U, 64U, 76U}) {
      all.emplace_back(name + ", lines of " + std::to_string(width), wrapped(text, width));
      all.emplace_back(name + ", indented lines of " + std::to_string(width), wrapped(text, width, "\r\n    "));
    }
  }
  add_escaped(secret, all);
  add_digits(secret, all);
  return all;
}

std::vector<std::pair<std::string, std::string>> far_disguises(const std::string& secret) {
  std::string wide;
  std::string list;
  for (const char c : secret) {
    wide += {c, '\0'};
    list += (list.empty() ? "" : ", ") + std::to_string(static_cast<unsigned char>(c));
  }
  return {{"base64 twice", base64("auth:" + base64("user:" + secret) + "\n")},
          {"base64 of JSON", base64("{\"password\":\"" + json_escaped(secret) + "\"}")},
          {"base64 of percent", base64("a=" + some(secret, 1, percent_of))},
          {"base64 of UTF-16", base64(wide)},
          {"UTF-16", wide},
          {"hexadecimal of percent, with blanks", separated(percent(secret), " ", true, false)},
          {"list of bytes", "[" + list + "]"}};
}

std::vector<std::string> readable_in(const std::string& bytes, const std::vector<std::string>& secrets) {
  const auto one_line = squeezed(bytes);
  const auto plain = without_backslashes(bytes);
  const std::vector<std::string> readings{bytes,
                                          without_percent(bytes),
                                          plain,
                                          without_backslashes(plain),
                                          without_entities(bytes),
                                          without_percent(without_percent(bytes)),
                                          without_backslashes(without_backslashes(plain)),
                                          without_numbered(bytes),
                                          without_quoted_printable(bytes),
                                          listed(bytes),
                                          base64_decoded(base64_decoded(bytes)),
                                          without_percent(base64_decoded(bytes)),
                                          without_backslashes(base64_decoded(bytes)),
                                          base64_decoded(squeezed(plain)),
                                          without_percent(hexadecimal_decoded(unparted(bytes))),
                                          hexadecimal_decoded(unparted(bytes)),
                                          without_zeros(bytes),
                                          without_zeros(base64_decoded(bytes)),
                                          base64_decoded(one_line),
                                          base64_decoded(bytes),
                                          base64_decoded(squeezed(without_percent(bytes))),
                                          hexadecimal_decoded(one_line),
                                          hexadecimal_decoded(bytes)};
  std::set<std::string> found;
  for (const auto& reading : readings)
    for (const auto& secret : secrets)
      if (reading.find(secret) != std::string::npos) found.insert(secret);
  return {found.begin(), found.end()};
}

}  // namespace doctor::test
