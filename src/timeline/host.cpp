#include <map>
#include <optional>

#include "timeline/scene.hpp"
#include "timeline/timeline.hpp"
#include "util/text.hpp"

namespace doctor::timeline {
namespace {

bool holds_any(const std::string& text, const std::vector<std::string_view>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.starts_with(word); });
}

/// Programs that deployments stand on: their changes are named first, and changes of their units are told.
const std::vector<std::string_view>& groundwork() {
  static const std::vector<std::string_view> names{
      "docker",  "containerd", "runc",     "podman",  "nginx",  "caddy",          "haproxy",     "traefik",
      "apache2", "httpd",      "postgres", "redis",   "valkey", "nodejs",         "linux-image", "kernel",
      "systemd", "libc6",      "glibc",    "openssl", "libssl", "ca-certificates"};
  return names;
}

Event packages(std::vector<const PastEvent*> upgraded) {
  std::stable_sort(upgraded.begin(), upgraded.end(), [](const PastEvent* a, const PastEvent* b) {
    return holds_any(a->name, groundwork()) && !holds_any(b->name, groundwork());
  });
  std::vector<std::string> names;
  for (const auto* one : upgraded) {
    auto name = one->name + " " + one->detail;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  constexpr std::size_t most = 3;
  const auto head = names.size() == 1 ? std::string{"package "} : std::to_string(names.size()) + " packages: ";
  std::int64_t at = upgraded.front()->at;
  for (const auto* one : upgraded) at = std::min(at, one->at);
  return {at, "package", "host:packages", head + some_of(names, most), upgraded.front()->source, false, false};
}

/// One run of a package manager is one event.
void add_packages(const std::vector<PastEvent>& past, Events& events) {
  constexpr std::int64_t a_minute = 60;
  std::vector<const PastEvent*> together;
  for (const auto& event : past) {
    if (event.kind != "package") continue;
    if (!together.empty() && (event.at - together.back()->at > a_minute || event.source != together.back()->source)) {
      events.push_back(packages(together));
      together.clear();
    }
    together.push_back(&event);
  }
  if (!together.empty()) events.push_back(packages(together));
}

/// The kernel cuts names at 15 characters.
const Service* service_of(const Deployment& deployment, const std::string& program) {
  constexpr std::size_t longest = 15;
  for (const auto& service : deployment.services) {
    if (!service.process) continue;
    const auto& exe = service.process->exe;
    if (exe.substr(exe.rfind('/') + 1).substr(0, longest) == program) return &service;
  }
  return nullptr;
}

/// Nothing when a group of somebody else has reached its limit, which is that group's trouble only; of a container's
/// group the Engine tells. When it is the host's memory, it is everybody's.
std::optional<Event> kill(const Scene& scene, const PastEvent& past) {
  const auto* service = service_of(scene.deployment, past.name);
  const bool of_group = past.detail.find("group") != std::string::npos;
  if (of_group && service == nullptr) return std::nullopt;
  return Event{past.at,
               "oom-kill",
               service != nullptr ? service->subject() : "host:memory",
               "the kernel ended " + past.name + " (" + past.detail + ") for want of memory",
               past.source,
               true,
               false};
}

/// A program that is started again and again and ended each time is one event.
void add_kills(const Scene& scene, const std::vector<PastEvent>& past, Events& events) {
  constexpr std::int64_t a_minute = 60;
  struct Series {
    Event first;
    std::int64_t last = 0;
    std::size_t times = 1;
  };
  std::map<std::string, std::vector<Series>> series;  // by program
  for (const auto& event : past) {
    if (event.kind != "oom-kill") continue;
    auto one = kill(scene, event);
    if (!one) continue;
    auto& of_program = series[event.name];
    if (!of_program.empty() && event.at - of_program.back().last <= a_minute) {
      of_program.back().last = event.at;
      ++of_program.back().times;
    } else {
      of_program.push_back({std::move(*one), event.at, 1});
    }
  }
  for (auto& [name, of_program] : series)
    for (auto& one : of_program) {
      if (one.times > 1) one.first.text += ", " + std::to_string(one.times) + " times in all";
      events.push_back(std::move(one.first));
    }
}

void add_unit(const Scene& scene, const PastEvent& past, Events& events) {
  const auto& services = scene.deployment.services;
  const auto owner = std::find_if(services.begin(), services.end(), [&](const Service& one) {
    const auto& unit = one.rule.process.unit;
    return one.process && !unit.empty() && (past.name == unit || past.name == unit + ".service");
  });
  const bool own = owner != services.end();
  if (!own && !holds_any(past.name, groundwork())) return;
  events.push_back({past.at, "unit", own ? owner->subject() : "host:units",
                    "unit " + past.name + " was changed" + (past.detail.empty() ? "" : " (" + past.detail + ")"),
                    past.source, false, false});
}

}  // namespace

void add_host(const Scene& scene, Events& events) {
  const auto history = scene.ask(HostHistoryQuestion{days});
  if (!history) return;
  for (const auto& past : history->events) {
    if (past.kind == "boot")
      events.push_back({past.at, "boot", "host:boot", "the host booted", past.source, false, false});
    if (past.kind == "unit") add_unit(scene, past, events);
  }
  add_kills(scene, history->events, events);
  add_packages(history->events, events);
}

}  // namespace doctor::timeline
