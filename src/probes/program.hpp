#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"

namespace doctor::probes {

inline constexpr std::size_t most_program_output = 1024UL * 1024;
inline constexpr std::size_t most_program_errors = 4096;

/// A program to run and what it gets. No shell is in between.
struct ProgramCall {
  std::string path;  ///< absolute
  std::vector<std::string> arguments;
  std::string input;      ///< standard input, 1 MB at most
  std::string directory;  ///< working directory; empty: /
  std::size_t most_output = most_program_output;
};

struct ProgramEnd {
  int exit_code = 0;
  std::string out;
  std::string err;  ///< the first 4 KB
};

/// Runs it in a process group of its own with PATH and a locale in its environment and nothing else, signals as they
/// are by default, no descriptor of ours but the three. When it ends, at the deadline, when its output is past
/// `most_output` (too_large) or when the run is stopped, whatever is left of its group is killed. A signal that ended
/// it is a protocol_error.
Outcome<ProgramEnd> run_program(const ProgramCall& call, const Deadline& deadline);

/// Whether a program may be run: the file and every folder above it, links resolved, belong to root or to the user of
/// this process and nobody else may write to them. In a folder with the sticky bit others cannot touch what is not
/// theirs.
struct ProgramTrust {
  std::string path;     ///< without links
  std::string refused;  ///< why it is not run; empty: it may be
};
ProgramTrust trust_program(const std::string& path);

}  // namespace doctor::probes
