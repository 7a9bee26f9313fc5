#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Reads a database URL as the WHATWG URL parser does, which is what most clients use: the authority ends at the first
/// of / ? #, the user information at the last @ before that.
namespace doctor::deployment {

/// The parts of a database URL that are not secret, percent-decoded.
struct DatabaseUrl {
  std::string scheme;  ///< "" when it is not an accepted one
  std::string user;
  std::string host;        ///< without the brackets of an IPv6 address; "" when the URL names none
  std::uint16_t port = 0;  ///< 0: not said
  std::string database;
  std::string tls_mode;
  bool has_password = false;
  std::string problem;  ///< why it cannot be read, without any part that may be secret; empty: it can
};

/// At most 64 KB. `schemes` are those that the application accepts; empty: those of PostgreSQL.
DatabaseUrl parse_database_url(std::string_view text, const std::vector<std::string>& schemes = {});

}  // namespace doctor::deployment
