#define CATCH_CONFIG_RUNNER
#include "lab/runner.hpp"

#include <cstdlib>
#include <iostream>

#include "lab/check.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr int exit_skipped = 77;

}  // namespace

int leave_out(const std::string& reason) {
  std::cout << "skipped: " << reason << std::endl;
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string{ci} == "true" ? EXIT_FAILURE : exit_skipped;
}

int run_tests(int argc, char** argv) {
  const int failures = Catch::Session().run(argc, argv);
  return failures == 0 && skipped() ? exit_skipped : failures;
}

}  // namespace doctor::lab
