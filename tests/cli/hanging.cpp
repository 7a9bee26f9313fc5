#include "cli/hanging.hpp"

#include <chrono>
#include <thread>

namespace doctor::lab {

Hanging::Hanging() : server_{test::silent()}, shop_{server_.port()} {}

Arguments Hanging::command(const Arguments& more) const {
  return shop_.command(more);
}

bool Hanging::is_asked(int before) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (connections() <= before && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  return connections() > before;
}

}  // namespace doctor::lab
