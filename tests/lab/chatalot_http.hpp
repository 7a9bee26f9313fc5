#pragma once

#include <chrono>
#include <string>

#include "lab/chatalot_database.hpp"

/// The HTTP side of the lab's chatalot-server.
namespace chatalot {

struct Site {
  std::string static_path;
  std::string registration_mode;
  std::string public_url;
  bool has_public_url = false;
  std::chrono::steady_clock::time_point started;
};

/// Listens on "address:port"; throws Fatal with the application's texts.
int listen_on(const std::string& address);

/// Answers until a signal asks to stop (`stop` becomes true).
void serve(int listener, const Site& site, Pool& pool, const volatile int& stop);

}  // namespace chatalot
