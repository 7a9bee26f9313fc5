#include "doctor/format/proxy_routes.hpp"

#include <algorithm>

#include "formats/proxy_kinds.hpp"
#include "util/text.hpp"

namespace doctor::formats {
namespace {

bool is_container(const Deployment& deployment, const Proxy& proxy) {
  const auto* service = deployment.service(proxy.service);
  return service != nullptr && !service->process && service->network_mode != "host";
}

bool is_local(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "0.0.0.0" || host.starts_with("127.");
}

bool is_docker_host(const std::string& host) {
  return host == "host.docker.internal" || host == "gateway.docker.internal" || host == "172.17.0.1";
}

std::uint16_t port_of(const std::string& upstream) {
  const auto colon = upstream.rfind(':');
  const auto digits = colon == std::string::npos ? std::string{} : upstream.substr(colon + 1);
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos) return 0;
  const int port = std::stoi(digits);
  return port > 65535 ? std::uint16_t{0} : static_cast<std::uint16_t>(port);
}

bool is_name_of(const Service& service, const std::string& host) {
  if (host == util::lower(service.name) || host == util::lower(service.container_name)) return !host.empty();
  if (!service.container) return false;
  const auto& addresses = service.container->addresses;
  return host == util::lower(service.container->name) ||
         std::any_of(addresses.begin(), addresses.end(), [&](const auto& entry) { return entry.second == host; });
}

/// Where the service listens in its own network.
bool listens_at(const Deployment& deployment, const Service& service, std::uint16_t port) {
  const auto own = "endpoint:" + service.name + ":" + std::to_string(port);
  if (service.rule.port == port) return true;
  const auto& bases = deployment.http;
  if (std::any_of(bases.begin(), bases.end(), [&](const HttpBase& base) { return base.endpoint == own; })) return true;
  return std::any_of(service.ports.begin(), service.ports.end(),
                     [&](const PublishedPort& one) { return one.target == port; });
}

/// Where the host reaches it.
bool published_at(const Deployment& deployment, const Service& service, std::uint16_t port) {
  if (std::any_of(service.ports.begin(), service.ports.end(),
                  [&](const PublishedPort& one) { return one.published == port && one.protocol == "tcp"; }))
    return true;
  if (service.container)
    for (const auto& one : service.container->ports)
      if (one.published == port && one.protocol == "tcp") return true;
  return std::any_of(deployment.http.begin(), deployment.http.end(), [&](const HttpBase& base) {
    return base.service == service.name && base.dial.port == port && is_local(base.dial.host);
  });
}

void show_places(const Deployment& deployment, ProxyReading& reading) {
  const auto show = [&](Place& place) {
    const auto* service = deployment.service(reading.proxy.service);
    const auto host = service == nullptr ? std::nullopt : deployment.host_path(*service, place.file);
    if (!place.file.empty()) place.file = util::shown(deployment.shown_path(host.value_or(place.file)), 200);
  };
  if (reading.refused) show(reading.refused->place);
  for (auto& one : reading.unseen) show(one.place);
  for (auto& route : reading.routes)
    for (auto* place :
         {&route.place, &route.upstream_place, &route.idle_timeout.place, &route.body_limit.place,
          &route.auth_basic.place, &route.buffered.place, &route.answer_timeout.place, &route.reuse.place})
      show(*place);
}

/// The paths of one service, each of them once.
class Wants {
 public:
  explicit Wants(const Service& service) : service_{service} {}

  void add_all() {
    const auto& needs = service_.rule.proxy;
    for (const auto& expected : service_.rule.expect) {
      if (!expected.http.empty()) add_page(expected.http, !needs);
      if (!expected.websocket.empty()) add_socket(expected);
    }
    for (const auto& limit : service_.rule.limits) add(limit.path).needed = true;
    if (needs) add_needs(*needs);
  }

  std::vector<ProxyWant> wants;

