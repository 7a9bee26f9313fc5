#include "formats/host_log.hpp"

#include <utmpx.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <ctime>

#include "doctor/format/text.hpp"

namespace doctor::formats {
namespace {

constexpr std::size_t most_name = 80;

/// Exactly `digits` digits from the front; -1 when they are not there.
int take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

/// The next word, up to a blank, which goes with it.
std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

bool plausible(const WrittenTime& time) {
  return time.month >= 1 && time.month <= 12 && time.day >= 1 && time.day <= 31 && time.hour >= 0 && time.hour < 24 &&
         time.minute >= 0 && time.minute < 60 && time.second >= 0 && time.second <= 60;
}

/// ":05.123", which may be missing.
bool take_seconds(std::string_view& text, WrittenTime& time) {
  if (!take(text, ':')) return true;
  time.second = take_digits(text, 2);
  if (!text.empty() && (text.front() == '.' || text.front() == ','))
    text.remove_prefix(std::min(text.find_first_not_of("0123456789", 1), text.size()));
  return time.second >= 0;
}

/// "Z", "+01:00", "+0100", "+01" or nothing.
bool take_offset(std::string_view& text, WrittenTime& time) {
  if (take(text, 'Z')) {
    time.offset = 0;
    return true;
  }
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return true;
  const int sign = text.front() == '+' ? 1 : -1;
  text.remove_prefix(1);
  const int hours = take_digits(text, 2);
  if (hours < 0 || hours > 14) return false;
  const bool colon = take(text, ':');
  const int minutes = take_digits(text, 2);
  if (minutes > 59 || (colon && minutes < 0)) return false;
  time.offset = sign * (hours * 3600 + std::max(minutes, 0) * 60);
  return true;
}

/// "Mar  1 10:12:05" of RFC 3164.
std::optional<WrittenTime> take_bsd_time(std::string_view& text) {
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto month = std::find(months.begin(), months.end(), text.substr(0, 3));
  if (month == months.end()) return std::nullopt;
  auto rest = text.substr(3);
  WrittenTime time;
  time.month = static_cast<int>(month - months.begin()) + 1;
  if (!take(rest, ' ')) return std::nullopt;
  time.day = take(rest, ' ') ? take_digits(rest, 1) : take_digits(rest, 2);
  if (!take(rest, ' ')) return std::nullopt;
  time.hour = take_digits(rest, 2);
  if (!take(rest, ':')) return std::nullopt;
  time.minute = take_digits(rest, 2);
  if (!take_seconds(rest, time) || !plausible(time)) return std::nullopt;
  text = rest;
  return time;
}

std::string said(std::string_view text) {
  return shown(text, most_name);
}

/// "<time> <host> kernel: [12345.678] Out of memory: Killed process ..."
std::optional<HostLine> kernel_line(std::string_view line) {
  auto time = take_iso_time(line);
  if (!time) time = take_bsd_time(line);
  if (!time || !take(line, ' ')) return std::nullopt;
  take_word(line);  // host
  constexpr std::string_view mark = "kernel:";
  if (!line.starts_with(mark)) return std::nullopt;
  const auto kill = oom_kill(line.substr(mark.size()));
  if (!kill) return std::nullopt;
  return HostLine{*time, kill->program,
                  "process " + kill->pid + (kill->of_group ? ", limit of its group" : ", the host's memory")};
}

std::string change(std::string_view from, std::string_view to) {
  if (from == "<none>" || from.empty()) return "installed " + said(to);
  if (to == "<none>" || to.empty()) return "removed " + said(from);
  return said(from) + " -> " + said(to);
}

/// "2026-03-01 10:12:05 upgrade nginx:amd64 1.18.0-6 1.18.0-7"
std::optional<HostLine> dpkg_line(std::string_view line) {
  const auto time = take_iso_time(line);
  if (!time || !take(line, ' ')) return std::nullopt;
  const auto action = take_word(line);
  if (action != "upgrade" && action != "install" && action != "remove") return std::nullopt;
  const auto package = take_word(line);
  const auto from = take_word(line);
  const auto to = take_word(line);
  if (package.empty() || from.empty() || to.empty()) return std::nullopt;
  return HostLine{*time, said(package.substr(0, package.find(':'))), change(from, action == "remove" ? "<none>" : to)};
}

/// "nginx-1:1.20.1-14.el9.x86_64" taken apart at the two last dashes.
std::optional<HostLine> rpm_package(const WrittenTime& time, std::string_view package, std::string_view verb) {
  const auto release = package.rfind('-');
  if (release == std::string_view::npos || release == 0) return std::nullopt;
  const auto version = package.rfind('-', release - 1);
  if (version == std::string_view::npos || version == 0) return std::nullopt;
  auto text = package.substr(version + 1);
  if (const auto architecture = text.rfind('.'); architecture != std::string_view::npos)
    text = text.substr(0, architecture);
  return HostLine{time, said(package.substr(0, version)), std::string{verb} + " " + said(text)};
}

/// "2026-03-01T10:12:05+0000 SUBDEBUG Upgrade: nginx-1:1.20.1-14.el9.x86_64"
std::optional<HostLine> dnf_line(std::string_view line) {
  const auto time = take_iso_time(line);
  if (!time || !take(line, ' ')) return std::nullopt;
  take_word(line);  // level
  const auto action = take_word(line);
  const auto package = take_word(line);
  if (action == "Upgrade:") return rpm_package(*time, package, "upgraded to");
  if (action == "Installed:") return rpm_package(*time, package, "installed");
  if (action == "Erase:" || action == "Removed:") return rpm_package(*time, package, "removed");
  return std::nullopt;
}

/// "[2026-03-01T10:12:05+0000] [ALPM] upgraded nginx (1.20-1 -> 1.22-1)"
std::optional<HostLine> pacman_line(std::string_view line) {
  if (!take(line, '[')) return std::nullopt;
  const auto time = take_iso_time(line);
  constexpr std::string_view mark = "] [ALPM] ";
  if (!time || !line.starts_with(mark)) return std::nullopt;
  line.remove_prefix(mark.size());
  const auto action = take_word(line);
  const auto package = take_word(line);
  if (package.empty() || !line.starts_with('(') || !line.ends_with(')')) return std::nullopt;
  const auto versions = line.substr(1, line.size() - 2);
  if (action == "upgraded" || action == "downgraded") return HostLine{*time, said(package), said(versions)};
  if (action == "installed") return HostLine{*time, said(package), "installed " + said(versions)};
  if (action == "removed") return HostLine{*time, said(package), "removed " + said(versions)};
  return std::nullopt;
}

std::optional<HostLine> host_line(std::string_view line, HostLog kind) {
  switch (kind) {
    case HostLog::kernel:
      return kernel_line(line);
    case HostLog::dpkg:
      return dpkg_line(line);
    case HostLog::dnf:
      return dnf_line(line);
    case HostLog::pacman:
      return pacman_line(line);
  }
  return std::nullopt;
}

}  // namespace

std::optional<WrittenTime> take_iso_time(std::string_view& text) {
  auto rest = text;
  WrittenTime time;
  time.year = take_digits(rest, 4);
  if (time.year < 1970 || !take(rest, '-')) return std::nullopt;
  time.month = take_digits(rest, 2);
  if (!take(rest, '-')) return std::nullopt;
  time.day = take_digits(rest, 2);
  if (!take(rest, 'T') && !take(rest, ' ')) return std::nullopt;
  time.hour = take_digits(rest, 2);
  if (!take(rest, ':')) return std::nullopt;
  time.minute = take_digits(rest, 2);
  if (!take_seconds(rest, time) || !plausible(time) || !take_offset(rest, time)) return std::nullopt;
  text = rest;
  return time;
}

std::optional<std::int64_t> seconds_of(const WrittenTime& time) {
  if (time.year == 0) return std::nullopt;
  std::tm parts{};
  parts.tm_year = time.year - 1900;
  parts.tm_mon = time.month - 1;
  parts.tm_mday = time.day;
  parts.tm_hour = time.hour;
  parts.tm_min = time.minute;
  parts.tm_sec = time.second;
  return static_cast<std::int64_t>(timegm(&parts)) - time.offset.value_or(0);
}

std::vector<HostLine> read_host_log(std::string_view text, HostLog kind) {
  std::vector<HostLine> found;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > most_host_line) continue;
    if (auto event = host_line(line, kind)) found.push_back(std::move(*event));
    if (found.size() >= 2 * most_host_events)
      found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(most_host_events));
  }
  if (found.size() > most_host_events)
    found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(most_host_events));
  return found;
}

