#include <algorithm>

#include "doctor/format/haproxy.hpp"
#include "doctor/format/text.hpp"
#include "formats/proxy_kinds.hpp"

namespace doctor::formats::proxies {
namespace {

/// HAProxy passes the path and an upgrade on as they are, and any size of body.
ProxyRoute route_of(const Deployment& deployment, const Proxy& proxy, const HaproxyConfig& config, std::size_t section,
                    const ProxyWant& want) {
  const auto found = haproxy_route(config, section, want.path, want.websocket);
  ProxyRoute route;
  route.want = want;
  route.place = found.place;
  route.target = found.unknown ? ProxyTarget::unknown : ProxyTarget::nobody;
  if (!found.unknown) choose_upstream(deployment, proxy, found.servers, found.server_places, route);
  route.idle_timeout = {found.idle_timeout, found.idle_place};
  route.answer_timeout = {found.answer_timeout, found.timeout_place};
  route.reuse = {found.reuse, found.reuse_place};
  route.guarded = found.guarded;
  return route;
}

}  // namespace

void read_haproxy_proxy(const Deployment& deployment, const ConfigFiles& files, ProxyReading& reading) {
  const auto& proxy = reading.proxy;
  const bool named = is_named(deployment, proxy);
  const auto text = files.read(proxy.config);
  if (!text) {
    reading.ours = named;
    if (named) reading.unseen.push_back({{proxy.config, 0, 0}, describe(text.error())});
    return;
  }
  const auto config = read_haproxy(*text, proxy.config);
  for (std::size_t i = 0; !config.refused && i < config.sections.size(); ++i) {
    if (config.sections[i].kind != "frontend" && config.sections[i].kind != "listen") continue;
    std::vector<ProxyRoute> routes;
    for (const auto& want : proxy_wants(deployment)) routes.push_back(route_of(deployment, proxy, config, i, want));
    for (const auto& route : routes) {
      const bool leads = std::any_of(routes.begin(), routes.end(), [&](const ProxyRoute& other) {
        const bool ours = other.target == ProxyTarget::service || other.target == ProxyTarget::wrong_port ||
                          other.target == ProxyTarget::localhost_in_container;
        return ours && other.want.service == route.want.service;
      });
      if (leads) reading.routes.push_back(route);
    }
  }
  reading.ours = named || !reading.routes.empty();
  if (reading.ours) reading.refused = config.refused;
}

}  // namespace doctor::formats::proxies
