#pragma once

#include <iosfwd>

namespace doctor::cli {

struct Streams {
  std::ostream& out;  ///< results
  std::ostream& err;  ///< progress, messages, the debug log
};

/// From argv to exit code (contract): 0, 1, 2, 3, 130, 143. Starts the helper process and threads; call once per
/// process.
int run(int argc, char** argv, Streams streams);

}  // namespace doctor::cli
