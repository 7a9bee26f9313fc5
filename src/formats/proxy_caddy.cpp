#include <algorithm>

#include "doctor/format/caddy.hpp"
#include "formats/proxy_kinds.hpp"

namespace doctor::formats::proxies {
namespace {

ProxyRoute route_of(const Deployment& deployment, const Proxy& proxy, const CaddyConfig& config, int site,
                    const ProxyWant& want) {
  const auto found = caddy_route(config, site, want.path, want.websocket);
  ProxyRoute route;
  route.want = want;
  route.place = found.place;
  route.status = found.status;
  route.target = ProxyTarget::nobody;
  const std::vector<Place> places(found.upstreams.size(), found.place);
  if (found.passed) choose_upstream(deployment, proxy, found.upstreams, places, route);
  route.arrives = found.path;
  if (found.body_limit) route.body_limit = {found.body_limit->bytes, found.body_limit_place};
  route.body_limit_text = found.body_limit_text;
  route.body_limit_decimal = found.body_limit && found.body_limit->decimal;
  if (found.auth_place.line > 0) route.auth_basic = {"basic authentication", found.auth_place};
  route.guarded = found.guarded;
  route.buffered = {found.buffered, found.buffered_place};
  route.answer_timeout = {found.answer_timeout, found.timeout_place};
  return route;
}

bool is_ours(const ProxyRoute& route) {
  return route.target == ProxyTarget::service || route.target == ProxyTarget::wrong_port ||
         route.target == ProxyTarget::localhost_in_container;
}

}  // namespace

void read_caddy_proxy(const Deployment& deployment, const ConfigFiles& files, ProxyReading& reading) {
  const auto& proxy = reading.proxy;
  const auto config = read_caddy(proxy.config, files);
  const auto wants = proxy_wants(deployment);
  if (!config.refused && !config.directives.empty())
    for (const int site : config.directives.front().children) {
      std::vector<ProxyRoute> routes;
      for (const auto& want : wants) routes.push_back(route_of(deployment, proxy, config, site, want));
      const auto hosts = caddy_hosts(config, site);
      for (auto& route : routes) {
        const auto& service = route.want.service;
        const auto host = public_host(deployment, service);
        const bool meant = !host.empty() && std::find(hosts.begin(), hosts.end(), host) != hosts.end();
        const bool leads = std::any_of(routes.begin(), routes.end(), [&](const ProxyRoute& other) {
          return other.want.service == service && is_ours(other);
        });
        if (leads || (meant && !route.upstream.empty())) reading.routes.push_back(route);
      }
    }
  reading.ours = is_named(deployment, proxy) || !reading.routes.empty();
  if (!reading.ours) return;
  reading.refused = config.refused;
  reading.unseen = config.unseen;
}

}  // namespace doctor::formats::proxies
