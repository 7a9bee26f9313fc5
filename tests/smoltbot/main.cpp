#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

#include "lab/check.hpp"
#include "lab/files.hpp"
#include "lab/smoltbot_world.hpp"

namespace {

constexpr int skipped = 77;

/// Tells CTest (SKIP_RETURN_CODE 77) that nothing could be tried here; where CI is true that is a failure.
int leave_out(const std::string& reason) {
  std::cout << "skipped: " << reason << std::endl;
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string{ci} == "true" ? EXIT_FAILURE : skipped;
}

}  // namespace

int main(int argc, char** argv) {
  if (!doctor::lab::is_root()) return leave_out("the lab needs namespaces of its own, and those need root");
  if (const auto reason = doctor::lab::enter_smoltbot_world(); !reason.empty()) return leave_out(reason);
  const int failures = Catch::Session().run(argc, argv);
  return failures == 0 && doctor::lab::skipped() ? skipped : failures;
}
