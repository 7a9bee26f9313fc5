#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/deadline.hpp"
#include "doctor/outcome.hpp"
#include "probes/helper.hpp"

/// Logs that lie in files, read by the helper.
namespace doctor::probes {

struct LogFile {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t modified = 0;
};

/// What stands at the path. Anything but a regular file fails as in read_bytes.
Outcome<LogFile> log_file(Helper& helper, const std::string& path, const Deadline& deadline);

/// Hands over the file from `offset` to the size that it had, in order. A file that has shrunk since ends earlier.
Outcome<void> read_log(Helper& helper, const LogFile& file, std::uint64_t offset,
                       const std::function<void(std::string_view bytes)>& take, const Deadline& deadline);

/// Where a process writes to.
struct LogOutput {
  std::string kind;    ///< "file", "pipe", "socket", "terminal", "nothing" (/dev/null), "closed"
  std::string file;    ///< of a file: device and inode, which tell two names of one file
  std::string opened;  ///< path under which doctor can open it
  std::string shown;   ///< its name when it was opened
};
/// Standard output and standard error of a process.
Outcome<std::vector<LogOutput>> log_outputs(Helper& helper, int pid, const Deadline& deadline);

}  // namespace doctor::probes
