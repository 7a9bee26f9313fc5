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
  static constexpr std::array<std::string_view, 10> whole{
      "password", "passwd", "passphrase", "secret", "token", "pwd", "credential", "jsessionid", "phpsessid", "sessid"};
  static constexpr std::array<std::string_view, 17> ends{
      "bindpw",     "rootpw",     "password",  "passwd",     "passphrase",   "secret",
      "token",      "apikey",     "secretkey", "accesskey",  "privatekey",   "requirepass",
      "masterauth", "accountkey", "authpass",  "signingkey", "encryptionkey"};
  return one_of(word, whole) ||
         std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return word.ends_with(end); });
}

bool makes_key_secret(const std::string& word) {
  static constexpr std::array<std::string_view, 21> words{
      "preshared", "api",     "access", "private", "secret", "encryption", "signing",
      "master",    "auth",    "jwt",    "session", "totp",   "crypt",      "license",
      "account",   "storage", "shared", "hmac",    "cookie", "cipher",     "vapid"};
  return one_of(word, words);
}

bool is_loud(std::string_view name) {
  return std::none_of(name.begin(), name.end(), is_lower);
}

/// A quick look before the name is taken apart.
bool may_be_secret(std::string_view name) {
  std::array<char, most_name> folded{};
  const auto size = std::min(name.size(), folded.size());
  std::transform(name.end() - static_cast<std::ptrdiff_t>(size), name.end(), folded.begin(),
                 [](char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string_view text{folded.data(), size};
  return std::any_of(secret_name_parts.begin(), secret_name_parts.end(),
                     [&](std::string_view part) { return text.find(part) != none; });
}

/// Whose "pass" is a password, and whose "auth" is one.
bool has_password(const std::string& word) {
  static constexpr std::array<std::string_view, 18> words{"become", "bind",     "smtp",  "mail", "db",    "database",
                                                          "user",   "redis",    "admin", "ftp",  "root",  "mysql",
                                                          "pg",     "postgres", "proxy", "auth", "login", "ssh"};
  return one_of(word, words);
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
  static constexpr std::array<std::string_view, 16> words{"null", "none", "nil",   "true", "false",     "None",
                                                          "True", "NULL", "False", "Nil",  "undefined", "(null)",
                                                          "YES",  "NO",   "yes",   "no"};
  if (value.empty() || one_of(value, words)) return true;
  if (value == unnamed_marker || value == unnamed_marker.substr(0, unnamed_marker.size() - 1))
    return true;  // "]" closes
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

/// "settings.SECRET_KEY", "STRIPE_SECRET_KEY", "os.environ[", "getenv(": where a secret comes from, not one.
bool is_expression(std::string_view value) {
  if (value.ends_with('[') || value.ends_with('(')) return true;
  const bool plain = std::all_of(value.begin(), value.end(),
                                 [](char c) { return is_lower(c) || is_upper(c) || c == '_' || c == '.'; });
  const bool joined = value.find_first_of("._") != none;
  return plain && joined && is_secret_name(value);
}

/// Letters and digits together: not a word.
bool looks_random(std::string_view value, std::size_t least) {
  const auto any = [value](auto&& is) { return std::any_of(value.begin(), value.end(), is); };
  const bool letters = any(is_lower) || any(is_upper);
  return value.size() >= least && letters && any(is_digit);
}

bool is_password(std::string_view name) {
  const auto words = words_of(name);
  return std::find(words.begin(), words.end(), "password") != words.end();
}

/// Paths and small numbers beside "key" and "token" are no secrets.
bool is_plain(std::string_view name, std::string_view value) {
  if (is_password(name)) return false;
  const bool path = (value.starts_with('/') || value.starts_with("./")) && value.find('/', 2) != none;
  return path || is_number(value);
}

std::size_t skip(std::string_view text, std::size_t at, std::string_view characters, std::size_t most) {
  const auto end = std::min(text.size(), at + most);
  while (at < end && characters.find(text[at]) != none) ++at;
  return at;
}

/// Behind the anchor and the tag of a value in YAML: "&pw", "!!str".
std::size_t behind_properties(std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 64;
  for (int i = 0; i < 2 && at < text.size() && (text[at] == '&' || text[at] == '!'); ++i) {
    const auto end = text.substr(0, at + longest).find_first_of(" \r\n\"'", at);
    if (end == none || text[end] != ' ') return at;
    at = end + 1;
  }
  return at;
}

/// The beginning of the line, not farther than a name and what may stand before it.
std::size_t line_begin(std::string_view text, std::size_t at) {
  constexpr std::size_t farthest = 256;
  const auto least = at - std::min(at, farthest);
  while (at > least && text[at - 1] != '\n') --at;
  return at;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto begin = std::min(text.find_first_not_of(blanks), text.size());
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// Whether a line below a name is the value of it, and not a key or an item of its own. Keys in PEM are found as such.
bool is_scalar(std::string_view line, bool literal) {
  constexpr std::size_t shortest_random = 8;
  if (literal) return !line.starts_with("-----BEGIN ");
  return looks_random(line, shortest_random) && line.find_first_of(" :{[") == none;
}

/// How many blanks stand there.
std::size_t indent_at(std::string_view text, std::size_t at) {
  constexpr std::size_t most = 256;
  return skip(text, at, " \t", most) - at;
}

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
  if (word == "pass") return last > 1 && (loud || has_password(before));
  if (word == "pw") return last > 1;
  if (word == "salt") return last > 1 && loud;
  if (word == "auth") return before == "redis" || before == "proxy";
  if (word != "key" || last < 2) return false;
  static constexpr std::array<std::string_view, 9> open{"public", "primary", "foreign",     "cache",    "sort",
                                                        "host",   "routing", "idempotency", "partition"};
  return makes_key_secret(before) || (loud && name.find('_') != none && !one_of(before, open));
}

struct KeyValues::Name {
  std::string_view text;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool secret = false;
};

/// The last 64 characters of a longer one; hyphens before it are not its.
KeyValues::Name KeyValues::name_around(std::size_t place) const {
  Name name;
  name.end = place;
  while (name.end < text_.size() && is_name_character(text_[name.end])) ++name.end;
  name.begin = name.end;
  while (name.begin > 0 && name.end - name.begin < most_name && is_name_character(text_[name.begin - 1])) --name.begin;
  while (name.begin < name.end && (text_[name.begin] == '-' || text_[name.begin] == '.')) ++name.begin;
  name.text = text_.substr(name.begin, name.end - name.begin);
  name.secret = name.text.size() >= 3 && is_secret_name(name.text);
  return name;
}

void KeyValues::look_at(std::size_t place) {
  if (place < looked_at_) return;
  const auto name = name_around(place);
  looked_at_ = std::max(name.end, place + 1);
  if (!name.secret) return;
  auto at = name.end;
  if (at + 1 < text_.size() && text_[at] == '\\' && (text_[at + 1] == '"' || text_[at + 1] == '\'')) ++at;
  if (at < text_.size() && (text_[at] == '"' || text_[at] == '\'')) ++at;
  if (at > name.end && at < text_.size() && text_[at] == ']') ++at;  // os.environ["NAME"] = ...
  at = skip(text_, at, " ", 3);
  if (at < text_.size() && (text_[at] == '=' || text_[at] == ':')) return assignment(name, at);
  if (flag(name) || element(name) || named_value(name) || argument(name)) return;
  spoken(name);
}

void KeyValues::assignment(const Name& name, std::size_t at) {
  const bool quoted_name = text_[name.end] == '"' || text_[name.end] == '\'' || text_[name.end] == '\\';
  const bool colon = text_[at] == ':';
  if (text_.substr(at).starts_with(":=") || text_.substr(at).starts_with("=>")) ++at;  // Go, Ruby, PHP
  if (colon && block(name, at + 1)) return;
  std::size_t begin = skip(text_, at + 1, " ", 3);
  if (colon) begin = behind_properties(text_, begin);
  const bool interpolation = colon && text_.substr(0, name.begin).ends_with("${");
  if (interpolation && begin < text_.size() && text_[begin] != '-' && text_[begin] != '+') return;
  if (interpolation) ++begin;  // ${NAME:-default}
  const bool query = name.begin > 0 && (text_[name.begin - 1] == '?' || text_[name.begin - 1] == '&');
  const bool whole_line = !colon && begin == at + 1 && begins_line(name.begin);
  ValueReader reader{text_, begin};
  auto value = reader.read(whole_line, query);
  if (interpolation) value.end = std::min(value.end, text_.find('}', value.begin));
  const auto words = text_.substr(value.begin, value.end - value.begin);
  if (is_harmless(words) || is_plain(name.text, words)) return;
  const bool sure = interpolation || (quoted_name && reader.was_quoted());
  const bool apart = colon || begin > at + 1;
  if (apart && !sure && is_prose(name, words, value.end, reader.was_quoted(), colon)) return;
  add(name, value.begin, value.end);
}

/// What stands in lines of its own below "name: |", "name: >-" or "name:", indented more than the line of the name.
/// Each line stays one.
bool KeyValues::block(const Name& name, std::size_t at) {
  const auto line_end = text_.substr(0, at + 16).find('\n', at);
  if (line_end == none) return false;
  const auto mark = trimmed(text_.substr(at, line_end - at));
  const bool literal = mark.starts_with('|') || mark.starts_with('>');
  if (mark.find_first_not_of("|>+-0123456789") != none || (!mark.empty() && !literal)) return false;
  const auto indent = indent_at(text_, line_begin(text_, name.begin));
  bool found = false;
  for (auto next = line_end + 1; next < text_.size() && next - line_end < most_value;) {
    const auto end = std::min(text_.find('\n', next), text_.size());
    const auto line = trimmed(text_.substr(next, end - next));
    const auto deeper = indent_at(text_, next);
    if (line.empty() || deeper <= indent || !is_scalar(line, literal)) break;
    if (!is_harmless(line)) add(name, next + deeper, next + deeper + line.size());
    found = true;
    next = end + 1;
    if (!literal) break;
  }
  return found;
}

/// define('NAME', 'value'), getenv("NAME", "value")
bool KeyValues::argument(const Name& name) {
  const auto before =
      trimmed(text_.substr(name.begin - std::min<std::size_t>(name.begin, 3), std::min<std::size_t>(name.begin, 3)));
  const bool called = before.ends_with("('") || before.ends_with("(\"") || before == "( '" || before == "( \"";
  if (!called || !is_loud(name.text)) return false;
  auto at = skip(text_, name.end, "\"'", 1);
  if (at == name.end || at >= text_.size() || text_[at] != ',') return false;
  at = skip(text_, at + 1, " ", 3);
  ValueReader reader{text_, at};
  const auto value = reader.read(false, false);
  const auto words = text_.substr(value.begin, value.end - value.begin);
  if (!reader.was_quoted() || is_harmless(words)) return false;
  add(name, value.begin, value.end);
  return true;
}

/// --name value
bool KeyValues::flag(const Name& name) {
  if (!text_.substr(0, name.begin).ends_with("--")) return false;
  auto at = name.end;
  constexpr std::array<std::string_view, 3> separators{" ", "\", \"", "\",\""};  // words of a list, too
  const auto separator = std::find_if(separators.begin(), separators.end(),
                                      [&](std::string_view one) { return text_.substr(at).starts_with(one); });
  if (separator == separators.end()) return false;
  at += separator->size();
  if (separator != separators.begin()) --at;  // the quote of the value
  ValueReader reader{text_, at};
  const auto value = reader.read(false, false);
  const auto words = text_.substr(value.begin, value.end - value.begin);
  if (is_harmless(words) || words.starts_with('-')) return true;
  add(name, value.begin, value.end);
  return true;
}

/// <name>value</name>
bool KeyValues::element(const Name& name) {
  if (name.begin == 0 || text_[name.begin - 1] != '<' || name.end >= text_.size() || text_[name.end] != '>')
    return false;
  const auto begin = name.end + 1;
  const auto window = text_.substr(0, begin + most_value);
  const auto end = window.find_first_of("<\r\n", begin);
  if (end == none || window[end] != '<') return true;
  const auto value = text_.substr(begin, end - begin);
  if (!is_harmless(value) && !is_plain(name.text, value)) add(name, begin, end);
  return true;
}

/// {"name": "NAME", "value": "..."}, <add key="NAME" value="..."/>, - name: NAME, below it value: ...
bool KeyValues::named_value(const Name& name) {
  auto at = skip(text_, name.end, "\"'\\", 2);
  at = skip(text_, at, ", \t\r\n", 64);
  at = skip(text_, at, "\"'\\", 2);
  const auto rest = text_.substr(at, 5);
  if (at == name.end || (rest != "value" && rest != "Value")) return false;
  at = skip(text_, at + 5, "\"'\\", 2);
  at = skip(text_, at, " ", 3);
  if (at >= text_.size() || (text_[at] != '=' && text_[at] != ':')) return false;
  ValueReader reader{text_, skip(text_, at + 1, " ", 3)};
  const auto value = reader.read(false, false);
  const auto words = text_.substr(value.begin, value.end - value.begin);
  if (!is_harmless(words) && !is_plain(name.text, words)) add(name, value.begin, value.end);
  return true;
}

/// PASSWORD 'value', "password is value1", "token value1"
bool KeyValues::spoken(const Name& name) {
  const auto last = words_of(name.text).back();
  const bool password =
      last == "password" || last == "passwd" || last == "requirepass" || last == "masterauth" || last == "bindpw";
  const bool header = name.text.find('-') != none;  // proxy_set_header X-Api-Key value1;
  if ((!password && !header && last != "token") || name.end >= text_.size() || text_[name.end] != ' ') return false;
  auto at = skip(text_, name.end, " ", 3);
  for (const std::string_view word : {"is ", "was ", "to ", "is: "})
    if (text_.substr(at).starts_with(word)) at += word.size();
  ValueReader reader{text_, at};
  const auto value = reader.read(false, false);
  const auto words = text_.substr(value.begin, value.end - value.begin);
  if (is_harmless(words) || is_plain(name.text, words)) return false;
  const bool sure = password && reader.was_quoted() && !is_word_of_prose(words);
  constexpr std::size_t shortest_random = 8;
  if (sure || (looks_random(words, shortest_random) && words.find_first_of("=:/()[]{},") == none))
    add(name, value.begin, value.end);
  return true;
}

/// "token: expired", "password = required", "DB_PASSWORD: must be set".
bool KeyValues::is_prose(const Name& name, std::string_view value, std::size_t end, bool quoted, bool colon) const {
  constexpr std::size_t shortest_random = 6;
  const bool loud = is_loud(name.text);
  if (!quoted && is_expression(value)) return true;
  if (quoted) return is_word_of_prose(value) && !is_password(name.text) && !loud;
  if (colon && !ends_line(end)) return !looks_random(value, shortest_random);
  return is_word_of_prose(value) && !loud;
}

bool KeyValues::begins_line(std::size_t at) const {
  constexpr std::string_view exporting = "export ";
  if (text_.substr(0, at).ends_with(exporting)) at -= exporting.size();
  return at == 0 || text_[at - 1] == '\n';
}

/// Whether the value is the last thing of its line, but for punctuation.
bool KeyValues::ends_line(std::size_t at) const {
  const auto window = text_.substr(0, at + 64);
  const auto next = window.find_first_not_of("\"',;)]} \t\r\\", at);
  return next == none || window[next] == '\n' || window[next] == '#';
}

void KeyValues::add(const Name& name, std::size_t begin, std::size_t end) {
  found_.push_back({begin, end, std::string{name.text}, false, name.begin});
}

}  // namespace doctor::redact
