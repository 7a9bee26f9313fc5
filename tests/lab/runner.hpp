#pragma once

#include <string>

/// What the main functions of the labs have in common. Skipped means CTest's SKIP_RETURN_CODE 77.
namespace doctor::lab {

/// The exit code of a lab that cannot try anything here: skipped, and where CI is true a failure. Prints why.
int leave_out(const std::string& reason);

/// Catch2's own run; skipped when something could not be tried and nothing failed.
int run_tests(int argc, char** argv);

}  // namespace doctor::lab