std::optional<OomKill> oom_kill(std::string_view text) {
  constexpr std::string_view mark = "illed process ";  // "Killed", and "killed" of older kernels
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const bool of_memory = text.find("ut of memory") < at || text.find("total-vm:", at) != std::string_view::npos;
  if (!of_memory) return std::nullopt;
  OomKill kill;
  kill.of_group = text.substr(0, at).find("emory cgroup") != std::string_view::npos;
  auto rest = text.substr(at + mark.size());
  const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (digits == 0 || digits > 10) return std::nullopt;
  kill.pid = std::string{rest.substr(0, digits)};
  rest.remove_prefix(digits);
  take(rest, ',');  // "Killed process 4711, UID 999, (name)"
  const auto open = rest.find('(');
  const auto close = rest.find(')', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return std::nullopt;
  kill.program = said(rest.substr(open + 1, close - open - 1));
  return kill;
}

std::optional<KernelRecord> kernel_record(std::string_view record) {
  const auto semicolon = record.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  auto head = record.substr(0, semicolon);
  for (int field = 0; field < 2; ++field) {  // priority and sequence number
    const auto comma = head.find(',');
    if (comma == std::string_view::npos) return std::nullopt;
    head.remove_prefix(comma + 1);
  }
  KernelRecord read;
  const auto [end, error] = std::from_chars(head.data(), head.data() + head.size(), read.microseconds);
  if (error != std::errc{} || read.microseconds < 0) return std::nullopt;
  if (end != head.data() + head.size() && *end != ',') return std::nullopt;
  const auto text = record.substr(semicolon + 1);
  read.text = text.substr(0, text.find('\n'));
  return read;
}

std::size_t wtmp_record_bytes() {
  return sizeof(utmpx);
}

std::vector<std::int64_t> boots_of(std::string_view wtmp) {
  std::vector<std::int64_t> boots;
  for (; wtmp.size() >= sizeof(utmpx); wtmp.remove_prefix(sizeof(utmpx))) {
    utmpx record{};
    std::memcpy(&record, wtmp.data(), sizeof record);
    if (record.ut_type == BOOT_TIME && record.ut_tv.tv_sec > 0) boots.push_back(record.ut_tv.tv_sec);
  }
  return boots;
}

}  // namespace doctor::formats
