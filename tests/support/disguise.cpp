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

std::string without_backslashes(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 5 < text.size() && text[at + 1] == 'u' && text[at + 2] == '0' && text[at + 3] == '0' &&
        digit_of(text[at + 4]) >= 0 && digit_of(text[at + 5]) >= 0) {
      out += byte_of(text[at + 4], text[at + 5]);
      at += 5;
    } else if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
      out += text[at] == 'n' ? '\n' : text[at];
    } else {
      out += text[at];
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
  return all;
}

std::vector<std::string> readable_in(const std::string& bytes, const std::vector<std::string>& secrets) {
  const auto one_line = squeezed(bytes);
  const auto plain = without_backslashes(bytes);
  const std::vector<std::string> readings{bytes,
                                          without_percent(bytes),
                                          plain,
                                          without_backslashes(plain),
                                          without_entities(bytes),
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
