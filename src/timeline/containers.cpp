#include <array>
#include <cstdlib>
#include <map>

#include "timeline/scene.hpp"
#include "timeline/timeline.hpp"
#include "util/text.hpp"

namespace doctor::timeline {
namespace {

constexpr std::string_view engine = "Docker Engine";
constexpr std::int64_t same_moment = 2;  ///< seconds between what inspect and the events say of one thing
constexpr int killed = 137;              ///< 128 + SIGKILL

/// How a run of a container ended, as far as one source knows.
struct Exit {
  std::int64_t at = 0;
  std::optional<int> code;
  bool asked_for = false;  ///< somebody has stopped or killed it
};

/// What is known of one container, in order of time once `tell` is called.
class Story {
 public:
  explicit Story(const Service& service) : service_{service} {}

  void remember(const PastEvent& event) {
    if (event.kind == "start") start(event.at);
    if (event.kind == "create") add(event.at, "container-created", "was created");
    if (event.kind == "destroy") add(event.at, "container-removed", "was removed");
    if (event.kind == "kill" && ends_a_run(event.detail)) asked_ = event.at;
    if (event.kind == "stop") stopped(event.at);
    if (event.kind == "oom") memory(event.at);
    if (event.kind == "die") exits_.push_back({event.at, code_of(event.detail), is_asked_for(event.at)});
    if (event.kind == "health" && event.detail == "unhealthy")
      add(event.at, "container-unhealthy", "fails its health check", true);
    if (event.kind == "health" && event.detail == "healthy")
      add(event.at, "container-healthy", "passes its health check");
  }

  void tell(const Container& container, Events& out) {
    present(container);
    std::sort(exits_.begin(), exits_.end(), [](const Exit& a, const Exit& b) { return a.at < b.at; });
    tell_exits();
    std::sort(starts_.begin(), starts_.end());
    tell_starts(container);
    for (auto& event : events_) out.push_back(std::move(event));
  }

 private:
  void add(std::int64_t at, const std::string& kind, const std::string& what, bool failure = false) {
    if (at <= 0) return;
    events_.push_back({at, kind, service_.subject(), "container " + util::shown(name(), 80) + " " + what,
                       std::string{engine}, failure, false});
  }

  std::string name() const { return service_.container->name; }

  bool has(const std::string& kind, std::int64_t at) const {
    return std::any_of(events_.begin(), events_.end(), [&](const Event& event) {
      return event.kind == kind && std::abs(event.at - at) <= same_moment;
    });
  }

  /// A signal may also ask for something else, such as to read the configuration again.
  static bool ends_a_run(const std::string& detail) {
    constexpr std::array<std::string_view, 8> signals{"signal 2", "signal SIGINT",  "signal 3",  "signal SIGQUIT",
                                                      "signal 9", "signal SIGKILL", "signal 15", "signal SIGTERM"};
    return std::find(signals.begin(), signals.end(), detail) != signals.end();
  }

  static std::optional<int> code_of(const std::string& detail) {
    constexpr std::string_view mark = "exit code ";
    if (!detail.starts_with(mark)) return std::nullopt;
    return std::atoi(detail.c_str() + mark.size());
  }

  void memory(std::int64_t at) {
    if (has("container-oom-killed", at)) return;
    const auto limit = service_.container->memory_limit;
    add(at, "container-oom-killed",
        "needed more memory than it may have" + (limit > 0 ? " (" + util::bytes(limit) + ")" : std::string{}), true);
  }

  /// What the Engine says of the container as it is now. Its memory of events may be shorter than that.
  void present(const Container& container) {
    if (container.created > 0 && !has("container-created", container.created))
      add(container.created, "container-created", "was created");
    const auto near = [&](std::int64_t at) {
      return std::any_of(starts_.begin(), starts_.end(),
                         [&](std::int64_t other) { return std::abs(other - at) <= same_moment; });
    };
    if (container.started > 0 && !near(container.started)) starts_.push_back(container.started);
    if (container.finished <= 0) return;
    const bool ended = container.status != "running" && container.finished >= container.started;
    const bool known = std::any_of(exits_.begin(), exits_.end(), [&](const Exit& exit) {
      return std::abs(exit.at - container.finished) <= same_moment;
    });
    // While it runs again, the code is that of no run.
    if (!known)
      exits_.push_back({container.finished, ended ? std::optional{container.exit_code} : std::nullopt,
                        is_asked_for(container.finished)});
    if (ended && container.oom_killed) memory(container.finished);
  }

  void start(std::int64_t at) {
    starts_.push_back(at);
    asked_.reset();  // it was the run before that somebody wanted to end
  }

