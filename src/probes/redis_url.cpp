#include "probes/redis_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "util/percent.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

using Reason = tl::unexpected<std::string>;

constexpr std::size_t most_bytes = 64UL * 1024;
constexpr std::size_t most_options = 100;

/// The number that is the whole text.
template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Whether the connection is encrypted, or a reason.
tl::expected<bool, std::string> read_scheme(std::string_view scheme) {
  const auto name = util::lower(scheme);
  if (name == "redis" || name == "valkey") return false;
  if (name == "rediss" || name == "valkeys") return true;
  return Reason{"it does not begin with redis:// or rediss://"};
}

/// "host", "host:port", "[::1]:port".
tl::expected<void, std::string> read_host(std::string_view text, RedisUrl& url) {
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
  const auto port = number<std::uint16_t>(rest.substr(1));
  if (!port || *port == 0) return Reason{"the port is not a number from 1 to 65535"};
  url.port = *port;
  return {};
}

void read_user(std::string_view text, RedisUrl& url) {
  const auto colon = text.find(':');
  url.user = util::percent_decoded(text.substr(0, colon));
  if (colon == std::string_view::npos) return;
  url.password = util::percent_decoded(text.substr(colon + 1));
  url.has_password = !url.password.empty();
}

tl::expected<void, std::string> read_database(std::string_view text, RedisUrl& url) {
  if (text.empty()) return {};
  const auto index = number<std::uint32_t>(text);
  if (!index || *index > 1'000'000) return Reason{"the database is not a number"};
  url.database = *index;
  return {};
}

bool is_off(const std::string& value) {
  const auto word = util::lower(value);
  return word == "none" || word == "cert_none" || word == "false" || word == "0" || word == "no" || word == "off";
}

tl::expected<void, std::string> read_parameter(const std::string& name, const std::string& value, RedisUrl& url) {
  if (url.options.size() < most_options) url.options.push_back(name);
  if (name == "db") return read_database(value, url);
  if (name == "ssl_cert_reqs" && is_off(value)) url.verify = false;
  if (name == "ssl_check_hostname" && is_off(value)) url.check_name = false;
  if (name == "ssl_ca_certs") url.authorities = value;
  if (name == "password") {
    url.password = value;
    url.has_password = !value.empty();
  }
  if (name == "username") url.user = value;
  return {};
}

tl::expected<void, std::string> read_query(std::string_view text, RedisUrl& url) {
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto equals = std::min(pair.find('='), pair.size());
    if (equals == 0) continue;
    const auto value = equals == pair.size() ? std::string_view{} : pair.substr(equals + 1);
    if (auto read = read_parameter(util::percent_decoded(pair.substr(0, equals)), util::percent_decoded(value), url);
        !read)
      return read;
  }
  return {};
}

bool holds_nul(const RedisUrl& url) {
  return url.host.find('\0') != std::string::npos || url.authorities.find('\0') != std::string::npos;
}

}  // namespace

tl::expected<RedisUrl, std::string> parse_redis_url(std::string_view text) {
  if (text.empty()) return Reason{"it is empty"};
  if (text.size() > most_bytes) return Reason{"it is longer than 64 KB"};
  const auto scheme_end = text.find("://");
  const auto tls = read_scheme(text.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end));
  if (!tls) return Reason{tls.error()};
  text.remove_prefix(scheme_end + 3);
  text = text.substr(0, text.find('#'));
  const auto query = std::min(text.find('?'), text.size());
  const auto path = std::min(text.find('/'), query);
  const auto authority = text.substr(0, path);
  const auto at = authority.rfind('@');

  RedisUrl url;
  url.tls = *tls;
  if (at != std::string_view::npos) read_user(authority.substr(0, at), url);
  const auto host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  auto read = read_host(host, url);
  if (read && path < query) read = read_database(text.substr(path + 1, query - path - 1), url);
  if (read && query < text.size()) read = read_query(text.substr(query + 1), url);
  if (!read) return Reason{read.error()};
  if (holds_nul(url)) return Reason{"it holds a NUL"};
  return url;
}

}  // namespace doctor::probes
