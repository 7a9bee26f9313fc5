#include "bundle/collect_values.hpp"

#include <algorithm>
#include <array>

#include "redact/marker.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::string_view digits = "0123456789";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_boolean(const std::string& value) {
  static constexpr std::array<std::string_view, 8> words{"true", "false", "yes",     "no",
                                                         "on",   "off",   "enabled", "disabled"};
  return std::find(words.begin(), words.end(), util::lower(value)) != words.end();
}

/// Longer ones may be numbers of people, cards or telephones.
bool is_small_integer(std::string_view value) {
  if (value.starts_with('-')) value.remove_prefix(1);
  return !value.empty() && value.size() <= 12 && value.find_first_not_of(digits) == none;
}

/// Takes "${NAME}" or "${NAME:?message}" from the front. A default in it is text of its own, and what has no braces may
/// be a hash, "$apr1$...".
bool take_reference(std::string_view& text) {
  if (!text.starts_with("${")) return false;
  std::size_t end = 2;
  while (end < text.size() && is_name_character(text[end])) ++end;
  if (end == 2 || digits.find(text[2]) != none) return false;
  const auto rest = text.substr(end);
  const bool message = rest.starts_with(":?") || rest.starts_with('?');
  const auto close = message ? rest.find('}') : rest.starts_with('}') ? 0 : none;
  if (close == none) return false;
  text.remove_prefix(end + close + 1);
  return true;
}

bool is_references(std::string_view text) {
  while (take_reference(text)) {
  }
  return text.empty();
}

/// "name:${PASSWORD}": the password of such a login stands elsewhere.
bool is_login_by_reference(std::string_view login) {
  const auto colon = std::min(login.find(':'), login.size());
  const auto name = login.substr(0, colon);
  const bool plain = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), is_name_character);
  return (plain || is_references(name)) && is_references(login.substr(std::min(colon + 1, login.size())));
}

/// Levels of logs and names of environments: words that everybody uses.
bool is_common_word(const std::string& value) {
  static constexpr std::array<std::string_view, 15> words{"trace",   "debug",       "info", "warn",   "warning",
                                                          "error",   "fatal",       "none", "silent", "production",
                                                          "staging", "development", "test", "json",   "text"};
  return std::find(words.begin(), words.end(), util::lower(value)) != words.end();
}

