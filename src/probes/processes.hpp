#pragma once

#include <map>
#include <string>
#include <vector>

#include "doctor/deployment.hpp"
#include "probes/helper.hpp"

namespace doctor::probes {

struct FoundProcess {
  Process process;
  std::string container;  ///< id of the container that it runs in, "" on the host
  /// Words of its command line after the first, at most 32 of at most 4,096 bytes. They may hold secrets.
  std::vector<std::string> arguments;
};

struct ProcessQuery {
  std::string exe;  ///< file name of the program: "chatalot-server"
  bool in_containers = false;
};

/// The processes whose program has that file name (of argv[0] when the program's path may not be read), by pid, at most
/// 1,000. Kernel threads never count.
Outcome<std::vector<FoundProcess>> find_processes(Helper& helper, const ProcessQuery& query, const Deadline& deadline);

/// What the process was started with (/proc/PID/environ), at most 2 MB. Values may be secret; a line without "=" is
/// left out; of two of one name the first counts, as for getenv(3).
Outcome<std::map<std::string, std::string>> process_environment(Helper& helper, int pid, const Deadline& deadline);

/// The id of the container that a /proc/PID/cgroup belongs to (Docker, containerd, Podman, CRI-O), or "".
std::string container_of_cgroup(std::string_view cgroup);

}  // namespace doctor::probes
