#pragma once

#include <set>
#include <string>
#include <vector>

#include "doctor/system.hpp"

/// Which application is this?
namespace doctor::deployment {

/// What the deployment shows of itself.
struct Traits {
  std::set<std::string> services;
  std::set<std::string> images;
  std::set<std::string> settings;   ///< names of variables, wherever they are written
  std::set<std::string> processes;  ///< file names of programs that run as bare processes of this deployment
};

struct Recognition {
  const SystemDescription* system = nullptr;  ///< one of the candidates, or nullptr
  std::string note;                           ///< why none
};

/// The candidate with most hits; a tie is no system, and said.
Recognition recognise(const Traits& traits, const std::vector<SystemDescription>& candidates);

}  // namespace doctor::deployment