  /// The Engine says so after the end.
  void stopped(std::int64_t at) {
    if (!exits_.empty() && at - exits_.back().at <= same_moment) exits_.back().asked_for = true;
  }

  /// A stop announces itself by a signal, and gives the container ten seconds or what its grace says.
  bool is_asked_for(std::int64_t at) const {
    constexpr std::int64_t usual_grace = 60;
    const auto grace = std::max<std::int64_t>(usual_grace, service_.stop_grace.count() / 1000);
    return asked_ && *asked_ >= at - grace && *asked_ <= at + same_moment;
  }

  /// Whether a run has failed rather than ended. Nobody can tell a kill by the operator from another one without the
  /// Engine's events.
  bool is_failure(const Exit& exit) const {
    constexpr int interrupted = 130;
    constexpr int terminated = 143;
    if (exit.asked_for || !exit.code || *exit.code == 0) return false;
    if (*exit.code == killed && !has("container-oom-killed", exit.at)) return false;
    return *exit.code != interrupted && *exit.code != terminated;
  }

  /// A container that ends at each start tells the same all over: the first and the last time are enough.
  void tell_exits() {
    constexpr std::int64_t next_try = 600;
    for (std::size_t i = 0; i < exits_.size();) {
      std::size_t end = i + 1;
      while (end < exits_.size() && is_failure(exits_[i]) && exits_[end].code == exits_[i].code &&
             !exits_[end].asked_for && exits_[end].at - exits_[end - 1].at <= next_try)
        ++end;
      tell_exit(exits_[i], 1);
      if (end - i > 1) {
        tell_exit(exits_[end - 1], end - i);
        forget_starts(exits_[i].at, exits_[end - 1].at);
      }
      i = end;
    }
  }

  void tell_exit(const Exit& exit, std::size_t times) {
    std::string what = exit.asked_for ? "was stopped" : "ended";
    if (exit.code) what += " with exit code " + std::to_string(*exit.code);
    if (times > 1)
      what += " for the " + std::to_string(times) + (times == 2 ? "nd" : times == 3 ? "rd" : "th") + " time";
    add(exit.at, "container-exited", what, is_failure(exit));
  }

  void forget_starts(std::int64_t first, std::int64_t last) {
    starts_.erase(
        std::remove_if(starts_.begin(), starts_.end(), [&](std::int64_t at) { return at > first && at <= last; }),
        starts_.end());
  }

  /// A container is created to be started: one event.
  void tell_starts(const Container& container) {
    constexpr std::int64_t at_once = 10;
    for (const auto at : starts_) {
      const auto created = std::find_if(events_.begin(), events_.end(), [&](const Event& event) {
        return event.kind == "container-created" && at >= event.at && at - event.at <= at_once;
      });
      const bool is_new = created != events_.end();
      if (is_new) events_.erase(created);
      const bool current = std::abs(at - container.started) <= same_moment;
      add(at, "container-started",
          std::string{is_new ? "was created and started" : "started"} +
              (current && container.restarts > 0 ? ", restarted " + std::to_string(container.restarts) +
                                                       (container.restarts == 1 ? " time" : " times") + " so far"
                                                 : std::string{}));
    }
  }

  const Service& service_;
  Events events_;
  std::vector<std::int64_t> starts_;
  std::optional<std::int64_t> asked_;  ///< when somebody last wanted this run to end
  std::vector<Exit> exits_;
};

/// Compose renames a container that it replaces: "0123456789ab_app-web-1".
std::string without_prefix(const std::string& name) {
  constexpr std::size_t digits = 12;
  if (name.size() <= digits + 1 || name[digits] != '_') return name;
  return name.find_first_not_of("0123456789abcdef") == digits ? name.substr(digits + 1) : name;
}

}  // namespace

void add_containers(const Scene& scene, Events& events) {
  const auto& services = scene.deployment.services;
  const bool any = std::any_of(services.begin(), services.end(), [](const Service& one) { return one.container; });
  std::map<std::string, std::vector<PastEvent>> past;  // by container
  if (any && scene.deployment.engine_asked && !scene.deployment.project.empty())
    if (auto history = scene.ask(EngineHistoryQuestion{scene.deployment.project, days}))
      for (auto& event : history->events) past[without_prefix(event.name)].push_back(std::move(event));
  for (const auto& service : services) {
    if (service.process)
      events.push_back({service.process->started, "process-started", service.subject(),
                        "process " + std::to_string(service.process->pid) + " (" + service.name + ") started", "/proc",
                        false, false});
    if (!service.container) continue;
    Story story{service};
    for (const auto& event : past[service.container->name]) story.remember(event);
    story.tell(*service.container, events);
  }
}

}  // namespace doctor::timeline
