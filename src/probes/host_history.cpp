#include "probes/host_history.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <optional>

#include "formats/host_log.hpp"
#include "probes/files_failure.hpp"
#include "probes/helper_jobs.hpp"
#include "probes/processes_proc.hpp"
#include "util/text.hpp"

namespace doctor::probes {
namespace {

constexpr std::uint64_t most_of_log = 4UL * 1024 * 1024;
constexpr std::uint64_t most_of_wtmp = 1024UL * 1024;
constexpr int most_kernel_records = 65'536;
constexpr std::size_t most_events = 2000;
constexpr std::size_t most_units = 2000;
constexpr std::int64_t a_day = 86'400;

/// The newest `most` bytes of a regular file.
Outcome<std::string> end_of(const std::string& path, std::uint64_t most) {
  const auto descriptor = jobs::open_regular(path);
  if (!descriptor) return Failed{descriptor.error()};
  struct stat status {};
  if (fstat(descriptor->get(), &status) != 0) return failed_errno(errno, "the file cannot be examined");
  const auto size = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
  std::string bytes(std::min(size, most), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto at = static_cast<off_t>(size - bytes.size() + done);
    const auto count = pread(descriptor->get(), bytes.data() + done, bytes.size() - done, at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed_errno(errno, "the file cannot be read");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

class Historian {
 public:
  Historian(const HostRecords& records, int days, std::int64_t now)
      : records_{records}, since_{now - std::clamp(days, 0, 3650) * a_day}, now_{now} {}

  HostHistoryAnswer tell() {
    boots();
    kernel();
    for (const auto& path : records_.dpkg_logs) packages(path, formats::HostLog::dpkg);
    for (const auto& path : records_.dnf_logs) packages(path, formats::HostLog::dnf);
    for (const auto& path : records_.pacman_logs) packages(path, formats::HostLog::pacman);
    units();
    auto& events = answer_.events;
    std::stable_sort(events.begin(), events.end(), [](const PastEvent& a, const PastEvent& b) { return a.at < b.at; });
    if (events.size() > most_events)
      events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(most_events));
    return std::move(answer_);
  }

 private:
  void add(PastEvent event) {
    if (event.at >= since_ && event.at <= now_ + a_day) answer_.events.push_back(std::move(event));
  }

  /// The same thing, noted by somebody else.
  bool is_known(const PastEvent& event, std::int64_t apart) const {
    return std::any_of(answer_.events.begin(), answer_.events.end(), [&](const PastEvent& other) {
      return other.kind == event.kind && other.name == event.name && std::abs(other.at - event.at) <= apart;
    });
  }

  /// What is not there has nothing to say.
  void note(const std::string& what, const ProbeFailure& failure) {
    if (failure.kind == FailureKind::not_found) return;
    answer_.unseen.push_back(what + ": " + (failure.detail.empty() ? "cannot be read" : failure.detail));
  }

  /// Local time without a year is the newest such time that is not to come.
  std::optional<std::int64_t> moment(const formats::WrittenTime& time) const {
    if (time.year > 0 && time.offset) return formats::seconds_of(time);
    std::tm parts{};
    const std::time_t now = now_;
    localtime_r(&now, &parts);
    const int this_year = parts.tm_year;
    for (int back = 0; back < 2; ++back) {
      parts = {};
      parts.tm_year = time.year > 0 ? time.year - 1900 : this_year - back;
      parts.tm_mon = time.month - 1;
      parts.tm_mday = time.day;
      parts.tm_hour = time.hour;
      parts.tm_min = time.minute;
      parts.tm_sec = time.second;
      parts.tm_isdst = -1;
      const std::int64_t at = mktime(&parts);
      if (at < 0) return std::nullopt;
      if (time.year > 0 || at <= now_ + a_day) return at;
    }
    return std::nullopt;
  }

  void boots() {
    const auto clock = jobs::contents(records_.boot_clock, most_of_log);
    constexpr std::string_view mark = "\nbtime ";
    if (const auto at = clock ? clock->find(mark) : std::string::npos; at != std::string::npos)
      std::from_chars(clock->data() + at + mark.size(), clock->data() + clock->size(), booted_);
    if (booted_ > 0) add({booted_, "boot", "", "", records_.boot_clock});
    const auto record = formats::wtmp_record_bytes();
    const auto wtmp = end_of(records_.boots, most_of_wtmp / record * record);
    if (!wtmp) return note(records_.boots, wtmp.error());
    for (const auto at : formats::boots_of(*wtmp)) {
      constexpr std::int64_t clock_set_after_boot = 300;
      PastEvent boot{at, "boot", "", "", records_.boots};
      if (!is_known(boot, clock_set_after_boot)) add(std::move(boot));
    }
  }

  void kernel() {
    const auto failure = kernel_buffer();
    bool logged = false;
    for (const auto& path : records_.kernel_logs) {
      const auto text = end_of(path, most_of_log);
      if (!text) {
        note(path, text.error());
        continue;
      }
      logged = true;
      for (auto& line : formats::read_host_log(*text, formats::HostLog::kernel)) killed(line, path);
    }
    if (failure && !logged) note("kernel log", *failure);
  }

  void killed(formats::HostLine& line, const std::string& path) {
    constexpr std::int64_t written_later = 5;
    const auto at = moment(line.at);
    if (!at) return;
    PastEvent kill{*at, "oom-kill", std::move(line.name), std::move(line.detail), path};
    if (!is_known(kill, written_later)) add(std::move(kill));
  }

  /// Each read(2) gives one record. Nothing: all of it was read.
  std::optional<ProbeFailure> kernel_buffer() {
    const Descriptor descriptor{open(records_.kernel_buffer.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
    if (!descriptor) return failure_of_errno(errno, "the kernel's log cannot be read");
    std::array<char, 16 * 1024> record{};
    for (int i = 0; i < most_kernel_records; ++i) {
      const auto count = read(descriptor.get(), record.data(), record.size());
      if (count < 0 && (errno == EINTR || errno == EPIPE || errno == EINVAL)) continue;  // overwritten, or too long
      if (count < 0 && errno != EAGAIN) return failure_of_errno(errno, "the kernel's log cannot be read");
      if (count <= 0) break;
      kernel_record({record.data(), static_cast<std::size_t>(count)});
    }
    return std::nullopt;
  }

  void kernel_record(std::string_view bytes) {
    const auto record = formats::kernel_record(bytes);
    if (!record || booted_ == 0) return;
    auto kill = formats::oom_kill(record->text);
    if (!kill) return;
    constexpr std::int64_t microseconds = 1'000'000;
    add({booted_ + record->microseconds / microseconds, "oom-kill", std::move(kill->program),
         "process " + kill->pid + (kill->of_group ? ", limit of its group" : ", the host's memory"), "kernel log"});
  }

  void packages(const std::string& path, formats::HostLog kind) {
    const auto text = end_of(path, most_of_log);
    if (!text) return note(path, text.error());
    for (auto& line : formats::read_host_log(*text, kind))
      if (const auto at = moment(line.at)) add({*at, "package", std::move(line.name), std::move(line.detail), path});
  }

  /// A unit's own file, or the link that masks it.
  void unit(const std::string& path, const std::string& name, const std::string& detail) {
    struct stat status {};
    if (units_ >= most_units || lstat(path.c_str(), &status) != 0) return;
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) return;
    ++units_;
    add({status.st_mtim.tv_sec, "unit", util::shown(name, 80), util::shown(detail, 80), records_.units});
  }

  void units() {
    constexpr std::string_view drop_ins = ".d";
    auto names = proc::names_in(records_.units);
    std::sort(names.begin(), names.end());
    for (const auto& name : names) {
      const auto path = records_.units + "/" + name;
      if (!name.ends_with(drop_ins)) {
        unit(path, name, "");
        continue;
      }
      auto parts = proc::names_in(path);
      std::sort(parts.begin(), parts.end());
      for (const auto& part : parts)
        if (part.ends_with(".conf")) unit(path + "/" + part, name.substr(0, name.size() - drop_ins.size()), part);
    }
  }

  const HostRecords& records_;
  std::int64_t since_;
  std::int64_t now_;
  std::int64_t booted_ = 0;
  std::size_t units_ = 0;
  HostHistoryAnswer answer_;
};

}  // namespace

HostHistoryAnswer host_history(const HostRecords& records, int days, std::int64_t now) {
  return Historian{records, days, now}.tell();
}

namespace jobs {

Outcome<HostHistoryAnswer> host_history(const HostHistoryQuestion& question) {
  return probes::host_history(HostRecords{}, question.days, std::time(nullptr));
}

}  // namespace jobs
}  // namespace doctor::probes
