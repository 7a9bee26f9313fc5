#include "timeline/scene.hpp"
#include "util/text.hpp"

namespace doctor::timeline {
namespace {

constexpr std::size_t longest_line = 160;
constexpr std::string_view unexplained = "log-errors-present";

/// Lines of a fault that the report tells of, too, and not as a mere note. What it does not tell is history, or was
/// contradicted by what was seen live.
const diagnosis::Problem* problem_of(const Scene& scene, const Service& service, const LogHit& hit) {
  for (const auto& problem : scene.report.problems) {
    if (problem.severity == "info") continue;
    if (hit.entry.empty() ? problem.code == unexplained && problem.subject == service.subject()
                          : problem.entry == hit.entry)
      return &problem;
  }
  return nullptr;
}

struct Fault {
  const LogHit* hit = nullptr;
  const diagnosis::Problem* problem = nullptr;
};

void add_faults(const Scene& scene, const Service& service, const LogsAnswer& log, Events& events) {
  Fault first;
  Fault last;
  for (const auto& hit : log.hits) {
    const auto* problem = hit.first > 0 ? problem_of(scene, service, hit) : nullptr;
    if (problem == nullptr) continue;
    if (first.hit == nullptr || hit.first < first.hit->first) first = {&hit, problem};
    if (last.hit == nullptr || hit.last > last.hit->last) last = {&hit, problem};
  }
  if (first.hit == nullptr) return;
  const auto source = util::shown(log.source, 120);
  const auto line = [](const LogHit& hit) { return util::shown(hit.line, longest_line); };
  const bool once = first.hit == last.hit && first.hit->first == last.hit->last;
  // The log's reader keeps the newest line of a fault: the first one is told by its meaning.
  events.push_back(
      {first.hit->first, "log-failure", service.subject(),
       service.name + (once ? " logs: " + line(*first.hit) : " logs the first fault: " + first.problem->title), source,
       true, false});
  if (!once)
    events.push_back({last.hit->last, "log-failure", service.subject(), service.name + " logs: " + line(*last.hit),
                      source, true, false});
}

}  // namespace

void add_logs(const Scene& scene, Events& events) {
  if (!scene.ran("logs")) return;
  for (const auto& service : scene.deployment.services) {
    if (!service.enabled || (!service.container && !service.process)) continue;
    const auto log = scene.ask(LogsQuestion{service.name});
    if (!log) continue;
    add_faults(scene, service, *log, events);
    if (!log->milestones.empty())
      events.push_back({log->milestones.front().at, "milestone", service.subject(),
                        service.name + " reached its first step: " + util::shown(log->milestones.front().id, 60),
                        util::shown(log->source, 120), false, false});
  }
}

}  // namespace doctor::timeline
