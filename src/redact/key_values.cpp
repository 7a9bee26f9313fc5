#include "redact/key_values.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "redact/marker.hpp"

namespace doctor::redact {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::size_t most_name = 64;
constexpr std::size_t most_value = 4096;

using Words = std::vector<std::string>;

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_character(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
}

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "dbPassword", "DB_PASSWORD", "db-password2" -> db, password.
Words words_of(std::string_view name) {
  Words words(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool hump = is_upper(c) && i > 0 && is_lower(name[i - 1]);
    if (c == '_' || c == '-' || c == '.' || hump) words.emplace_back();
    if (is_upper(c))
      words.back() += static_cast<char>(c - 'A' + 'a');
    else if (is_lower(c))
      words.back() += c;
  }
  std::erase_if(words, [](const std::string& word) { return word.empty(); });
  return words;
}

bool is_secret_word(const std::string& word) {
  static constexpr std::array<std::string_view, 7> whole{"password", "passwd", "passphrase", "secret",
                                                         "token",    "pwd",    "credential"};
  static constexpr std::array<std::string_view, 9> ends{"password", "passwd",    "passphrase", "secret",    "token",
                                                        "apikey",   "secretkey", "accesskey",  "privatekey"};
  return one_of(word, whole) ||
         std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return word.ends_with(end); });
}

bool makes_key_secret(const std::string& word) {
  static constexpr std::array<std::string_view, 20> words{
      "api",  "access", "private", "secret",  "encryption", "signing", "master", "auth",   "jwt",    "session",
      "totp", "crypt",  "license", "account", "storage",    "shared",  "hmac",   "cookie", "cipher", "vapid"};
  return one_of(word, words);
}

bool is_loud(std::string_view name) {
  return std::none_of(name.begin(), name.end(), is_lower);
}

/// A quick look before the name is taken apart: every secret name holds one of these.
bool may_be_secret(std::string_view name) {
  static constexpr std::array<std::string_view, 6> parts{"pass", "pwd", "secret", "token", "key", "credential"};
  std::array<char, most_name> folded{};
  const auto size = std::min(name.size(), folded.size());
  std::transform(name.end() - static_cast<std::ptrdiff_t>(size), name.end(), folded.begin(),
                 [](char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string_view text{folded.data(), size};
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return text.find(part) != none; });
}

/// Words after the secret one that do not make the name harmless.
bool is_suffix(const std::string& word) {
  static constexpr std::array<std::string_view, 8> words{"old",     "new",  "previous", "prev",
                                                         "current", "base", "hash",     "value"};
  return one_of(word, words);
}

struct Value {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Where a value ends that begins at `at`: at its closing quote, else at a blank. Nothing for an open quote.
class ValueReader {
 public:
  ValueReader(std::string_view text, std::size_t at) : text_{text}, at_{at} {}

  Value read(bool to_line_end, bool in_query) {
    if (text_.substr(at_).starts_with("Some(")) at_ += 5;  // Rust's debug output
    escape_ = text_.substr(at_).starts_with("\\\"");
    if (escape_) return quoted('"', at_ + 2);
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) return quoted(text_[at_], at_ + 1);
    // Longer than any secret; and the scan stays linear on hostile input.
    const auto window = text_.substr(0, at_ + most_value);
    const auto stop = window.find_first_of(to_line_end ? "\r\n" : in_query ? " \t\r\n\"'&#<>\\" : " \t\r\n\"'<>", at_);
    std::size_t end = stop == none ? window.size() : stop;
    constexpr std::string_view closing = ",;)]} \t";
    while (end > at_ && closing.find(text_[end - 1]) != none) --end;
    return {at_, end};
  }
  bool was_quoted() const { return was_quoted_; }

 private:
  Value quoted(char quote, std::size_t begin) {
    was_quoted_ = true;
    for (std::size_t i = begin; i < text_.size() && i < begin + most_value && text_[i] != '\n'; ++i) {
      if (escape_ && text_.substr(i).starts_with("\\\"")) return {begin, i};
      if (!escape_ && text_[i] == '\\')
        ++i;
      else if (!escape_ && text_[i] == quote)
        return {begin, i};
    }
    return {begin, begin};
  }

  std::string_view text_;
  std::size_t at_;
  bool escape_ = false;
  bool was_quoted_ = false;
};

bool is_word_of_prose(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return is_lower(c) || c == '_' || c == '-' || c == '.' || c == ','; }) ||
         (is_upper(value.front()) && std::all_of(value.begin() + 1, value.end(), is_lower));
}

/// Values that say something else than a secret, whatever their key.
bool is_harmless(std::string_view value) {
  static constexpr std::array<std::string_view, 12> words{"null", "none", "nil",   "true", "false",     "None",
                                                          "True", "NULL", "False", "Nil",  "undefined", "(null)"};
  if (value.empty() || one_of(value, words)) return true;
  if (marker_size(value) > 0 || value.starts_with("<") || value.starts_with("${") || value.starts_with("$(") ||
      value.starts_with("{{") || value.starts_with("%"))
    return true;
  if (value.front() == '$' && value.size() > 1 &&
      std::all_of(value.begin() + 1, value.end(), [](char c) { return is_upper(c) || c == '_'; }))
    return true;
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return !is_name_character(c) && static_cast<unsigned char>(c) < 0x80; }) ||
         value.find_first_not_of("xX.") == none;
}

bool is_number(std::string_view value) {
  return value.size() <= 6 && std::all_of(value.begin(), value.end(), is_digit);
}

