#pragma once

#include <map>
#include <string>
#include <vector>

/// What is looked for in logs.
namespace doctor::logs {

/// A pattern of a guide entry.
struct Signature {
  std::string entry;
  std::string match;      ///< RE2
  std::string service;    ///< empty: any
  std::string after;      ///< milestone that must have been reached; empty: any time
  std::string before;     ///< milestone that must not have been reached; empty: any time
  std::string level;      ///< of the line; empty: any
  bool outlives = false;  ///< it ends the program: of the run before, too, when that ended within the last day
};

/// A line that proves a step of a service's start-up.
struct MilestonePattern {
  std::string id;
  std::string log;  ///< RE2
};

struct Patterns {
  std::vector<Signature> signatures;
  std::map<std::string, std::vector<MilestonePattern>> milestones;  ///< service -> in order
};

}  // namespace doctor::logs
