#include "probes/postgres_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "util/percent.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

using Reason = tl::unexpected<std::string>;

constexpr std::size_t most_bytes = 64UL * 1024;
constexpr std::array<std::string_view, 6> modes{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};

bool is_scheme(std::string_view scheme) {
  const auto name = util::lower(scheme.substr(0, scheme.find('+')));
  return name == "postgres" || name == "postgresql";
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

/// "host", "host:port", "[::1]:port", "%2Frun%2Fpostgresql".
tl::expected<void, std::string> read_host(std::string_view text, PostgresUrl& url) {
  std::string_view host = text.substr(0, text.find(':'));
  std::string_view rest = text.substr(host.size());
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return Reason{"the bracket around the host is not closed"};
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  }
  if (!rest.empty() && rest.front() != ':') return Reason{"text stands between the host and the port"};
  if (!host.empty()) url.host = util::percent_decoded(host);
  if (rest.size() < 2) return {};
  const auto port = port_number(rest.substr(1));
  if (!port) return Reason{"the port is not a number from 1 to 65535"};
  url.port = *port;
  return {};
}

void read_user(std::string_view text, PostgresUrl& url) {
  const auto colon = text.find(':');
  url.user = util::percent_decoded(text.substr(0, colon));
  if (colon != std::string_view::npos) url.password = util::percent_decoded(text.substr(colon + 1));
}

tl::expected<void, std::string> read_mode(const std::string& value, PostgresUrl& url) {
  if (std::find(modes.begin(), modes.end(), value) == modes.end()) return Reason{"the sslmode is not one that exists"};
  url.mode = value;
  return {};
}

void add_option(std::string_view name, std::string_view value, PostgresUrl& url) {
  if (!url.options.empty()) url.options += ' ';
  url.options.append("-c ").append(name).append("=").append(value);
}

tl::expected<void, std::string> read_parameter(std::string_view name, const std::string& value, PostgresUrl& url) {
  if (name == "sslmode" || name == "ssl-mode") return read_mode(value, url);
  if (name == "ssl" && std::find(modes.begin(), modes.end(), value) != modes.end()) return read_mode(value, url);
  if (name == "port") {
    const auto port = port_number(value);
    if (!port) return Reason{"the port is not a number from 1 to 65535"};
    url.port = *port;
  }
  if (name == "host" || name == "hostaddr") url.host = value;
  if (name == "user") url.user = value;
  if (name == "password") url.password = value;
  if (name == "dbname") url.database = value;
  if (name == "sslrootcert" || name == "ssl-root-cert" || name == "ssl-ca") url.root_certificate = value;
  if (name == "sslcert" || name == "ssl-cert") url.certificate = value;
  if (name == "sslkey" || name == "ssl-key") url.key = value;
  if (name == "options") url.options += (url.options.empty() ? "" : " ") + value;
  if (name.starts_with("options[") && name.ends_with("]")) add_option(name.substr(8, name.size() - 9), value, url);
  return {};
}

tl::expected<void, std::string> read_query(std::string_view text, PostgresUrl& url) {
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = util::percent_decoded(pair.substr(0, equals));
    auto done = read_parameter(name, util::percent_decoded(pair.substr(equals + 1)), url);
    if (!done) return done;
  }
  return {};
}

bool holds_nul(const PostgresUrl& url) {
  const std::array<const std::string*, 9> parts{&url.host,        &url.user,    &url.password,
                                                &url.database,    &url.options, &url.root_certificate,
                                                &url.certificate, &url.key,     &url.mode};
  return std::any_of(parts.begin(), parts.end(),
                     [](const std::string* part) { return part->find('\0') != std::string::npos; });
}

}  // namespace

tl::expected<PostgresUrl, std::string> parse_postgres_url(std::string_view text) {
  if (text.empty()) return Reason{"it is empty"};
  if (text.size() > most_bytes) return Reason{"it is longer than 64 KB"};
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || !is_scheme(text.substr(0, scheme_end)))
    return Reason{"it does not begin with postgres:// or postgresql://"};
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const auto query = text.find('?');
  const auto path = std::min(text.find('/'), query);
  const auto authority = text.substr(0, path);
  const auto at = authority.rfind('@');

  PostgresUrl url;
  if (at != std::string_view::npos) read_user(authority.substr(0, at), url);
  if (auto host = read_host(at == std::string_view::npos ? authority : authority.substr(at + 1), url); !host)
    return Reason{host.error()};
  if (path < text.size() && text[path] == '/')
    url.database =
        util::percent_decoded(text.substr(path + 1, query == std::string_view::npos ? query : query - path - 1));
  if (query != std::string_view::npos)
    if (auto read = read_query(text.substr(query + 1), url); !read) return Reason{read.error()};
  if (holds_nul(url)) return Reason{"it holds a NUL"};
  return url;
}

}  // namespace doctor::probes