/// A name that ends right before `end`, quotes and up to three blanks between them left out.
std::string_view name_before(std::string_view text, std::size_t end, bool& quoted) {
  for (int i = 0; i < 3 && end > 0 && text[end - 1] == ' '; ++i) --end;
  quoted = end > 0 && (text[end - 1] == '"' || text[end - 1] == '\'');
  if (quoted) --end;
  if (quoted && end > 0 && text[end - 1] == '\\') --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < most_name && is_name_character(text[begin - 1])) --begin;
  while (begin < end && (text[begin] == '-' || text[begin] == '.')) ++begin;
  return text.substr(begin, end - begin);
}

class Finder {
 public:
  Finder(std::string_view text, Spans& found) : text_{text}, found_{found} {}

  void run() {
    for (std::size_t at = 1; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '=' || c == ':') assignment(at);
      if (c == '-' && text_[at - 1] == '-') flag(at + 1);
    }
  }

 private:
  void assignment(std::size_t at) {
    bool quoted_name = false;
    const auto name = name_before(text_, at, quoted_name);
    if (name.size() < 3 || !is_secret_name(name)) return;
    const auto start = static_cast<std::size_t>(name.data() - text_.data());
    const bool colon = text_[at] == ':';
    std::size_t begin = at + 1;
    while (begin < text_.size() && begin < at + 4 && text_[begin] == ' ') ++begin;
    const bool interpolation = colon && text_.substr(0, start).ends_with("${");
    if (interpolation && begin < text_.size() && text_[begin] != '-' && text_[begin] != '+') return;
    if (interpolation) ++begin;  // ${NAME:-default}
    const bool query = start > 0 && (text_[start - 1] == '?' || text_[start - 1] == '&');
    const bool whole_line = !colon && begin == at + 1 && begins_line(start);
    ValueReader reader{text_, begin};
    auto value = reader.read(whole_line, query);
    if (interpolation) value.end = std::min(value.end, text_.find('}', value.begin));
    const auto words = text_.substr(value.begin, value.end - value.begin);
    if (is_harmless(words) || is_plain(name, words)) return;
    const bool sure = interpolation || (quoted_name && reader.was_quoted());
    const bool apart = colon || begin > at + 1;
    if (apart && !sure && is_prose(name, words, value.end, reader.was_quoted(), colon)) return;
    add(name, value);
  }

  void flag(std::size_t begin) {
    std::size_t end = begin;
    while (end < text_.size() && end - begin <= most_name && is_name_character(text_[end])) ++end;
    const auto name = text_.substr(begin, end - begin);
    if (name.size() < 3 || end >= text_.size() || text_[end] != ' ' || !is_secret_name(name)) return;
    ValueReader reader{text_, end + 1};
    const auto value = reader.read(false, false);
    const auto words = text_.substr(value.begin, value.end - value.begin);
    if (!is_harmless(words) && !words.starts_with('-')) add(name, value);
  }

  /// "token: expired", "password = required", "DB_PASSWORD: must be set".
  bool is_prose(std::string_view name, std::string_view value, std::size_t end, bool quoted, bool colon) const {
    if (quoted) return is_word_of_prose(value) && !is_password(name) && !is_loud(name);
    if (colon && !ends_line(end)) return true;
    return is_word_of_prose(value) && !is_loud(name);
  }

  static bool is_password(std::string_view name) {
    const auto words = words_of(name);
    return std::find(words.begin(), words.end(), "password") != words.end();
  }

  /// Paths and small numbers beside "key" and "token" are no secrets.
  static bool is_plain(std::string_view name, std::string_view value) {
    if (is_password(name)) return false;
    const bool path = (value.starts_with('/') || value.starts_with("./")) && value.find('/', 2) != none;
    return path || is_number(value);
  }

  bool begins_line(std::size_t at) const {
    constexpr std::string_view exporting = "export ";
    if (text_.substr(0, at).ends_with(exporting)) at -= exporting.size();
    return at == 0 || text_[at - 1] == '\n';
  }

  /// Whether the value is the last thing of its line, but for punctuation.
  bool ends_line(std::size_t at) const {
    const auto window = text_.substr(0, at + 64);
    const auto next = window.find_first_not_of("\"',;)]} \t\r\\", at);
    return next == none || window[next] == '\n' || window[next] == '#';
  }

  void add(std::string_view name, const Value& value) {
    const auto at = static_cast<std::size_t>(name.data() - text_.data());
    found_.push_back({value.begin, value.end, std::string{name}, false, at});
  }

  std::string_view text_;
  Spans& found_;
};

}  // namespace

bool is_secret_name(std::string_view name) {
  if (!may_be_secret(name)) return false;
  const auto words = words_of(name);
  std::size_t last = words.size();
  while (last > 1 && is_suffix(words[last - 1])) --last;
  if (last == 0) return false;
  const auto& word = words[last - 1];
  const std::string before = last > 1 ? words[last - 2] : "";
  if (word == "token") return before != "next" && before != "page" && before != "continuation";
  if (is_secret_word(word)) return true;
  if (word == "credentials") return true;
  const bool loud = is_loud(name);
  if (word == "pass") return loud && last > 1;
  if (word != "key" || last < 2) return false;
  static constexpr std::array<std::string_view, 9> open{"public", "primary", "foreign",     "cache",    "sort",
                                                        "host",   "routing", "idempotency", "partition"};
  return makes_key_secret(before) || (loud && name.find('_') != none && !one_of(before, open));
}

void find_key_values(std::string_view text, Spans& found) {
  Finder{text, found}.run();
}

}  // namespace doctor::redact
