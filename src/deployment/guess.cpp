#include "deployment/guess.hpp"

#include <algorithm>
#include <array>

#include "util/text.hpp"

namespace doctor::deployment {
namespace {

constexpr std::size_t most_url = 4096;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// `rest` follows "://". A password may hold the very characters that end the authority, so a '@' further on counts
/// when what stands before cannot be a port.
bool carries_password(std::string_view scheme, std::string_view rest) {
  rest = rest.substr(0, most_url);  // keeps a text full of "://" linear
  rest = rest.substr(0, rest.find_first_of(" \t\r\n\"'"));
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos)
    return authority.substr(0, at).find(':') != std::string_view::npos || scheme.starts_with("http");
  const auto colon = authority.find(':');
  if (colon == std::string_view::npos || !contains(rest, "@") || authority.starts_with('[')) return false;
  return !is_port(authority.substr(colon + 1));
}

bool has_url_with_password(std::string_view text) {
  for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
    auto start = at;
    while (start > 0 && (std::isalnum(static_cast<unsigned char>(text[start - 1])) != 0)) --start;
    if (carries_password(text.substr(start, at - start), text.substr(at + 3))) return true;
  }
  return false;
}

bool is_web_token(std::string_view text) {
  return text.starts_with("eyJ") && std::count(text.begin(), text.end(), '.') == 2;
}

bool is_database_name(std::string_view upper) {
  static constexpr std::array names{"DATABASE_URL", "DATABASE_URI", "DATABASE_DSN",   "DB_URL",      "DB_URI",
                                    "POSTGRES_URL", "POSTGRES_URI", "POSTGRESQL_URL", "POSTGRES_DSN"};
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return upper == name || (upper.ends_with(name) && upper[upper.size() - name.size() - 1] == '_');
  });
}

bool is_redis_name(std::string_view upper) {
  static constexpr std::array names{"REDIS_URL", "REDIS_URI", "REDIS_DSN", "VALKEY_URL"};
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return upper == name || (upper.ends_with(name) && upper[upper.size() - name.size() - 1] == '_');
  });
}

std::string upper_case(std::string_view text) {
  std::string upper{text};
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return upper;
}

}  // namespace

bool name_looks_secret(std::string_view name) {
  const auto upper = upper_case(name);
  if (upper.ends_with("_PATH") || upper.ends_with("_FILE") || contains(upper, "PUBLIC")) return false;
  static constexpr std::array parts{"PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "KEY", "CREDENTIAL"};
  if (std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return contains(upper, part); }))
    return true;
  return upper.ends_with("_PASS") || upper.ends_with("_PWD");
}

bool value_looks_secret(std::string_view text) {
  if (has_url_with_password(text) || is_web_token(text)) return true;
  return contains(text, "PRIVATE KEY-----") || contains(util::lower(text), "password=");
}

std::string url_scheme(std::string_view text) {
  const auto end = text.find("://");
  if (end == std::string_view::npos || end == 0) return {};
  const auto scheme = util::lower(text.substr(0, end));
  const bool letter = scheme.front() >= 'a' && scheme.front() <= 'z';
  const bool legal = scheme.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+-.") == std::string::npos;
  return letter && legal ? scheme : std::string{};
}

bool is_postgres_url(std::string_view text) {
  const auto scheme = url_scheme(text);
  return scheme == "postgres" || scheme == "postgresql" || scheme.starts_with("postgresql+") ||
         scheme.starts_with("postgres+");
}

bool is_redis_url(std::string_view text) {
  static constexpr std::array schemes{"redis", "rediss", "valkey", "valkeys"};
  return std::find(schemes.begin(), schemes.end(), url_scheme(text)) != schemes.end();
}

SettingRule guessed_rule(std::string_view name, std::string_view value) {
  SettingRule rule;
  rule.name = std::string{name};
  const bool foreign = !url_scheme(value).empty() && !is_postgres_url(value);
  const bool unsaid = value.empty() || contains(value, "@");
  if (is_postgres_url(value) || (is_database_name(upper_case(name)) && !foreign && unsaid)) rule.role = "database-url";
  // A list of several addresses, as of a cluster, is for the client that knows it.
  const bool several = contains(value.substr(value.rfind('@') + 1), ",");
  const bool named = is_redis_name(upper_case(name)) && url_scheme(value).empty() && unsaid;
  if (!several && (is_redis_url(value) || named)) rule.role = "redis-url";
  const bool with_login = rule.role == "redis-url" && contains(value, "@");
  rule.secret = with_login || name_looks_secret(name) || rule.role == "database-url" || value_looks_secret(value);
  return rule;
}

bool is_secret(const SettingRule& rule) {
  static constexpr std::array open{"integer", "boolean", "path", "address", "port", "duration", "log-filter"};
  if (rule.secret) return true;
  if (std::find(open.begin(), open.end(), rule.form) != open.end()) return false;
  return name_looks_secret(rule.name);
}

}  // namespace doctor::deployment
