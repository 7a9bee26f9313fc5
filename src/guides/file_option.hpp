#pragma once

#include <string>
#include <vector>

namespace doctor::guides {

/// One of doctor's own options as a doctor.yaml gives it: `fail-on: warning`, `skip: [redis, logs]`.
struct FileOption {
  std::string name;  ///< the long name without hyphens before it
  std::vector<std::string> values;
  int line = 0;  ///< of the name
  int column = 0;
};

}  // namespace doctor::guides
