#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"
#include "probes/helper_descriptor.hpp"
#include "probes/resolve.hpp"

/// The one way in for every protocol: resolve with a deadline, connect without blocking, map errno once.
namespace doctor::probes {

inline constexpr std::chrono::milliseconds connect_limit{3000};

/// How long a wait may sleep before it looks at the stop token again.
inline constexpr std::chrono::milliseconds stop_interval{100};

/// errno to a closed kind; see errno(3) and connect(2).
FailureKind kind_of_errno(int error);

/// A failure with the errno's name as code and its description as detail.
ProbeFailure failure_of_errno(int error, std::string_view phase, std::string address, std::chrono::milliseconds waited);

/// The failure of a wait that its deadline or a stop has ended.
ProbeFailure failure_of_deadline(const Deadline& deadline, std::string_view phase, std::string address,
                                 std::chrono::milliseconds waited);

std::chrono::milliseconds since(Deadline::Clock::time_point start);

/// Waits for poll(2) events on a descriptor. False: the deadline passed or a stop was requested, noticed within 100 ms.
bool wait_for(int fd, short events, const Deadline& deadline);

/// "127.0.0.1:5432", "[::1]:5432".
std::string shown_address(std::string_view numeric, std::uint16_t port);

struct Connection {
  Descriptor socket;    ///< non-blocking, close-on-exec
  std::string numeric;  ///< "127.0.0.1"
  std::string address;  ///< "127.0.0.1:5432"
  std::chrono::milliseconds took{0};
};

/// The first of the numeric addresses that accepts (RFC 8305: the next attempt starts after 250 ms or the failure of
/// the one before). When none does, the most telling failure: refused before no answer before no route.
Outcome<Connection> connect_to(const std::vector<std::string>& addresses, std::uint16_t port, const Deadline& deadline);

/// Connects to the socket of a path. `numeric` of the answer is empty, `address` the path.
Outcome<Connection> connect_to_path(const std::string& path, const Deadline& deadline);

/// Resolves and connects; 3 s for each of the two.
Outcome<Connection> dial(Resolver& resolver, const std::string& host, std::uint16_t port, const Deadline& deadline);

/// A place that doctor does not know, hence may not look from.
ProbeFailure no_such_vantage(std::string_view vantage);

}  // namespace doctor::probes
