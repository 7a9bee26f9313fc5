#pragma once

#include <cstdint>
#include <vector>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"
#include "doctor/probe/host.hpp"
#include "probes/helper.hpp"

namespace doctor::probes {

/// A TCP port of the host that somebody listens on.
struct ListeningSocket {
  std::uint16_t port = 0;
  Listener listener;
};

/// All of them, from /proc (as ListenersQuestion has those of one port), sorted by port and address, at most 2,000.
Outcome<std::vector<ListeningSocket>> listening_sockets(Helper& helper, const Deadline& deadline);

}  // namespace doctor::probes
