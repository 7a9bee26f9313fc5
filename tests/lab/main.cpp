// The main function of labs of bare processes.

#include "lab/files.hpp"
#include "lab/runner.hpp"
#include "lab/world.hpp"

int main(int argc, char** argv) {
  if (!doctor::lab::is_root())
    return doctor::lab::leave_out("the lab gives files and processes to other users, which needs root");
  if (const auto reason = doctor::lab::enter_world(); !reason.empty()) return doctor::lab::leave_out(reason);
  return doctor::lab::run_tests(argc, argv);
}
