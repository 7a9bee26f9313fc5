#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/ports/exposed.hpp"
#include "doctor/check.hpp"
#include "doctor/codes/ports.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using namespace std::string_view_literals;

constexpr auto listen_role = "listen-address"sv;

// ---- facts

/// A TCP port of the host that a service needs.
struct PortFacts {
  std::string service;
  std::string subject;
  std::uint16_t port = 0;
  std::string address;             ///< it is bound to, "" for all
  std::optional<Process> process;  ///< the bare process of the service
  bool bare = false;               ///< the service runs without containers
  bool container_runs = false;
  bool container_unseen = false;        ///< the Docker Engine could not be asked whether there is one
  std::vector<std::string> containers;  ///< ids of this deployment's containers
  Outcome<ListenersAnswer> listeners;
  std::int64_t running_for = 0;  ///< seconds, of the bare process
};

using Facts = std::vector<PortFacts>;

// ---- observe

std::vector<std::string> container_ids(const Deployment& deployment) {
  std::vector<std::string> ids;
  for (const auto& service : deployment.services)
    if (service.container) ids.push_back(service.container->id);
  return ids;
}

PortFacts look_at(const Context& context, const Service& service, std::uint16_t port, std::uint16_t named) {
  PortFacts facts;
  facts.service = service.name;
  facts.subject = "endpoint:" + service.name + ":" + std::to_string(named);
  facts.port = port;
  // A container that restarts holds its port again and again, and Docker's proxy with it.
  facts.container_runs =
      service.container && (service.container->status == "running" || service.container->status == "restarting");
  facts.container_unseen = !service.container && !context.deployment.engine_note.empty();
  facts.containers = container_ids(context.deployment);
  facts.listeners = context.ask(ListenersQuestion{port});
  return facts;
}

void look_at_published(const Context& context, const Service& service, Facts& facts) {
  for (const auto& port : service.ports) {
    if (port.published == 0 || port.protocol != "tcp") continue;
    auto one = look_at(context, service, port.published, port.target);
    one.address = port.address;
    facts.push_back(std::move(one));
  }
}

/// The port of a setting such as "0.0.0.0:8080", or 0.
std::uint16_t port_in(const std::string& address) {
  const auto port = formats::integer(std::string_view{address}.substr(address.rfind(':') + 1));
  return port && *port > 0 && *port <= 65535 ? static_cast<std::uint16_t>(*port) : std::uint16_t{0};
}

/// Where the process was told to listen, else where the application does by itself.
std::uint16_t listening_port(const Deployment& deployment, const Service& service) {
  for (const auto* setting : deployment.with_role(listen_role)) {
    const auto& value = setting->value();
    if (setting->service != service.name || (value && value->is_secret())) continue;
    if (const auto port = port_in(value ? value->text() : setting->rule.fallback); port != 0) return port;
  }
  const bool hidden = std::any_of(deployment.http.begin(), deployment.http.end(), [&](const HttpBase& base) {
    return base.service == service.name && !base.dial.doubt.empty();  // what the process was told cannot be seen
  });
  return hidden ? std::uint16_t{0} : service.rule.port;
}

/// A service that has the settings of another one, and no port, listens nowhere.
bool listens(const Service& service) {
  return !service.described() || service.rule.port != 0;
}

void look_at_process(const Context& context, const Service& service, Facts& facts) {
  const auto port = listens(service) ? listening_port(context.deployment, service) : std::uint16_t{0};
  if (port == 0) return;
  auto one = look_at(context, service, port, port);
  one.bare = true;
  one.process = service.process;
  if (service.process)
    if (const auto clock = context.ask(ClockQuestion{})) one.running_for = clock->now - service.process->started;
  facts.push_back(std::move(one));
}

/// Services that an environment variable or a flag only names (CI) have neither a process nor a container here.
bool lives_here(const Deployment& deployment, const Service& service) {
  return !deployment.compose_file.empty() || service.process || !service.rule.process.exe.empty();
}

Facts observe(const Context& context) {
  const auto& deployment = context.deployment;
  Facts facts;
  for (const auto& service : deployment.services) {
    if (!service.enabled || !lives_here(deployment, service)) continue;
    const bool bare = service.process || (deployment.compose_file.empty() && !service.container);
    if (bare)
      look_at_process(context, service, facts);
    else
      look_at_published(context, service, facts);
  }
  return facts;
}

// ---- diagnose

