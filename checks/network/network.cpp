#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/network.hpp"
#include "doctor/format/text.hpp"

namespace doctor::checks {
namespace {

using namespace std::string_view_literals;

constexpr auto database_role = "database-url"sv;
constexpr auto redis_role = "redis-url"sv;
constexpr auto loopback = "127.0.0.1"sv;

// ---- facts

/// Two running containers that must talk to each other, and the networks of the Engine that each is attached to.
struct PairFacts {
  std::string service;
  std::string other;
  std::vector<std::string> networks;
  std::vector<std::string> other_networks;
};

/// A host name that a service uses, as its own container resolves it.
struct NameFacts {
  std::string service;
  std::string subject;
  std::string host;
  std::string vantage;
  bool of_compose = false;  ///< a name of a service: it means nothing on the host
  Outcome<ResolveAnswer> inside;
  std::optional<Outcome<ResolveAnswer>> on_host;
};

/// The way to a port of a container, from the inside out.
struct PortFacts {
  std::string service;
  std::string subject;
  std::string vantage;
  std::uint16_t port = 0;
  std::string own_address;  ///< on one of its networks; "" when it has none
  std::string published;    ///< "127.0.0.1:8080"; "" when it is not
  Outcome<TcpAnswer> inside;
  std::optional<Outcome<TcpAnswer>> from_network;
  std::optional<Outcome<TcpAnswer>> from_host;
};

struct Facts {
  std::vector<PairFacts> pairs;
  std::vector<NameFacts> names;
  std::vector<PortFacts> ports;
  std::vector<NotLookedAt> not_entered;
};

// ---- observe

bool runs(const Service& service) {
  return service.enabled && service.container && service.container->status == "running";
}

bool is_entered(const Service& service) {
  return runs(service) && service.vantage.starts_with("container ");
}

bool is_address(const std::string& host) {
  return host.find(':') != std::string::npos || host.find_first_not_of("0123456789.") == std::string::npos;
}

/// A host that a service connects to.
struct Use {
  const Service* user = nullptr;
  const Service* target = nullptr;  ///< nullptr: no service of this deployment
  std::string host;
  std::string subject;
};

/// "postgres" of "endpoint:postgres:5432".
std::string service_in(const std::string& endpoint) {
  const auto begin = endpoint.find(':');
  const auto end = endpoint.rfind(':');
  return begin == std::string::npos || end <= begin ? std::string{} : endpoint.substr(begin + 1, end - begin - 1);
}

void add_sources(const Deployment& deployment, const std::vector<DataSource>& sources, std::string_view role,
                 std::vector<Use>& uses) {
  for (const auto& source : sources) {
    const auto* user = deployment.service(source.service);
    if (source.role != role || user == nullptr || !source.problem.empty()) continue;
    uses.push_back({user, deployment.service(service_in(source.endpoint)), source.host, source.endpoint});
  }
}

/// What the services connect to; those whose addresses are not known by their names in the compose file.
std::vector<Use> uses_of(const Deployment& deployment) {
  std::vector<Use> uses;
  add_sources(deployment, deployment.data_sources, database_role, uses);
  add_sources(deployment, deployment.redis, redis_role, uses);
  for (const auto& service : deployment.services)
    for (const auto& name : service.rule.talks_to) {
      const auto known = [&](const Use& use) { return use.user == &service && use.target && use.target->name == name; };
      const auto* target = deployment.service(name);
      if (target == nullptr || std::any_of(uses.begin(), uses.end(), known)) continue;
      uses.push_back({&service, target, name, target->subject()});
    }
  return uses;
}

std::vector<std::string> networks_of(const Service& service) {
  std::vector<std::string> names;
  for (const auto& [name, address] : service.container->addresses) names.push_back(name);
  return names;
}

bool share(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  return std::any_of(one.begin(), one.end(), [&](const std::string& name) {
    return std::find(other.begin(), other.end(), name) != other.end();
  });
}

/// Nothing: they share one, or one of them has no network of its own (network_mode).
std::optional<PairFacts> apart(const Use& use) {
  if (use.target == nullptr || use.user == use.target || !runs(*use.user) || !runs(*use.target)) return std::nullopt;
  PairFacts facts{use.user->name, use.target->name, networks_of(*use.user), networks_of(*use.target)};
  if (facts.networks.empty() || facts.other_networks.empty() || share(facts.networks, facts.other_networks))
    return std::nullopt;
  return facts;
}

/// The check of the compose file has said it already.
bool is_said(const Deployment& deployment, const PairFacts& pair) {
  return std::any_of(deployment.problems.begin(), deployment.problems.end(), [&](const FileProblem& problem) {
    if (problem.code != "compose-network-not-shared") return false;
    const std::set<std::string> both{problem.evidence.at("service"), problem.evidence.at("other")};
    return both == std::set<std::string>{pair.service, pair.other};
  });
}

NameFacts look_up(const Context& context, const Use& use) {
  NameFacts facts{use.user->name,    use.subject,           use.host,
                  use.user->vantage, use.target != nullptr, context.ask(ResolveQuestion{use.host, use.user->vantage}),
                  std::nullopt};
  if (!facts.inside && !facts.of_compose)
    facts.on_host = context.ask(ResolveQuestion{use.host, std::string{host_vantage}});
  return facts;
}

/// The TCP ports on which a container is expected to listen.
std::set<std::uint16_t> ports_of(const Service& service, const std::vector<Use>& uses) {
  std::set<std::uint16_t> ports;
  for (const auto& port : service.container->ports)
    if (port.protocol == "tcp" && port.target != 0) ports.insert(port.target);
  if (service.rule.port != 0) ports.insert(service.rule.port);
  for (const auto& use : uses) {
    if (use.target != &service || !use.subject.starts_with("endpoint:")) continue;
    const auto port = formats::integer(std::string_view{use.subject}.substr(use.subject.rfind(':') + 1));
    if (port && *port > 0 && *port <= 65535) ports.insert(static_cast<std::uint16_t>(*port));
  }
  return ports;
}

std::string reachable(const std::string& address) {
  const bool all = address.empty() || address == "0.0.0.0" || address == "::" || address == "[::]";
  return all ? std::string{loopback} : address;
}

const PublishedPort* published(const Service& service, std::uint16_t port) {
  for (const auto& one : service.container->ports)
    if (one.target == port && one.published != 0 && one.protocol == "tcp") return &one;
  return nullptr;
}

PortFacts walk_out(const Context& context, const Service& service, std::uint16_t port) {
  PortFacts facts;
  facts.service = service.name;
  facts.subject = "endpoint:" + service.name + ":" + std::to_string(port);
  facts.vantage = service.vantage;
  facts.port = port;
  facts.inside = context.ask(TcpQuestion{std::string{loopback}, port, service.vantage});
  if (!facts.inside) return facts;
  for (const auto& [network, address] : service.container->addresses)
    if (facts.own_address.empty()) facts.own_address = address;
  if (!facts.own_address.empty())
    facts.from_network = context.ask(TcpQuestion{facts.own_address, port, service.vantage});
  if (const auto* outside = published(service, port)) {
    const auto host = reachable(outside->address);
    facts.published = host + ":" + std::to_string(outside->published);
    facts.from_host = context.ask(TcpQuestion{host, outside->published, std::string{host_vantage}});
  }
  return facts;
}

Facts observe(const Context& context) {
  Facts facts;
  const auto& deployment = context.deployment;
  const auto uses = uses_of(deployment);
  std::set<std::pair<std::string, std::string>> asked;
  for (const auto& use : uses) {
    if (const auto pair = apart(use)) {
      if (!is_said(deployment, *pair)) facts.pairs.push_back(*pair);
      continue;
    }
    const bool stopped = use.target != nullptr && !runs(*use.target);
    if (stopped || !is_entered(*use.user) || use.host.empty() || use.host.starts_with('/') || is_address(use.host))
      continue;
    if (asked.insert({use.user->name, use.host}).second) facts.names.push_back(look_up(context, use));
  }
  for (const auto& service : deployment.services) {
    if (!runs(service)) continue;
    if (service.vantage.empty()) facts.not_entered.push_back({service.subject(), service.vantage_note});
    if (!is_entered(service)) continue;
    for (const auto port : ports_of(service, uses)) facts.ports.push_back(walk_out(context, service, port));
  }
  return facts;
}

// ---- diagnose

std::string text_of(const std::vector<std::string>& names) {
  return names.empty() ? "none" : formats::shown(formats::join(names, ", "), 200);
}

void judge_pair(const PairFacts& facts, Judgement& out) {
  std::vector<Evidence> evidence{{"service", facts.service, {}, {}},
                                 {"other", facts.other, {}, {}},
                                 {"networks", text_of(facts.networks), {}, {}},
                                 {"other_networks", text_of(facts.other_networks), {}, {}}};
  for (auto& item : evidence) item.source = "Docker Engine", item.vantage = "host";
  out.findings.emplace_back(codes::network_not_shared, "service:" + facts.service, std::move(evidence));
}

std::string reason_of(const ProbeFailure& failure) {
  const auto detail = failure.detail.empty() ? std::string{to_string(failure.kind)} : formats::shown(failure.detail);
  return failure.code.empty() ? detail : detail + " (" + formats::shown(failure.code) + ")";
}

std::string contrast(const NameFacts& facts) {
  if (facts.of_compose) return "nothing: it is a name of the compose project";
  if (!facts.on_host) return "not asked";
  return *facts.on_host ? text_of((*facts.on_host)->addresses) : reason_of(facts.on_host->error());
}

void judge_name(const NameFacts& facts, Judgement& out) {
  if (facts.inside)
    return out.healthy.push_back({facts.subject, formats::shown(facts.host) + " is " +
                                                     text_of(facts.inside->addresses) + " in " + facts.vantage});
  const auto& failure = facts.inside.error();
  const bool is_answer = failure.kind == FailureKind::name_not_resolved || failure.kind == FailureKind::timed_out;
  if (!is_answer) return out.unexamined.push_back({facts.subject, formats::describe(failure)});
  const auto server = failure.address.empty() ? "not known" : formats::shown(failure.address);
  out.findings.emplace_back(codes::name_not_resolved_in_container, facts.subject,
                            std::vector<Evidence>{{"service", facts.service, {}, {}},
                                                  {"host", formats::shown(facts.host), {}, {}},
                                                  {"reason", reason_of(failure), server, facts.vantage},
                                                  {"nameserver", server, "/etc/resolv.conf", facts.vantage},
                                                  {"on_host", contrast(facts), {}, "host"}});
}

bool is_closed(const std::optional<Outcome<TcpAnswer>>& outcome) {
  if (!outcome || *outcome) return false;
  const auto kind = outcome->error().kind;
  return kind == FailureKind::refused || kind == FailureKind::timed_out || kind == FailureKind::unreachable;
}

void judge_loopback(const PortFacts& facts, Judgement& out) {
  const auto address = facts.own_address + ":" + std::to_string(facts.port);
  out.findings.emplace_back(
      codes::network_listens_on_loopback, facts.subject,
      std::vector<Evidence>{{"service", facts.service, {}, {}},
                            {"port", std::to_string(facts.port), {}, {}},
                            {"inside", facts.inside->address, "TCP connect", facts.vantage},
                            {"address", address, "TCP connect", facts.vantage},
                            {"reason", reason_of(facts.from_network->error()), address, facts.vantage}});
}

void judge_published(const PortFacts& facts, Judgement& out) {
  out.findings.emplace_back(
      codes::network_published_port_dead, facts.subject,
      std::vector<Evidence>{{"service", facts.service, {}, {}},
                            {"port", std::to_string(facts.port), {}, {}},
                            {"inside", facts.inside->address, "TCP connect", facts.vantage},
                            {"address", facts.published, "Docker Engine", "host"},
                            {"reason", reason_of(facts.from_host->error()), facts.published, "host"}});
}

/// The ladder from the inside out: the first broken rung is the culprit. What does not answer even inside is no matter
/// of the network.
void judge_port(const PortFacts& facts, Judgement& out) {
  if (!facts.inside) {
    if (formats::doctors_own(facts.inside.error().kind))
      out.unexamined.push_back({facts.subject, formats::describe(facts.inside.error())});
    return;
  }
  if (facts.from_network && !*facts.from_network && facts.from_network->error().kind == FailureKind::refused)
    return judge_loopback(facts, out);
  if (is_closed(facts.from_host)) return judge_published(facts, out);
  auto figure = "answers in " + facts.vantage;
  if (facts.from_host && *facts.from_host) figure += " and at " + facts.published;
  out.healthy.push_back({facts.subject, figure});
}

/// A subject is well when all that was seen of it is, and is said once.
void settle_healthy(Judgement& out) {
  std::vector<Healthy> settled;
  for (const auto& item : out.healthy) {
    const auto same = [&](const auto& other) { return other.subject == item.subject; };
    if (std::any_of(out.findings.begin(), out.findings.end(), same) ||
        std::any_of(out.unexamined.begin(), out.unexamined.end(), same))
      continue;
    const auto known = std::find_if(settled.begin(), settled.end(), same);
    if (known == settled.end())
      settled.push_back(item);
    else
      known->figure += ", " + item.figure;
  }
  out.healthy = std::move(settled);
}

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& pair : facts.pairs) judge_pair(pair, out);
  for (const auto& name : facts.names) judge_name(name, out);
  for (const auto& port : facts.ports) judge_port(port, out);
  settle_healthy(out);
  out.skipped = facts.not_entered;
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array reads{database_role, redis_role};
constexpr std::array codes_of_network{codes::network_not_shared, codes::name_not_resolved_in_container,
                                      codes::network_listens_on_loopback, codes::network_published_port_dead};

}  // namespace

extern const CheckInfo network{
    "network",
    "the containers that must talk share networks, know each other's names and listen on them",
    reads,
    {},
    codes_of_network,
    run};

}  // namespace doctor::checks
