#include "lab/docker_engine.hpp"
#include "lab/runner.hpp"
#include "lab/world.hpp"

int main(int argc, char** argv) {
  if (const auto reason = doctor::lab::missing_for_engine(); !reason.empty()) return doctor::lab::leave_out(reason);
  // The Engine's bridges, firewall rules and published ports touch nobody else's.
  if (const auto reason = doctor::lab::leave_network(); !reason.empty()) return doctor::lab::leave_out(reason);
  return doctor::lab::run_tests(argc, argv);
}
