#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lab/command.hpp"

/// What doctor writes, of whatever kind.
namespace doctor::canary {

struct Output {
  std::string name;  ///< "check --format json", "bundle.tar.gz: logs/chatalot.log"
  std::string bytes;
};
using Outputs = std::vector<Output>;

/// Runs doctor with such words behind its name.
using RunDoctor = std::function<lab::CommandResult(const lab::Arguments& words)>;

/// Runs doctor in `directory` with every command and in every format that it has, and opens the bundles. `options` say
/// what to examine.
Outputs all_outputs(const std::string& directory, const lab::Arguments& options, const RunDoctor& run = {});

/// A secret, and where it was planted.
struct Canary {
  std::string place;
  std::string secret;
};

/// One line for each canary in each output that it can be read from: "comment in .env: check --format json".
std::vector<std::string> leaks(const Outputs& outputs, const std::vector<Canary>& canaries);

}  // namespace doctor::canary
