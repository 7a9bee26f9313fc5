#pragma once

#include <memory>

#include "probes/postgres_session.hpp"

namespace doctor::probes {

/// A connection on which the server has accepted the login.
struct PostgresLogin {
  PostgresConnection connection;
  std::unique_ptr<int> notices;
};

Outcome<PostgresLogin> log_in(const PostgresSession::Target& target, const Deadline& deadline);

/// Bytes received on a TCP socket since it was connected (tcp(7), TCP_INFO); 0 for other sockets.
std::uint64_t bytes_received(int fd);

}  // namespace doctor::probes
