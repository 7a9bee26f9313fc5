#include "diagnosis/events.hpp"

#include <algorithm>

namespace doctor::diagnosis {
namespace {

bool is_within(const Event& event, std::int64_t end) {
  return event.at >= end - shortly && event.at <= end;
}

}  // namespace

std::optional<std::size_t> first_failure(const std::vector<Event>& events) {
  std::optional<std::size_t> first;
  for (auto i = events.size(); i-- > 0;) {
    if (!events[i].failure) continue;
    if (first && events[*first].at - events[i].at > over) break;
    first = i;
  }
  return first;
}

void put_in_order(std::vector<Event>& events, std::optional<std::int64_t> now) {
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
  const auto first = first_failure(events);
  if (!first && !now) return;
  const auto end = first ? events[*first].at : *now;
  const auto last = first.value_or(events.size());
  for (std::size_t i = 0; i < last; ++i) events[i].just_before = !events[i].failure && is_within(events[i], end);
}

std::vector<Event> excerpt(const std::vector<Event>& events, std::size_t most) {
  std::vector<Event> chosen;
  for (const auto& event : events)
    if (event.just_before) chosen.push_back(event);
  const auto first = first_failure(events);
  const auto before = first ? most / 2 : most;
  if (chosen.size() > before) chosen.erase(chosen.begin(), chosen.end() - static_cast<std::ptrdiff_t>(before));
  if (!first) return chosen;
  const auto room = most - chosen.size();
  const auto after = events.begin() + static_cast<std::ptrdiff_t>(*first);
  const auto followed = static_cast<std::size_t>(events.end() - after);
  if (followed <= room || room < 2) {
    chosen.insert(chosen.end(), after, after + static_cast<std::ptrdiff_t>(std::min(followed, room)));
    return chosen;
  }
  // How it began and how it stands now matter more than what lies between.
  chosen.insert(chosen.end(), after, after + static_cast<std::ptrdiff_t>(room - room / 3));
  chosen.insert(chosen.end(), events.end() - static_cast<std::ptrdiff_t>(room / 3), events.end());
  return chosen;
}

std::vector<Event> events_since(std::vector<Event> events, std::int64_t at) {
  events.erase(std::remove_if(events.begin(), events.end(), [&](const Event& event) { return event.at < at; }),
               events.end());
  return events;
}

}  // namespace doctor::diagnosis
