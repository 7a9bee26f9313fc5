#pragma once

#include "doctor/format/proxy_routes.hpp"

/// One reader for each program, in the terms of proxy_routes.hpp.
namespace doctor::formats::proxies {

void read_nginx_proxy(const Deployment& deployment, const ConfigFiles& files, ProxyReading& reading);
void read_caddy_proxy(const Deployment& deployment, const ConfigFiles& files, ProxyReading& reading);
void read_haproxy_proxy(const Deployment& deployment, const ConfigFiles& files, ProxyReading& reading);
void read_traefik_proxy(const Deployment& deployment, ProxyReading& reading);

/// The user named this file, or a service of the deployment runs it: what is in it matters whoever it leads to.
bool is_named(const Deployment& deployment, const Proxy& proxy);

/// The host name of a service's public URL, "" when none is known.
std::string public_host(const Deployment& deployment, const std::string& service);

/// Some of the best of several upstreams: the first that is the service's, else the first.
void choose_upstream(const Deployment& deployment, const Proxy& proxy, const std::vector<std::string>& upstreams,
                     const std::vector<Place>& places, ProxyRoute& route);

}  // namespace doctor::formats::proxies
