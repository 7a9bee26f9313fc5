#include "deployment/data_source_url.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "deployment/guess.hpp"
#include "util/percent.hpp"
#include "util/text.hpp"

namespace doctor::deployment {
namespace {

constexpr std::size_t most_bytes = 64 * 1024;

std::string problem_of_text(std::string_view text) {
  if (util::trim(text).empty()) return "it is empty";
  if (text.size() > most_bytes) return "it is longer than 64 KB";
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
  if (control) return "it holds a control character (a line break, a carriage return or a tab)";
  if (!util::valid_utf8(text)) return "it is not valid UTF-8";
  if (text.front() == ' ' || text.back() == ' ') return "it begins or ends with a blank";
  if (text.front() == '"' || text.front() == '\'') return "it begins with a quotation mark";
  return {};
}

std::string problem_of_scheme(const std::string& scheme, const std::vector<std::string>& schemes) {
  if (scheme.empty()) return "it does not begin with a scheme such as postgres://";
  const bool known = schemes.empty() ? is_postgres_url(scheme + "://")
                                     : std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
  if (known) return {};
  const auto accepted = schemes.empty() ? std::string{"postgres, postgresql"} : util::join(schemes, ", ");
  // Not quoted: a secret may have been pasted where the scheme belongs.
  return "it begins with a scheme that is not one of " + accepted;
}

/// What lies between "://" and the path.
struct Authority {
  std::string_view user_information;
  std::string_view host;
  std::string_view port;
  bool has_user = false;
  bool bracket_open = false;
};

Authority split_authority(std::string_view text) {
  Authority authority;
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    authority.user_information = text.substr(0, at);
    authority.has_user = true;
    text.remove_prefix(at + 1);
  }
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    authority.bracket_open = end == std::string_view::npos;
    if (authority.bracket_open) return authority;
    authority.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    authority.port = text.starts_with(':') ? text.substr(1) : text;
    return authority;
  }
  const auto colon = text.find(':');
  authority.host = text.substr(0, colon);
  if (colon != std::string_view::npos) authority.port = text.substr(colon + 1);
  return authority;
}

/// The port, or nothing when it is none. Empty text is port 0: not said.
std::optional<std::uint16_t> port_number(std::string_view text) {
  if (text.size() > 5 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  unsigned number = 0;
  for (const char c : text) number = number * 10 + static_cast<unsigned>(c - '0');
  if (number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

std::string class_of(char c) {
  return c == '/' ? "slash" : c == '?' ? "question mark" : "hash";
}

bool legal_host(std::string_view host) {
  return host.find_first_of(" \"'<>\\^`{|}$") == std::string_view::npos;
}

/// Whether an @ stands behind the authority where none belongs: the authority ended in the middle of the password. An @
/// in the value of a query's parameter is legal.
bool cut_password(std::string_view after) {
  const auto at = after.find('@');
  if (at == std::string_view::npos) return false;
  const auto before = after.substr(0, at);
  return before.find('?') == std::string_view::npos || before.find('=') == std::string_view::npos;
}

/// `after` is what follows the authority.
std::string problem_of_authority(const Authority& authority, std::string_view after) {
  const bool valid_port = port_number(authority.port).has_value();
  if (cut_password(after))
    return (valid_port ? "wrong host: " : "invalid port number: ") + std::string{"the password holds an unescaped "} +
           class_of(after.front()) + ", which ends the user and host part of the URL too early";
  if (authority.bracket_open) return "the bracket of an IPv6 address is not closed";
  if (!valid_port) return "invalid port number: it must be a number from 1 to 65535";
  if (!legal_host(authority.host)) return "the host holds a character that no host name has";
  return {};
}

void read_query(DatabaseUrl& url, std::string_view query) {
  for (const auto& pair : util::split(query.substr(0, query.find('#')), '&')) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos) continue;
    const auto key = pair.substr(0, equals);
    const auto value = util::percent_decoded(std::string_view{pair}.substr(equals + 1));
    if (key == "sslmode" || key == "ssl-mode" || key == "ssl_mode") url.tls_mode = value;
    if (key == "host" && url.host.empty()) url.host = value;
    if (key == "port" && url.port == 0) url.port = port_number(value).value_or(0);
    if (key == "user" && url.user.empty()) url.user = value;
    if (key == "dbname" && url.database.empty()) url.database = value;
    if (key == "password") url.has_password = true;
  }
}

std::string problem_of_tls_mode(const std::string& mode) {
  static constexpr std::array known{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
  if (mode.empty() || std::find(known.begin(), known.end(), mode) != known.end()) return {};
  return "sslmode is none of disable, allow, prefer, require, verify-ca, verify-full";
}

void read_user(DatabaseUrl& url, std::string_view user_information) {
  const auto colon = user_information.find(':');
  url.user = util::percent_decoded(user_information.substr(0, colon));
  url.has_password = colon != std::string_view::npos && colon + 1 < user_information.size();
}

void read_path(DatabaseUrl& url, std::string_view after) {
  const auto query = after.find('?');
  auto path = after.substr(0, std::min(query, after.find('#')));
  if (path.starts_with('/')) path.remove_prefix(1);
  url.database = util::percent_decoded(path);
  if (query != std::string_view::npos) read_query(url, after.substr(query + 1));
}

}  // namespace

DatabaseUrl parse_database_url(std::string_view text, const std::vector<std::string>& schemes) {
  DatabaseUrl url;
  url.problem = problem_of_text(text);
  if (!url.problem.empty()) return url;
  url.scheme = url_scheme(text);
  url.problem = problem_of_scheme(url.scheme, schemes);
  if (!url.problem.empty()) {
    url.scheme.clear();  // perhaps a secret that was pasted there
    return url;
  }

  const auto rest = text.substr(url.scheme.size() + 3);
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  const auto authority = split_authority(rest.substr(0, end));
  const auto after = rest.substr(end);
  url.problem = problem_of_authority(authority, after);
  if (!url.problem.empty()) return url;

  url.port = port_number(authority.port).value_or(0);
  read_user(url, authority.user_information);
  url.host = util::percent_decoded(authority.host);
  read_path(url, after);
  url.problem = problem_of_tls_mode(url.tls_mode);
  return url;
}

}  // namespace doctor::deployment
