#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace doctor::probes {

/// The parts of a redis:// URL, decoded. User and password may be secret; the rest is not.
struct RedisUrl {
  bool tls = false;
  std::string host = "localhost";  ///< a name, or a numeric address without brackets
  std::uint16_t port = 6379;
  std::string user;  ///< "" for the default user
  std::string password;
  bool has_password = false;
  std::uint32_t database = 0;
  bool verify = true;                ///< false: the client accepts any certificate (ssl_cert_reqs=none)
  bool check_name = true;            ///< false: the client does not compare its name (ssl_check_hostname=false)
  std::string authorities;           ///< a file of the client's own authorities (ssl_ca_certs); "": those of the system
  std::vector<std::string> options;  ///< names of the query's parameters, as written
};

/// Reads a URL as the clients do (redis-py, ioredis, node-redis, go-redis, redis-rs): redis://, rediss://, and
/// valkey://, valkeys:// alike; the user information ends at the last @ of the authority, a single part of it without a
/// colon is a user, a broken %XX stands for itself, unknown parameters are kept by name and ignored. The database is
/// the path, else the parameter db. At most 64 KB. The error is a reason without any part of the URL.
tl::expected<RedisUrl, std::string> parse_redis_url(std::string_view text);

}  // namespace doctor::probes
