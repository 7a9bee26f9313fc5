#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "checks/containers/facts.hpp"
#include "doctor/codes/containers.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks::containers_check {
namespace {

constexpr std::size_t longest_line = 300;

std::string source_of(const Container& container) {
  return "container " + container.name;
}

/// What an exit code says, from those that shells, Docker and kernels have agreed on.
std::string meaning_of(const Container& container) {
  struct Known {
    int code;
    std::string_view meaning;
  };
  constexpr std::array<Known, 11> known{{{0, "it ended by itself, without an error"},
                                         {1, "an error that the program reports itself"},
                                         {2, "an error, often wrong arguments"},
                                         {101, "a panic of a Rust program"},
                                         {125, "Docker could not run it"},
                                         {126, "its command cannot be executed"},
                                         {127, "its command does not exist in the image"},
                                         {134, "it aborted (SIGABRT)"},
                                         {139, "it crashed (SIGSEGV)"},
                                         {143, "it was told to stop (SIGTERM)"},
                                         {255, "an error without a number, or an image for another processor"}}};
  const auto code = container.exit_code;
  if (code == 137) return container.oom_killed ? "killed at its memory limit" : "it was killed (SIGKILL)";
  for (const auto& one : known)
    if (one.code == code) return std::string{one.meaning};
  return code > 128 && code < 160 ? "ended by signal " + std::to_string(code - 128) : "an error";
}

std::string last_milestone(const ServiceFacts& facts) {
  if (!facts.log || !*facts.log) return "not known";
  const auto& milestones = (*facts.log)->milestones;
  return milestones.empty() ? "none" : milestones.back().id;
}

std::string last_error(const ServiceFacts& facts) {
  if (!facts.log || !*facts.log) return "its log could not be read";
  const auto& log = **facts.log;
  if (!log.last_error.empty()) return formats::shown(log.last_error, longest_line);
  return log.tail.empty() ? "its log is empty" : "none";
}

std::vector<Evidence> end_evidence(const ServiceFacts& facts) {
  const auto& container = *facts.service.container;
  const auto source = source_of(container);
  return {{"service", facts.service.name, {}, {}},
          {"container", container.name, {}, "host"},
          {"exit_code", std::to_string(container.exit_code), source, "host"},
          {"meaning", meaning_of(container), {}, {}},
          {"restarts", std::to_string(container.restarts), source, "host"},
          {"last_milestone", last_milestone(facts), "log of " + facts.service.name, "host"},
          {"last_error", last_error(facts), "log of " + facts.service.name, "host"}};
}

void report_out_of_memory(const ServiceFacts& facts, Judgement& out) {
  const auto& container = *facts.service.container;
  const auto limit = container.memory_limit == 0 ? "none of its own" : formats::bytes(container.memory_limit);
  out.findings.emplace_back(
      codes::container_out_of_memory, facts.service.subject(),
      std::vector<Evidence>{{"service", facts.service.name, {}, {}},
                            {"container", container.name, {}, "host"},
                            {"limit", limit, source_of(container), "host"},
                            {"restarts", std::to_string(container.restarts), source_of(container), "host"},
                            {"status", container.status, source_of(container), "host"}});
}

void judge_created(const ServiceFacts& facts, Judgement& out) {
  const auto& container = *facts.service.container;
  if (facts.waits) return out.healthy.push_back({facts.service.subject(), "waits for what it depends on"});
  const auto error = container.error.empty() ? "nothing recorded" : formats::shown(container.error, longest_line);
  out.findings.emplace_back(codes::container_not_started, facts.service.subject(),
                            std::vector<Evidence>{{"service", facts.service.name, {}, {}},
                                                  {"container", container.name, {}, "host"},
                                                  {"error", error, source_of(container), "host"}});
}

void judge_unhealthy(const ServiceFacts& facts, Judgement& out) {
  const auto& container = *facts.service.container;
  const auto said = container.health_log.empty() || container.health_log.back().empty()
                        ? "nothing"
                        : formats::shown(container.health_log.back(), longest_line);
  out.findings.emplace_back(
      codes::container_unhealthy, facts.service.subject(),
      std::vector<Evidence>{{"service", facts.service.name, {}, {}},
                            {"container", container.name, {}, "host"},
                            {"said", said, "health check of " + container.name, source_of(container)},
                            {"last_error", last_error(facts), "log of " + facts.service.name, "host"}});
}

void report_running(const ServiceFacts& facts, std::int64_t now, Judgement& out) {
  const auto& container = *facts.service.container;
  const auto age = std::max<std::int64_t>(now - container.started, 0);
  constexpr std::int64_t settled = 60;
  if (container.restarts > 0 && age < settled) return;  // it has yet to show that it stays up
  auto figure = "running for " + formats::duration(age) + ", " + std::to_string(container.restarts) +
                (container.restarts == 1 ? " restart" : " restarts");
  if (!container.health.empty()) figure += ", " + container.health;
  out.healthy.push_back({facts.service.subject(), figure});
}

void judge_container(const ServiceFacts& facts, std::int64_t now, Judgement& out) {
  const auto& container = *facts.service.container;
  const auto& subject = facts.service.subject();
  if (container.oom_killed) return report_out_of_memory(facts, out);
  if (restarts_in_a_loop(container, now))
    return void(out.findings.emplace_back(codes::container_restarting, subject, end_evidence(facts)));
  if (container.status == "created") return judge_created(facts, out);
  if (container.status == "paused")
    return void(out.findings.emplace_back(
        codes::container_paused, subject,
        std::vector<Evidence>{{"service", facts.service.name, {}, {}}, {"container", container.name, {}, "host"}}));
  if (container.status == "running") {
    if (container.health == "unhealthy") return judge_unhealthy(facts, out);
    return report_running(facts, now, out);
  }
  if (is_finished_job(facts.service)) return out.healthy.push_back({subject, "has ended with exit code 0"});
  out.findings.emplace_back(codes::container_exited, subject, end_evidence(facts));
}

/// Who needs longer for an orderly end than Docker waits is killed at each stop. A kill by hand looks the same, and is
/// no reason to be silent about the short time.
void judge_stop(const ServiceFacts& facts, Judgement& out) {
  constexpr int killed = 137;
  constexpr std::chrono::seconds usual{10};  // docker stop waits so long when nothing else is said
  const auto& container = *facts.service.container;
  const auto needed = facts.service.rule.stops_within;
  const auto grace = facts.service.stop_grace.count() > 0 ? facts.service.stop_grace : usual;
  if (container.exit_code != killed || container.oom_killed || needed.count() == 0 || grace >= needed) return;
  out.findings.emplace_back(
      codes::container_killed_on_stop, facts.service.subject(),
      std::vector<Evidence>{{"service", facts.service.name, {}, {}},
                            {"container", container.name, {}, "host"},
                            {"grace", formats::seconds(grace), facts.service.place.text(), {}},
                            {"needed", formats::seconds(needed), "the application's description", {}}});
}

// ---- the project as a whole

/// Nothing is wrong with the container itself: somebody, or the end of the host, has stopped it.
bool was_stopped(const Container& container) {
  const bool ended = container.status == "exited" && !container.oom_killed;
  return ended && (container.exit_code == 0 || container.exit_code == 137 || container.exit_code == 143);
}

std::string names_of(const Facts& facts) {
  std::vector<std::string> names;
  for (const auto& one : facts.services) names.push_back(one.service.name);
  return formats::join(names, ", ");
}

void report_missing(const Facts& facts, const std::string& subject, const std::string& services, Judgement& out) {
  out.findings.emplace_back(codes::container_missing, subject,
                            std::vector<Evidence>{{"services", services, facts.compose_file, {}},
                                                  {"project", facts.project, "Docker Engine", "host"}});
}

bool none_exists(const Facts& facts) {
  return std::none_of(facts.services.begin(), facts.services.end(),
                      [](const ServiceFacts& one) { return one.service.container.has_value(); });
}

bool all_stopped(const Facts& facts) {
  std::size_t stopped = 0;
  for (const auto& one : facts.services) {
    if (!one.service.container || !was_stopped(*one.service.container)) return false;
    if (!is_finished_job(one.service)) ++stopped;
  }
  return stopped > 1;
}

/// Jobs are often removed when they have ended. What an application can do without need not be there either, unless the
/// compose file makes something depend on it.
bool may_be_missing(const Facts& facts, const Service& service) {
  const auto needed = std::any_of(facts.services.begin(), facts.services.end(), [&](const ServiceFacts& one) {
    const auto& names = one.service.depends_on;
    return std::find(names.begin(), names.end(), service.name) != names.end();
  });
  return service.completes || (service.rule.optional && !needed);
}

}  // namespace

void judge_states(const Facts& facts, Judgement& out) {
  if (facts.services.empty()) return;
  const auto stack = "file:" + facts.compose_file;
  if (none_exists(facts)) return report_missing(facts, stack, names_of(facts), out);
  for (const auto& one : facts.services)
    if (one.service.container) judge_stop(one, out);
  if (all_stopped(facts))
    return void(out.findings.emplace_back(codes::stack_stopped, stack,
                                          std::vector<Evidence>{{"services", names_of(facts), {}, {}},
                                                                {"project", facts.project, "Docker Engine", "host"}}));
  for (const auto& one : facts.services) {
    if (one.service.container)
      judge_container(one, facts.now, out);
    else if (!may_be_missing(facts, one.service))
      report_missing(facts, one.service.subject(), one.service.name, out);
  }
}

}  // namespace doctor::checks::containers_check
