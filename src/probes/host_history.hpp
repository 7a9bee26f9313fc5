#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "doctor/probe/history.hpp"

namespace doctor::probes {

/// Where a host keeps what it remembers. All of it is read as it is; nothing is waited for.
struct HostRecords {
  std::string boot_clock = "/proc/stat";    ///< line "btime"
  std::string boots = "/var/log/wtmp";      ///< wtmp(5)
  std::string kernel_buffer = "/dev/kmsg";  ///< read with O_NONBLOCK
  std::vector<std::string> kernel_logs{"/var/log/kern.log", "/var/log/kern.log.1", "/var/log/syslog",
                                       "/var/log/messages"};
  std::vector<std::string> dpkg_logs{"/var/log/dpkg.log.1", "/var/log/dpkg.log"};
  std::vector<std::string> dnf_logs{"/var/log/dnf.rpm.log"};
  std::vector<std::string> pacman_logs{"/var/log/pacman.log"};
  std::string units = "/etc/systemd/system";  ///< unit files, and the drop-ins one directory below
};

/// What these records tell of the last `days` before `now`. Of a log its newest 4 MB are read, of wtmp its newest 1 MB,
/// of the kernel's buffer 65,536 records. Times without an offset are in the time zone of this process.
HostHistoryAnswer host_history(const HostRecords& records, int days, std::int64_t now);

}  // namespace doctor::probes
