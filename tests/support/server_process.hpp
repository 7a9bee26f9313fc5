#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What all servers of the tests need: a port, and a process that dies with the test.
namespace doctor::test {

struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
};

/// A TCP port of loopback on which nothing listens now. Throws std::runtime_error when there is none.
std::uint16_t free_port();

/// Whether 127.0.0.1 accepts a connection on that port.
bool accepts(std::uint16_t port);

/// Starts a program (absolute path) in `directory`, as `drop_to` if that is given, with both outputs in `output`. It
/// gets `death_signal` when the thread that started it ends. Throws std::runtime_error when it cannot fork.
pid_t spawn(const std::vector<std::string>& command, int output, const std::string& directory,
            const std::optional<Account>& drop_to, int death_signal);

}  // namespace doctor::test
