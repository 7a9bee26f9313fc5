#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The logs in which a host notes what happened to it.
namespace doctor::formats {

/// A time as a log writes it.
struct WrittenTime {
  int year = 0;  ///< 0: the log does not write it
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::optional<int> offset;  ///< seconds east of UTC; nothing: local time of the host

  friend bool operator==(const WrittenTime&, const WrittenTime&) = default;
};

/// "2026-03-01T10:12:05.123456+01:00", also with a blank for the T, without seconds, and with "+0100", "Z" or nothing
/// at the end. Takes it from the front of `text`. Nothing: it does not begin with such a time.
std::optional<WrittenTime> take_iso_time(std::string_view& text);

/// Seconds since 1970 of a time with an offset; one without counts as UTC. Nothing: the year is missing.
std::optional<std::int64_t> seconds_of(const WrittenTime& time);

/// Something that a line of such a log tells. `name` and `detail` are safe to print and cut.
struct HostLine {
  WrittenTime at;
  std::string name;    ///< program or package
  std::string detail;  ///< "1.18.0-6 -> 1.18.0-7", "installed 2.4", "removed 2.3", "process 4711, limit of its group"
};

enum class HostLog {
  kernel,  ///< /var/log/kern.log, syslog: RFC 3164 or ISO 8601 times; only what the kernel says of memory
  dpkg,    ///< dpkg(1)
  dnf,     ///< /var/log/dnf.rpm.log
  pacman
};

inline constexpr std::size_t most_host_line = 8 * 1024;  ///< bytes of a line that are looked at
inline constexpr std::size_t most_host_events = 20'000;  ///< of one text, the newest

/// In the order of the lines. A line that is none of the log's is left out, as is one that breaks off. Never throws;
/// linear in its input.
std::vector<HostLine> read_host_log(std::string_view text, HostLog kind);

/// What the kernel says when it has ended a process for want of memory (mm/oom_kill.c).
struct OomKill {
  std::string program;
  std::string pid;
  bool of_group = false;  ///< the limit of a control group was reached, not the end of the host's memory
};
std::optional<OomKill> oom_kill(std::string_view kernel_text);

/// One record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
struct KernelRecord {
  std::int64_t microseconds = 0;  ///< since boot
  std::string_view text;          ///< first line
};
std::optional<KernelRecord> kernel_record(std::string_view record);

std::size_t wtmp_record_bytes();
/// Times of the boots that wtmp (utmp(5)) notes, in this machine's own layout; a record that breaks off is left out.
std::vector<std::int64_t> boots_of(std::string_view wtmp);

}  // namespace doctor::formats
