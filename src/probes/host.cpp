#include "probes/host.hpp"

#include <sys/timex.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "probes/transport.hpp"

namespace doctor::probes {
namespace {

/// "MemTotal:       16384 kB"; 0 when the line is not one of `name`.
std::uint64_t kilobytes(const std::string& line, std::string_view name) {
  if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':') return 0;
  const auto digits = line.find_first_of("0123456789");
  if (digits == std::string::npos) return 0;
  std::uint64_t value = 0;
  for (auto at = digits; at < line.size() && line[at] >= '0' && line[at] <= '9'; ++at)
    value = value * 10 + static_cast<std::uint64_t>(line[at] - '0');
  return value * 1024;
}

}  // namespace

Outcome<TimeKeepingAnswer> TimeKeepingProbe::ask(const TimeKeepingQuestion&, const Deadline&) {
  timex state{};
  state.modes = 0;  // ask only
  const int clock = adjtimex(&state);
  if (clock < 0) return Failed{failure_of_errno(errno, "", "", {})};
  TimeKeepingAnswer answer;
  answer.synchronised = clock != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  answer.error_microseconds = state.maxerror;
  return answer;
}

Outcome<MemoryAnswer> MemoryProbe::ask(const MemoryQuestion&, const Deadline&) {
  std::ifstream file{"/proc/meminfo"};
  MemoryAnswer answer;
  for (std::string line; std::getline(file, line);) {
    if (const auto value = kilobytes(line, "MemTotal")) answer.total = value;
    if (const auto value = kilobytes(line, "MemAvailable")) answer.available = value;
    if (const auto value = kilobytes(line, "SwapTotal")) answer.swap_total = value;
    if (const auto value = kilobytes(line, "SwapFree")) answer.swap_free = value;
  }
  if (answer.total == 0) return Failed{failure_of_errno(ENOENT, "", "/proc/meminfo", {})};
  return answer;
}

}  // namespace doctor::probes
