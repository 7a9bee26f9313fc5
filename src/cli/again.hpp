#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "cli/options.hpp"

namespace doctor::cli {

/// What a run is told that takes the place of one in which a check crashed, see util/crash.hpp.
struct Before {
  std::chrono::steady_clock::time_point began;  ///< the first of them
  std::map<std::string, std::string> crashed;   ///< check -> signal
};

/// "SINCE[,CHECK=SIGNAL]...", with SINCE in milliseconds of the steady clock. What cannot be read is as good as not
/// there.
Before read_before(std::string_view state, std::chrono::steady_clock::time_point now);
std::string state_of(const Before& before);

/// The run leaves out what crashed, and all of them together take no longer than one may.
void go_on_after(const Before& before, std::chrono::steady_clock::time_point now, CheckCommand& command);

}  // namespace doctor::cli
