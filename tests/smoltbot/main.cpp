#include "lab/files.hpp"
#include "lab/runner.hpp"
#include "lab/smoltbot_world.hpp"

int main(int argc, char** argv) {
  if (!doctor::lab::is_root())
    return doctor::lab::leave_out("the lab needs namespaces of its own, and those need root");
  if (const auto reason = doctor::lab::enter_smoltbot_world(); !reason.empty()) return doctor::lab::leave_out(reason);
  return doctor::lab::run_tests(argc, argv);
}
