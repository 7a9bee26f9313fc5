#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"

#include <iostream>

#include "lab/check.hpp"
#include "lab/files.hpp"

/// As Catch's own, but tells CTest (SKIP_RETURN_CODE 77) when something could not be tried here.
int main(int argc, char** argv) {
  constexpr int skipped = 77;
  if (!doctor::lab::is_root()) {
    std::cout << "skipped: the lab gives files and processes to other users, which needs root\n";
    return skipped;
  }
  const int failures = Catch::Session().run(argc, argv);
  return failures == 0 && doctor::lab::skipped() ? skipped : failures;
}