bool overlaps(const std::string& wanted, const std::string& taken) {
  const auto any = [](const std::string& address) {
    return address.empty() || address == "0.0.0.0" || address == "::" || address == "*";
  };
  return any(wanted) || any(taken) || wanted == taken;
}

/// Docker publishes ports through docker-proxy, or by the kernel alone.
bool is_ours(const PortFacts& facts, const Listener& listener) {
  if (facts.process && listener.pid != 0)  // a server may let a child of the same program listen
    return listener.pid == facts.process->pid || (!listener.exe.empty() && listener.exe == facts.process->exe);
  if (facts.container_runs && (listener.process == "docker-proxy" || listener.pid == 0)) return true;
  return !listener.container.empty() &&
         std::find(facts.containers.begin(), facts.containers.end(), listener.container) != facts.containers.end();
}

std::string owner_of(const Listener& listener) {
  if (listener.pid == 0) return "unknown process (run as root to see it)";
  return formats::shown(listener.process.empty() ? listener.exe : listener.process, 60);
}

/// Programs that hold a published port for a container; without root nobody's name is seen.
bool may_be_container(const Listener& listener) {
  static constexpr std::array proxies{"docker-proxy"sv, "rootlesskit"sv, "rootlessport"sv};
  return listener.pid == 0 || std::find(proxies.begin(), proxies.end(), listener.process) != proxies.end();
}

void report_in_use(const PortFacts& facts, const Listener& listener, Judgement& out) {
  out.findings.emplace_back(codes::port_in_use, facts.subject,
                            std::vector<Evidence>{{"port", std::to_string(facts.port), {}, "host"},
                                                  {"owner", owner_of(listener), "/proc", "host"},
                                                  {"pid", std::to_string(listener.pid), "/proc", "host"},
                                                  {"address", formats::shown(listener.address), "/proc", "host"},
                                                  {"service", facts.service, {}, {}}});
}

void judge_unbound(const PortFacts& facts, Judgement& out) {
  constexpr std::int64_t time_to_start = 10;
  if (!facts.process) return out.skipped.push_back({facts.subject, "its process does not run"});
  if (facts.running_for <= time_to_start)
    return out.unexamined.push_back({facts.subject, "the process has only just started"});
  out.findings.emplace_back(codes::port_not_listening, facts.subject,
                            std::vector<Evidence>{{"port", std::to_string(facts.port), "/proc", "host"},
                                                  {"service", facts.service, {}, {}},
                                                  {"process", std::to_string(facts.process->pid), "/proc", "host"}});
}

void judge(const PortFacts& facts, Judgement& out) {
  if (!facts.listeners) return out.unexamined.push_back({facts.subject, formats::describe(facts.listeners.error())});
  const auto& listeners = facts.listeners->listeners;
  const auto mine = [&](const Listener& listener) { return is_ours(facts, listener); };
  const auto port = std::to_string(facts.port);
  if (std::any_of(listeners.begin(), listeners.end(), mine))
    return out.healthy.push_back({facts.subject, "port " + port + " is ours"});
  const auto other = std::find_if(listeners.begin(), listeners.end(),
                                  [&](const Listener& listener) { return overlaps(facts.address, listener.address); });
  const bool nobody = other == listeners.end();
  if (facts.bare && nobody) return judge_unbound(facts, out);
  if (facts.process && other->pid == 0)  // it may be ours
    return out.unexamined.push_back({facts.subject, owner_of(*other)});
  if (facts.container_runs) return;  // published by the kernel, or not at all: whether it answers is told elsewhere
  if (nobody) return out.healthy.push_back({facts.subject, "port " + port + " is free"});
  if (facts.container_unseen && !facts.bare && may_be_container(*other))
    return out.unexamined.push_back(
        {facts.subject, "port " + port + " is held by " + owner_of(*other) + ", which may be its own container"});
  report_in_use(facts, *other, out);
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& one : facts) judge(one, out);
  return out;
}

Judgement run(const Context& context) {
  auto out = diagnose(observe(context));
  exposed::judge(context.deployment, out);
  const auto is_ill = [&](const Healthy& item) {
    return std::any_of(out.findings.begin(), out.findings.end(),
                       [&](const Finding& finding) { return finding.subject == item.subject; });
  };
  std::erase_if(out.healthy, is_ill);
  return out;
}

constexpr std::array reads{listen_role};
constexpr std::array codes_of_ports{codes::port_in_use, codes::port_not_listening, codes::port_exposed};

}  // namespace

extern const CheckInfo ports{"ports", "every port belongs to the service that needs it", reads, {}, codes_of_ports,
                             run};

}  // namespace doctor::checks
