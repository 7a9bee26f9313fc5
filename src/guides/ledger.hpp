#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "guides/problem.hpp"

namespace doctor::guides {

/// A line of docs/detection.tsv: a test has injected a fault, and this entry was raised.
struct Proof {
  std::string entry;
  std::string by;    ///< the check, or "log"
  std::string test;  ///< name of the test
  int line = 0;
};

/// Reads the ledger: entry, check or "log", test, parted by tabs; sorted, no line twice. Empty lines and lines that
/// begin with # do not count.
std::vector<Proof> read_ledger(std::string_view text, const std::string& file, Problems& problems);

/// What raises `entry`: "database", "log", "database,log"; "" when nothing was proved.
std::string detection_of(std::string_view entry, const std::vector<Proof>& ledger);

}  // namespace doctor::guides
