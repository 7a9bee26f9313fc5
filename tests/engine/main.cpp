#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"

#include <cstdlib>
#include <iostream>
#include <string>

#include "lab/check.hpp"
#include "lab/docker_engine.hpp"

namespace {

/// Tells CTest (SKIP_RETURN_CODE 77) that nothing could be tried here; where CI is true that is a failure.
int leave_out(const std::string& reason) {
  constexpr int skipped = 77;
  std::cout << "skipped: " << reason << std::endl;
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string{ci} == "true" ? EXIT_FAILURE : skipped;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto reason = doctor::lab::missing_for_engine(); !reason.empty()) return leave_out(reason);
  if (const auto reason = doctor::lab::leave_network(); !reason.empty()) return leave_out(reason);
  return Catch::Session().run(argc, argv);
}