 private:
  ProxyWant& add(const std::string& path, bool websocket = false) {
    const auto same = [&](const ProxyWant& want) { return want.path == path && want.websocket == websocket; };
    const auto found = std::find_if(wants.begin(), wants.end(), same);
    if (found != wants.end()) return *found;
    ProxyWant want;
    want.service = service_.name;
    want.path = path;
    want.websocket = websocket;
    want.needed = false;
    wants.push_back(std::move(want));
    return wants.back();
  }

  void add_page(const std::string& path, bool needed) {
    auto& want = add(path);
    want.needed = want.needed || needed;
  }

  void add_socket(const Expectation& expected) {
    auto& want = add(expected.websocket, true);
    want.needed = true;
    want.idle = std::max(want.idle, expected.idle);
  }

  void add_needs(const ProxyNeeds& needs) {
    for (const auto& path : needs.hidden) add(path).hidden = true;
    for (const auto& path : needs.streams) {
      auto& want = add(path);
      want.needed = want.stream = true;
      want.longest = needs.longest;
    }
    for (auto& want : wants) want.keep_alive = needs.keep_alive;
  }

  const Service& service_;
};

}  // namespace

std::string host_of(const std::string& upstream) {
  const auto colon = upstream.rfind(':');
  auto host = upstream.substr(0, colon);
  if (upstream.ends_with(']')) host = upstream;
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return util::lower(host);
}

std::vector<ProxyWant> proxy_wants(const Deployment& deployment) {
  std::vector<ProxyWant> wants;
  for (const auto& service : deployment.services) {
    if (!service.enabled) continue;
    Wants own{service};
    own.add_all();
    for (auto& want : own.wants) wants.push_back(std::move(want));
  }
  return wants;
}

ProxyTarget leads_to(const Deployment& deployment, const Proxy& proxy, const Service& service,
                     const std::string& upstream) {
  const auto host = host_of(upstream);
  const auto port = port_of(upstream);
  const bool inside = is_container(deployment, proxy);
  if (is_name_of(service, host))
    return listens_at(deployment, service, port) ? ProxyTarget::service : ProxyTarget::wrong_port;
  if (inside && is_local(host))
    return listens_at(deployment, service, port) || published_at(deployment, service, port)
               ? ProxyTarget::localhost_in_container
               : ProxyTarget::elsewhere;
  const bool host_address = is_docker_host(host) || (!inside && is_local(host));
  if (host_address && published_at(deployment, service, port)) return ProxyTarget::service;
  return ProxyTarget::elsewhere;
}

namespace proxies {

bool is_named(const Deployment& deployment, const Proxy& proxy) {
  if (!proxy.service.empty()) return true;
  const auto shown = deployment.shown_path(proxy.config);
  return std::find(deployment.sources.begin(), deployment.sources.end(), shown) != deployment.sources.end();
}

std::string public_host(const Deployment& deployment, const std::string& service) {
  for (const auto& url : deployment.public_urls)
    if (url.service == service) return util::lower(url.host);
  return {};
}

void choose_upstream(const Deployment& deployment, const Proxy& proxy, const std::vector<std::string>& upstreams,
                     const std::vector<Place>& places, ProxyRoute& route) {
  const auto* service = deployment.service(route.want.service);
  if (service == nullptr) return;
  for (std::size_t i = 0; i < upstreams.size(); ++i) {
    const auto target = leads_to(deployment, proxy, *service, upstreams[i]);
    if (i > 0 && target != ProxyTarget::service) continue;
    route.upstream = upstreams[i];
    if (i < places.size()) route.upstream_place = places[i];
    route.target = target;
    if (target == ProxyTarget::service) return;
  }
}

}  // namespace proxies

ProxyReading read_proxy(const Deployment& deployment, const Proxy& proxy, const ConfigFiles& files) {
  ProxyReading reading;
  reading.proxy = proxy;
  if (proxy.kind == "nginx") proxies::read_nginx_proxy(deployment, files, reading);
  if (proxy.kind == "caddy") proxies::read_caddy_proxy(deployment, files, reading);
  if (proxy.kind == "haproxy") proxies::read_haproxy_proxy(deployment, files, reading);
  if (proxy.kind == "traefik") proxies::read_traefik_proxy(deployment, reading);
  show_places(deployment, reading);
  return reading;
}

}  // namespace doctor::formats
