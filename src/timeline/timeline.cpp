#include "timeline/timeline.hpp"

#include "diagnosis/events.hpp"
#include "timeline/scene.hpp"

namespace doctor::timeline {
namespace {

constexpr std::int64_t a_day = 86'400;
constexpr std::int64_t clocks_differ = 300;  ///< seconds that another host's clock may be ahead

bool is_about_the_present(const Event& event) {
  return event.kind.starts_with("container-") || event.kind == "process-started";
}

bool has_error(const diagnosis::Report& report) {
  return std::any_of(report.problems.begin(), report.problems.end(), [](const diagnosis::Problem& problem) {
    return problem.root && !problem.ignored && problem.severity == "error";
  });
}

}  // namespace

std::vector<Events> in_one_go(Events events) {
  constexpr std::int64_t a_minute = 60;
  std::vector<Events> groups;
  for (auto& event : events) {
    if (groups.empty() || event.at - groups.back().back().at > a_minute) groups.emplace_back();
    groups.back().push_back(std::move(event));
  }
  return groups;
}

std::string some_of(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  const bool cut = names.size() > most;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    if (i > 0) text += !cut && i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  if (cut) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

std::vector<Event> timeline(const Deployment& deployment, Probes& probes, const diagnosis::Report& report,
                            const Deadline& deadline) {
  Scene scene{deployment, probes, report, deadline, 0};
  const auto clock = scene.ask(ClockQuestion{});
  if (!clock) return {};
  scene.now = clock->now;
  Events events;
  for (const auto add : {add_containers, add_host, add_changes, add_answers, add_logs}) add(scene, events);
  const auto since = scene.now - days * a_day;
  events.erase(std::remove_if(events.begin(), events.end(),
                              [&](const Event& event) {
                                return event.at <= 0 || event.at > scene.now + clocks_differ ||
                                       (event.at < since && !is_about_the_present(event));
                              }),
               events.end());
  diagnosis::put_in_order(events, has_error(report) ? std::optional{scene.now} : std::nullopt);
  if (events.size() > most_events)
    events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(most_events));
  return events;
}

}  // namespace doctor::timeline