/// Everybody has these, and they tell what an image is.
bool is_ordinary(const std::string& name) {
  static constexpr std::array<std::string_view, 10> names{"PATH", "HOME",  "LANG", "LANGUAGE", "LC_ALL",
                                                          "TZ",   "SHELL", "TERM", "PWD",      "USER"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "1.2.3-4", "17.5-1.pgdg120+1" of a variable that is called a version.
bool is_version(const std::string& name, std::string_view value) {
  if (!name.ends_with("VERSION") || value.size() > 32 || value.find('.') == none) return false;
  if (value.starts_with('v')) value.remove_prefix(1);
  return !value.empty() && digits.find(value.front()) != none &&
         value.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz.+-~") == none;
}

/// A part of a path that is nobody's word, such as the key in the address of a webhook.
bool is_opaque(std::string_view part) {
  constexpr std::size_t long_word = 20;
  const auto count = [&](auto&& is) { return std::count_if(part.begin(), part.end(), is); };
  const auto figures = count([](char c) { return c >= '0' && c <= '9'; });
  const auto capitals = count([](char c) { return c >= 'A' && c <= 'Z'; });
  return part.size() >= long_word || (part.size() >= 12 && figures >= 2 && capitals >= 2);
}

bool is_database_scheme(const std::string& scheme) {
  static constexpr std::array<std::string_view, 12> schemes{"postgres", "postgresql", "mysql",  "mariadb",
                                                            "redis",    "rediss",     "valkey", "valkeys",
                                                            "mongodb",  "amqp",       "amqps",  "nats"};
  const auto plain = scheme.substr(0, scheme.find('+'));
  return std::find(schemes.begin(), schemes.end(), plain) != schemes.end();
}

bool is_scheme(std::string_view text) {
  return !text.empty() && text.size() <= 20 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+.-") == none;
}

/// host or host:port, [address]:port, host:port,host:port.
bool is_host(std::string_view text) {
  for (const auto& one : util::split(text, ',')) {
    const auto bracket = one.rfind(']');
    const auto colon = one.find(':', bracket == std::string::npos ? 0 : bracket);
    const auto host = std::string_view{one}.substr(0, colon);
    if (colon != std::string::npos &&
        (colon + 1 == one.size() || one.find_first_not_of(digits, colon + 1) != std::string::npos))
      return false;
    if (host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_[]:") != none)
      return false;
  }
  return true;
}

std::string shown_path(const std::string& name, std::string_view path) {
  std::vector<std::string> parts = util::split(path, '/');
  for (auto& part : parts)
    if (is_opaque(part)) part = Values::marker(name);
  return util::join(parts, "/");
}

}  // namespace

Values::Values(const std::shared_ptr<const Deployment>& deployment, Judge secret_name, Judge secret_value)
    : secret_name_{std::move(secret_name)}, secret_value_{std::move(secret_value)} {
  for (const auto& setting : deployment->settings) {
    const bool secret = setting.rule.secret || std::any_of(setting.chain.begin(), setting.chain.end(),
                                                           [](const Hop& hop) { return hop.kind == "secret-file"; });
    const auto is_hidden = [](const std::optional<Value>& value) { return value && value->is_secret(); };
    auto& kind = settings_.emplace(setting.name, Kind::unknown).first->second;
    if (secret || is_hidden(setting.configured) || is_hidden(setting.running) || is_hidden(setting.written))
      kind = Kind::secret;
    else if (setting.described && kind == Kind::unknown)
      kind = Kind::open;
  }
}

Values::Kind Values::kind(const std::string& name) const {
  const auto found = settings_.find(name);
  const auto known = found == settings_.end() ? Kind::unknown : found->second;
  return known == Kind::unknown && secret_name_(name) ? Kind::secret : known;
}

bool Values::is_secret(const std::string& name) const {
  return kind(name) == Kind::secret;
}

std::string Values::marker(const std::string& name) {
  const bool usable = redact::is_marker_name(name) && name.find(':') == std::string::npos;
  return std::string{redact::marker_begin} + (usable ? name : "value") + "]";
}

std::string Values::shown(const std::string& name, const std::string& value) const {
  if (util::trim(value).empty() || is_references(value)) return value;
  const auto of = kind(name);
  if (of == Kind::open && !secret_value_(value)) return value;
  const bool secret = of == Kind::secret;
  const bool harmless = is_boolean(value) || is_common_word(value) || is_small_integer(value) || is_ordinary(name) ||
                        is_version(name, value);
  if (!secret && harmless) return value;
  return shown_url(name, value, secret);
}

/// A password may hold the very characters that end an authority, so everything up to the last '@' is taken for it.
std::string Values::shown_url(const std::string& name, const std::string& value, bool secret) const {
  const auto mark = value.find("://");
  if (mark == std::string::npos || value.find_first_of(" \t\r\n\"'") != std::string::npos) return marker(name);
  const auto scheme = util::lower(value.substr(0, mark));
  if (!is_scheme(scheme) || (secret && !is_database_scheme(scheme))) return marker(name);
  const auto at = value.rfind('@');
  const bool login = at != std::string::npos && at > mark;
  const auto begin = login ? at + 1 : mark + 3;
  const auto end = std::min(value.find_first_of("?#", begin), value.size());
  const auto slash = std::min(value.find('/', begin), end);
  const auto host = value.substr(begin, slash - begin);
  if (!is_host(host)) return marker(name);
  const auto user = login ? value.substr(mark + 3, at - mark - 3) : std::string{};
  return value.substr(0, mark + 3) + (login ? (is_login_by_reference(user) ? user : marker(name)) + "@" : "") + host +
         shown_path(name, std::string_view{value}.substr(slash, end - slash)) +
         (end < value.size() ? value[end] + marker(name) : "");
}

std::string Values::shown_entry(const std::string& entry) const {
  const auto equals = entry.find('=');
  if (equals == std::string::npos) return entry;
  const auto name = entry.substr(0, equals);
  return name + "=" + shown(name, entry.substr(equals + 1));
}

bool Values::is_secret_option(std::string_view option) const {
  static constexpr std::array<std::string_view, 6> parts{"pass", "secret", "token", "credential", "apikey", "auth-key"};
  const auto name = util::lower(option.substr(0, option.find_first_of("= ")));
  if (name.ends_with("file") || name.ends_with("path") || name.ends_with("dir")) return false;
  const bool known = std::any_of(parts.begin(), parts.end(),
                                 [&](std::string_view part) { return name.find(part) != std::string::npos; });
  return known || secret_name_(name);
}

std::vector<std::string> Values::shown_arguments(const std::vector<std::string>& words) const {
  std::vector<std::string> shown;
  bool hidden = false;
  for (const auto& word : words) {
    const auto equals = word.find('=');
    const bool option = word.starts_with('-');
    const auto name = std::string{word.substr(0, equals)};
    const auto bare = name.substr(std::min(name.find_first_not_of('-'), name.size()));
    if (hidden && !option)
      shown.push_back(marker("argument"));
    else if (equals != std::string::npos && (option ? is_secret_option(bare) : is_secret(bare)))
      shown.push_back(name + "=" + marker(bare));
    else if (option && bare == "user" && equals != std::string::npos && word.find(':') != std::string::npos)
      shown.push_back(word.substr(0, word.find(':') + 1) + marker("user"));
    else
      shown.push_back(word.find_first_of(" \n\t") == std::string::npos ? word : shown_command(word));
    hidden = option && equals == std::string::npos && is_secret_option(bare);
  }
  return shown;
}

/// A command line in one word, as "sh -c" has it. What separates its words stays.
std::string Values::shown_command(const std::string& text) const {
  std::vector<std::string> words;
  std::vector<std::string> gaps;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = std::min(text.find_first_not_of(" \n\t", at), text.size());
    const auto end = std::min(text.find_first_of(" \n\t", begin), text.size());
    gaps.push_back(text.substr(at, begin - at));
    words.push_back(text.substr(begin, end - begin));
    at = end;
  }
  std::string out;
  const auto shown = shown_arguments(words);
  for (std::size_t i = 0; i < shown.size(); ++i) out += gaps[i] + shown[i];
  return out;
}

}  // namespace doctor::bundle
