#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/check.hpp"
#include "doctor/codes/proxy.hpp"
#include "doctor/format/proxy_routes.hpp"
#include "doctor/format/text.hpp"
#include "doctor/proxy_files.hpp"

namespace doctor::checks {
namespace {

using formats::ProxyReading;
using formats::ProxyRoute;
using formats::ProxyTarget;

// ---- facts

/// A service that believes forwarded addresses only from some networks, and the address that it sees the proxy by.
struct TrustFacts {
  std::string service;
  std::string address;
  std::string trusted;
};

/// Whether a port of this host, named as localhost, is reached by IPv6 too.
struct LocalhostFacts {
  std::string upstream;
  bool ipv4_only = false;  ///< the name has an IPv6 address on which nobody listens
};

struct ProxyFacts {
  ProxyReading reading;
  bool unrecorded = false;
  std::vector<TrustFacts> untrusted;
  std::vector<LocalhostFacts> localhost;
  std::set<std::string> silent;  ///< upstreams of this host where nobody listens
};

using Facts = std::vector<ProxyFacts>;

// ---- observe

std::optional<std::uint32_t> ipv4(const std::string& text) {
  std::uint32_t value = 0;
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    const auto end = part < 3 ? text.find('.', at) : text.size();
    if (end == std::string::npos || end == at || end - at > 3) return std::nullopt;
    const auto number = formats::integer(text.substr(at, end - at));
    if (!number || *number < 0 || *number > 255) return std::nullopt;
    value = value * 256 + static_cast<std::uint32_t>(*number);
    at = end + 1;
  }
  return value;
}

bool in_range(const std::string& address, const std::string& range) {
  const auto slash = range.find('/');
  const auto base = ipv4(range.substr(0, slash));
  const auto own = ipv4(address);
  const auto bits = slash == std::string::npos ? 32 : formats::integer(range.substr(slash + 1)).value_or(32);
  if (!base || !own || bits < 0 || bits > 32) return address == range;
  const auto mask = bits == 0 ? 0U : ~std::uint32_t{0} << (32 - bits);
  return (*base & mask) == (*own & mask);
}

/// The service sees a proxy in a container by that container's address, and one on the host by the gateway of its own
/// network, which lies in the same range as the service itself.
std::vector<std::string> seen_as(const Deployment& deployment, const Service& service, const Proxy& proxy) {
  std::vector<std::string> addresses;
  const auto* other = deployment.service(proxy.service);
  if (other != nullptr && !other->container) return addresses;
  for (const auto& [network, address] : service.container->addresses) {
    const bool internal = std::any_of(deployment.networks.begin(), deployment.networks.end(), [&](const Network& one) {
      return one.internal && (one.name == network || one.real_name == network);
    });
    if (other == nullptr && !internal) addresses.push_back(address);
    if (other == nullptr) continue;
    const auto shared = other->container->addresses.find(network);
    if (shared != other->container->addresses.end()) addresses.push_back(shared->second);
  }
  return addresses;
}

std::vector<TrustFacts> look_at_trust(const Deployment& deployment, const ProxyReading& reading) {
  std::vector<TrustFacts> untrusted;
  std::set<std::string> services;
  for (const auto& route : reading.routes)
    if (route.target == ProxyTarget::service) services.insert(route.want.service);
  for (const auto& name : services) {
    const auto* service = deployment.service(name);
    if (service == nullptr || !service->container || service->rule.trusts.empty()) continue;
    const auto& trusts = service->rule.trusts;
    const auto trusted = [&](const std::string& address) {
      return std::any_of(trusts.begin(), trusts.end(),
                         [&](const std::string& range) { return in_range(address, range); });
    };
    const auto addresses = seen_as(deployment, *service, reading.proxy);
    if (addresses.empty() || std::any_of(addresses.begin(), addresses.end(), trusted)) continue;
    untrusted.push_back({name, addresses.front(), formats::join(trusts, ", ")});
  }
  return untrusted;
}

bool on_this_host(const Deployment& deployment, const ProxyReading& reading) {
  const auto* service = deployment.service(reading.proxy.service);
  return service == nullptr || service->process || service->network_mode == "host";
}

std::uint16_t port_of(const std::string& upstream) {
  const auto port = formats::integer(upstream.substr(upstream.rfind(':') + 1));
  return port && *port > 0 && *port <= 65535 ? static_cast<std::uint16_t>(*port) : std::uint16_t{0};
}

bool is_local(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

void look_at_localhost(const Context& context, const std::string& upstream, ProxyFacts& facts) {
  const auto host = formats::host_of(upstream);
  const auto listeners = context.ask(ListenersQuestion{port_of(upstream)});
  if (!listeners) return;
  const auto& found = listeners->listeners;
  if (found.empty()) facts.silent.insert(upstream);
  if (host != "localhost" || found.empty()) return;
  const auto addresses = context.ask(ResolveQuestion{"localhost"});
  if (!addresses) return;
  const auto& names = addresses->addresses;
  const bool has_ipv6 = std::find(names.begin(), names.end(), "::1") != names.end();
  const bool listens = std::any_of(found.begin(), found.end(), [](const Listener& one) {
    return one.address == "::" || one.address == "::1" || one.address == "*";
  });
  facts.localhost.push_back({upstream, has_ipv6 && !listens});
}

ProxyFacts look_at(const Context& context, const Proxy& proxy) {
  ProxyFacts facts;
  facts.unrecorded = lacks_recording(context, proxy);
  facts.reading = formats::read_proxy(context.deployment, proxy, proxy_files(context, proxy));
  if (!facts.reading.ours) return facts;
  facts.untrusted = look_at_trust(context.deployment, facts.reading);
  if (!on_this_host(context.deployment, facts.reading)) return facts;
  std::set<std::string> upstreams;
  for (const auto& route : facts.reading.routes)
    if (is_local(formats::host_of(route.upstream)) && upstreams.insert(route.upstream).second)
      look_at_localhost(context, route.upstream, facts);
  return facts;
}

Facts observe(const Context& context) {
  Facts facts;
  for (const auto& proxy : context.deployment.proxies) facts.push_back(look_at(context, proxy));
  return facts;
}

// ---- diagnose

class ProxyJudge {
 public:
  ProxyJudge(const ProxyFacts& facts, Judgement& out) : facts_{facts}, reading_{facts.reading}, out_{out} {}

  void all() {
    const auto before = out_.findings.size() + out_.unexamined.size();
    if (reading_.refused) return judge_refused(*reading_.refused);
    for (const auto& one : reading_.unseen)
      out_.unexamined.push_back({subject(), one.place.text() + ": " + one.reason});
    for (const auto& route : reading_.routes) judge(route);
    for (const auto& fault : reading_.faults) judge(fault);
    for (const auto& trust : facts_.untrusted) judge(trust);
    judge_headers();
    if (out_.findings.size() + out_.unexamined.size() == before) healthy();
  }

 private:
  const std::string& subject() const { return reading_.proxy.subject; }

  /// One location gives one finding of a kind, however many paths lead through it.
  void report(Code code, const Place& place, std::vector<Evidence> evidence) {
    if (!told_.insert(std::string{code.text()} + " " + place.text()).second) return;
    for (auto& item : evidence)
      if (item.source.empty()) item.source = place.text();
    out_.findings.emplace_back(code, subject(), std::move(evidence));
  }

  static Evidence item(std::string name, std::string_view value) {
    return {std::move(name), formats::shown(value), {}, {}};
  }

  std::vector<Evidence> about(const ProxyRoute& route, const Place& place) const {
    return {item("proxy", reading_.proxy.kind), item("service", route.want.service), item("path", route.want.path),
            item("place", place.text())};
  }

  void judge_refused(const formats::ConfigProblem& problem) {
    report(codes::proxy_config_invalid, problem.place,
           {item("proxy", reading_.proxy.kind), item("place", problem.place.text()), item("reason", problem.reason)});
  }

  void judge(const ProxyRoute& route) {
    switch (route.target) {
      case ProxyTarget::unknown:
        if (route.want.needed) judge_unknown(route);
        return;
      case ProxyTarget::nobody:
        if (route.want.needed) judge_not_passed(route);
        return;
      case ProxyTarget::localhost_in_container:
        return upstream(codes::proxy_upstream_localhost_in_container, route);
      case ProxyTarget::wrong_port:
        return upstream(codes::proxy_upstream_wrong, route);
      case ProxyTarget::elsewhere:
        if (facts_.silent.count(route.upstream) > 0) upstream(codes::proxy_upstream_wrong, route);
        return;
      case ProxyTarget::service:
        return judge_passed(route);
    }
  }

  void judge_unknown(const ProxyRoute& route) {
    if (!told_.insert("unknown " + route.place.text()).second) return;
    out_.unexamined.push_back(
        {subject(), route.place.text() + ": where " + route.want.path + " leads is known only to the running proxy"});
  }

  void upstream(Code code, const ProxyRoute& route) {
    auto evidence = about(route, route.upstream_place);
    evidence.push_back(item("upstream", route.upstream));
    report(code, route.upstream_place, std::move(evidence));
  }

  /// Pages may well be files of the proxy; a WebSocket is not.
  void judge_not_passed(const ProxyRoute& route) {
    const bool redirect = route.status >= 300 && route.status < 400;
    if (redirect || (!route.want.websocket && route.status < 400)) return;
    auto evidence = about(route, route.place);
    evidence.push_back(item("answer", route.status > 0 ? std::to_string(route.status) : "a file of the proxy"));
    report(codes::proxy_path_not_passed, route.place, std::move(evidence));
  }

  void judge_passed(const ProxyRoute& route) {
    if (route.want.hidden && !route.guarded && (route.arrives.empty() || route.arrives == route.want.path))
      report(codes::proxy_path_exposed, route.place, about(route, route.place));
    judge_reuse(route);
    if (!route.want.needed) return;
    for (const auto& one : facts_.localhost)
      if (one.ipv4_only && one.upstream == route.upstream) upstream(codes::proxy_upstream_localhost_ipv6, route);
    if (!route.arrives.empty() && route.arrives != route.want.path) {
      auto evidence = about(route, route.upstream_place);
      evidence.push_back(item("arrives", route.arrives));
      report(codes::proxy_path_rewritten, route.upstream_place, std::move(evidence));
      return;  // what else is wrong there does not matter before
    }
    if (!route.auth_basic.value.empty())
      report(codes::proxy_basic_auth, route.auth_basic.place, about(route, route.auth_basic.place));
    if (route.want.websocket) judge_websocket(route);
    if (route.want.stream) judge_stream(route);
  }

  static const Place& place_of(const Place& setting, const ProxyRoute& route) {
    return setting.line > 0 ? setting : route.place;
  }

  void judge_stream(const ProxyRoute& route) {
    if (route.buffered.value) {
      const auto& place = place_of(route.buffered.place, route);
      report(codes::proxy_stream_buffered, place, about(route, place));
    }
    const auto limit = route.answer_timeout.value;
    if (limit.count() == 0 || limit >= route.want.longest) return;
    const auto& place = place_of(route.answer_timeout.place, route);
    auto evidence = about(route, place);
    evidence.push_back(item("timeout", formats::seconds(limit)));
    evidence.push_back(item("needed", formats::seconds(route.want.longest)));
    report(codes::proxy_stream_timeout_short, place, std::move(evidence));
  }

  /// Whoever keeps an idle connection longer may send a request into one that is being closed.
  void judge_reuse(const ProxyRoute& route) {
    const auto closes = route.want.keep_alive;
    if (closes.count() == 0 || route.reuse.value < closes) return;
    const auto& place = place_of(route.reuse.place, route);
    auto evidence = about(route, place);
    evidence.push_back(item("kept", formats::seconds(route.reuse.value)));
    evidence.push_back(item("closes", formats::seconds(closes)));
    report(codes::proxy_keepalive_longer, place, std::move(evidence));
  }

  void judge_websocket(const ProxyRoute& route) {
    if (!route.upgrade) {
      auto evidence = about(route, route.place);
      evidence.push_back(item("missing", route.missing));
      return report(codes::proxy_upgrade_missing, route.place, std::move(evidence));
    }
    const auto limit = route.idle_timeout.value;
    if (limit.count() == 0 || limit >= route.want.idle) return;
    const auto& place = place_of(route.idle_timeout.place, route);
    auto evidence = about(route, place);
    evidence.push_back(item("timeout", formats::seconds(limit)));
    evidence.push_back(item("needed", formats::seconds(route.want.idle)));
    report(codes::proxy_read_timeout_short, place, std::move(evidence));
  }

  void judge(const formats::ProxyFault& fault) {
    const auto code = fault.code == "network"        ? codes::proxy_network_wrong
                      : fault.code == "certresolver" ? codes::proxy_certresolver_missing
                                                     : codes::proxy_entrypoint_timeout;
    report(code, fault.place,
           {item("proxy", reading_.proxy.kind), item("service", fault.service), item("place", fault.place.text()),
            item("detail", fault.detail)});
  }

  void judge(const TrustFacts& trust) {
    report(codes::proxy_not_trusted, {},
           {item("proxy", reading_.proxy.kind), item("service", trust.service), item("address", trust.address),
            item("trusted", trust.trusted)});
  }

  /// Told of the first route only: a site that lacks them mostly lacks them everywhere.
  void judge_headers() {
    for (const auto& route : reading_.routes) {
      if (route.target != ProxyTarget::service || route.want.websocket || route.headers_missing.empty()) continue;
      auto evidence = about(route, route.place);
      evidence.push_back(item("headers", formats::join(route.headers_missing, ", ")));
      return report(codes::proxy_forwarded_headers_missing, route.place, std::move(evidence));
    }
  }

  void healthy() {
    const auto count = std::count_if(reading_.routes.begin(), reading_.routes.end(),
                                     [](const ProxyRoute& route) { return route.target == ProxyTarget::service; });
    if (count == 0) return out_.skipped.push_back({subject(), "it leads to no service of this deployment"});
    out_.healthy.push_back({subject(), std::to_string(count) + " paths lead to their service"});
  }

  const ProxyFacts& facts_;
  const ProxyReading& reading_;
  Judgement& out_;
  std::set<std::string> told_;
};

Judgement diagnose(const Facts& facts) {
  Judgement out;
  for (const auto& one : facts)
    if (one.unrecorded)
      out.unexamined.push_back({one.reading.proxy.subject, "not in the bundle"});
    else if (one.reading.ours)
      ProxyJudge{one, out}.all();
  return out;
}

Judgement run(const Context& context) {
  return diagnose(observe(context));
}

constexpr std::array codes_of_proxy{codes::proxy_config_invalid,
                                    codes::proxy_upstream_wrong,
                                    codes::proxy_upstream_localhost_in_container,
                                    codes::proxy_upstream_localhost_ipv6,
                                    codes::proxy_upgrade_missing,
                                    codes::proxy_path_rewritten,
                                    codes::proxy_path_not_passed,
                                    codes::proxy_read_timeout_short,
                                    codes::proxy_basic_auth,
                                    codes::proxy_forwarded_headers_missing,
                                    codes::proxy_not_trusted,
                                    codes::proxy_network_wrong,
                                    codes::proxy_certresolver_missing,
                                    codes::proxy_entrypoint_timeout,
                                    codes::proxy_stream_buffered,
                                    codes::proxy_stream_timeout_short,
                                    codes::proxy_keepalive_longer,
                                    codes::proxy_path_exposed};

}  // namespace

extern const CheckInfo proxy{
    "proxy", "the reverse proxy passes every path on as the application needs it", {}, {}, codes_of_proxy, run, true};

}  // namespace doctor::checks
