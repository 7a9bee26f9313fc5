#pragma once

#include <string>
#include <vector>

/// Small readers of /proc (proc(5)). What cannot be read is empty: a process may end at any moment.
namespace doctor::probes::proc {

std::vector<int> pids();  ///< ascending
std::vector<std::string> names_in(const std::string& directory);
std::string link_target(const std::string& path);  ///< at most PATH_MAX bytes, without " (deleted)"

}  // namespace doctor::probes::proc
