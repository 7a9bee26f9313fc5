#include "formats/host_log.hpp"

#include "property.hpp"

using doctor::fuzz::require;

/// What a host notes of itself: anybody may have written into these files.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace doctor::formats;
  const auto text = doctor::fuzz::text_of(data, size);
  for (const auto kind : {HostLog::kernel, HostLog::dpkg, HostLog::dnf, HostLog::pacman}) {
    const auto events = read_host_log(text, kind);
    require(events.size() <= most_host_events, "events are bounded");
    for (const auto& event : events) {
      require(doctor::fuzz::is_printable(event.name) && event.name.size() < 1000, "a name is safe and cut");
      require(doctor::fuzz::is_printable(event.detail) && event.detail.size() < 2000, "a detail is safe and cut");
      require(event.at.month >= 1 && event.at.month <= 12 && event.at.day >= 1 && event.at.day <= 31, "a day");
      require(event.at.hour < 24 && event.at.minute < 60 && event.at.second <= 60, "a time");
    }
  }
  if (const auto record = kernel_record(text)) {
    require(record->microseconds >= 0, "after the boot");
    if (const auto kill = oom_kill(record->text)) require(doctor::fuzz::is_printable(kill->program), "safe to print");
  }
  for (const auto at : boots_of(text)) require(at > 0, "after 1970");
  return 0;
}
