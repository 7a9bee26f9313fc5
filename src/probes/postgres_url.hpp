#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace doctor::probes {

/// The parts of a postgres:// URL, decoded. All but host, port and mode may hold secrets.
struct PostgresUrl {
  std::string host = "localhost";  ///< a name, a numeric address without brackets, or the directory of a socket
  std::uint16_t port = 5432;
  std::string user;
  std::string password;
  std::string database;
  std::string mode = "prefer";  ///< disable, allow, prefer, require, verify-ca, verify-full
  std::string root_certificate;
  std::string certificate;
  std::string key;
  std::string options;  ///< "-c name=value ..."
};

/// Reads a URL as its applications do: the Rust driver sqlx above all, then libpq and SQLAlchemy (a "+driver" behind
/// the scheme). Userinfo ends at the last @, a broken %XX stands for itself, unknown query parameters are ignored. At
/// most 64 KB. The error is a reason without any part of the URL.
tl::expected<PostgresUrl, std::string> parse_postgres_url(std::string_view text);

}  // namespace doctor::probes
