#include "deployment/secret_words.hpp"

#include <algorithm>
#include <array>

#include "deployment/guess.hpp"
#include "redact/key_values.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::size_t most_url = 4096;

bool is_reference(std::string_view value) {
  if (value.find("${") != none || value.find("$(") != none || value.find("{{") != none) return true;
  return value.starts_with('$') && value.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", 1) == none;
}

bool is_path(std::string_view value) {
  const bool begins = value.starts_with('/') || value.starts_with("./") || value.starts_with("../");
  return begins && value.find_first_of(" =:") == none && value.find('/', 2) != none;
}

bool is_constant(const std::string& value) {
  static constexpr std::array<std::string_view, 9> words{"true", "false", "yes",  "no", "on",
                                                         "off",  "null",  "none", "~"};
  const auto lower = util::lower(value);
  return std::find(words.begin(), words.end(), lower) != words.end();
}

/// "existingSecret: app-db" of a chart: the name of an object, not what is in it.
bool names_object(const std::string& name) {
  const auto lower = util::lower(name);
  for (const std::string_view end :
       {"existingsecret", "pullsecret", "pullsecrets", "secretname", "secretref", "tlssecret"})
    if (lower.ends_with(end)) return true;
  return false;
}

/// Of a name that only holds the word somewhere, such as KEY_PREFIX, the value must look the part.
bool looks_random(std::string_view value) {
  const auto count = [value](auto&& is) { return std::count_if(value.begin(), value.end(), is); };
  const auto digits = count([](char c) { return c >= '0' && c <= '9'; });
  const auto letters = count([](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  return value.size() >= 16 && digits > 0 && letters > 0 && value.find_first_of(" /") == none;
}

std::string password_of_login(std::string_view login) {
  const auto colon = login.find(':');
  const auto password = colon == none ? std::string_view{} : login.substr(colon + 1);
  return password.find_first_not_of("0123456789") == none ? std::string{} : std::string{password};  // --user 999:999
}

bool is_flag_of_secret(std::string_view flag) {
  static constexpr std::array<std::string_view, 6> others{"requirepass", "masterauth", "pass",
                                                          "auth",        "authpass",   "pw"};
  return redact::is_secret_name(flag) || std::find(others.begin(), others.end(), flag) != others.end();
}

class Words {
 public:
  Words(const std::vector<std::string>& words, const TakeSecret& take) : words_{words}, take_{take} {
    is_redis_ =
        std::any_of(words.begin(), words.end(), [](const std::string& word) { return word.find("redis-cli") != none; });
  }

  void find() {
    for (std::size_t at = 0; at < words_.size(); ++at) {
      const auto& word = words_[at];
      const auto& next = at + 1 < words_.size() ? words_[at + 1] : nothing_;
      secrets_of_urls("url-password", word, take_);
      if (word.starts_with("--"))
        flag(word.substr(2), next);
      else if (word == "-u" || word == "--user")
        give("user", password_of_login(next));
      else if (word == "-a" && is_redis_)
        give("redis-password", next);
      else
        assignment(word);
    }
  }

 private:
  void flag(const std::string& text, const std::string& next) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    const auto value = equals == std::string::npos ? next : text.substr(equals + 1);
    if (name == "user") return give(name, password_of_login(value));
    if (is_flag_of_secret(name) && !value.starts_with("-")) give(name, value);
  }

  void assignment(const std::string& word) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) return;
    const auto name = word.substr(0, equals);
    const auto value = word.substr(equals + 1);
    if (redact::is_secret_name(name)) give(name, value);
  }

  void give(const std::string& name, const std::string& value) {
    if (!value.empty() && !is_reference(value) && !is_path(value)) take_(name, value);
  }

  const std::vector<std::string>& words_;
  const TakeSecret& take_;
  const std::string nothing_;
  bool is_redis_ = false;
};

}  // namespace

bool is_secret_pair(const std::string& name, const std::string& value) {
  if (value.empty() || is_constant(value) || is_reference(value) || is_path(value)) return false;
  if (value_looks_secret(value)) return true;
  if (names_object(name)) return false;
  return redact::is_secret_name(name) || (name_looks_secret(name) && looks_random(value));
}

void secrets_of_urls(const std::string& name, std::string_view text, const TakeSecret& take) {
  for (auto mark = text.find("://"); mark != none; mark = text.find("://", mark + 3)) {
    const auto rest = text.substr(mark + 3, most_url);
    const auto authority = rest.substr(0, rest.find_first_of(" \t\r\n\"'<>"));
    const auto colon = authority.find_first_of(":/?#@");
    if (colon == none || authority[colon] != ':') continue;
    const auto host = authority.substr(0, authority.find_first_of("/?#", colon));
    const auto at = host.rfind('@') != none ? host.rfind('@') : authority.rfind('@');
    if (at == none || at <= colon + 1) continue;
    const auto password = authority.substr(colon + 1, at - colon - 1);
    if (!is_reference(password)) take(name, "x://x:" + std::string{password} + "@x");
  }
}

void secrets_of_words(const std::vector<std::string>& words, const TakeSecret& take) {
  Words{words, take}.find();
}

std::vector<std::string> words_of_command(std::string_view line) {
  std::vector<std::string> words(1);
  char quote = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote)
      quote = 0;
    else if (c == '\\' && quote != '\'' && at + 1 < line.size())
      words.back() += line[++at];
    else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '|' || c == '&'))
      words.emplace_back();
    else
      words.back() += c;
  }
  words.erase(std::remove(words.begin(), words.end(), std::string{}), words.end());
  return words;
}

}  // namespace doctor::deployment
