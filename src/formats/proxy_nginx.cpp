#include <algorithm>

#include "doctor/format/text.hpp"
#include "formats/proxy_kinds.hpp"
#include "util/text.hpp"

namespace doctor::formats::proxies {
namespace {

/// The official images' nginx.conf, for one that cannot be seen because the image holds it.
constexpr std::string_view image_config = "events {}\nhttp {\ninclude /etc/nginx/conf.d/*.conf;\n}\n";

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

/// nginx 1.29.7 speaks HTTP/1.1 to the servers behind it unless told otherwise. Without a number the image may be new.
bool may_be_new(const Deployment& deployment, const Proxy& proxy) {
  const auto* service = deployment.service(proxy.service);
  if (service == nullptr) return false;
  const auto name = service->image.substr(service->image.rfind('/') + 1);
  const auto colon = name.find(':');
  const auto tag = colon == std::string::npos ? std::string{} : name.substr(colon + 1);
  if (!tag.starts_with("1.")) return true;
  const auto minor = tag.substr(2, tag.find_first_not_of("0123456789", 2) - 2);
  return minor.size() > 2 || (minor.size() == 2 && minor >= "29");
}

class NginxProxy {
 public:
  NginxProxy(const Deployment& deployment, const NginxConfig& config, ProxyReading& reading)
      : deployment_{deployment}, config_{config}, reading_{reading}, wants_{proxy_wants(deployment)} {}

  void read() {
    const auto servers = nginx_servers(config_);
    for (const auto& server : servers) add_if_ours(server);
    if (!reading_.routes.empty()) return;
    for (const auto& server : servers)
      if (names_us(server) || (named() && servers.size() == 1)) return add_lost(server);
  }

 private:
  bool named() const { return is_named(deployment_, reading_.proxy); }

  /// The server block is for the host name that users have.
  bool names_us(const NginxServer& server) const {
    for (const auto& url : deployment_.public_urls) {
      const auto host = util::lower(url.host);
      const auto same = [&](const std::string& name) { return util::lower(name) == host; };
      if (std::any_of(server.names.begin(), server.names.end(), same)) return true;
    }
    return false;
  }

  ProxyRoute route_of(const NginxServer& server, const ProxyWant& want) const {
    const auto host = public_host(deployment_, want.service);
    const auto found = nginx_route(config_, server.directive, host.empty() ? "localhost" : host, want.path);
    ProxyRoute route;
    route.want = want;
    route.place = found.place;
    route.status = found.status;
    route.target = found.unknown.empty() ? ProxyTarget::nobody : ProxyTarget::unknown;
    if (found.unknown.empty())
      choose_upstream(deployment_, reading_.proxy, found.upstreams, found.upstream_places, route);
    route.arrives = found.path;
    settings(found, route);
    route.guarded = found.guarded || server.local;
    return route;
  }

  void settings(const NginxRoute& found, ProxyRoute& route) const {
    const bool default_version = found.http_version.place.line == 0;
    const bool old_version =
        found.http_version.value == "1.0" && !(default_version && may_be_new(deployment_, reading_.proxy));
    route.upgrade = found.upgrade && !old_version;
    if (!found.upgrade)
      route.missing =
          old_version ? "the Upgrade and Connection headers, and HTTP/1.1" : "the Upgrade and Connection headers";
    else if (old_version)
      route.missing = "HTTP/1.1 (proxy_http_version)";
    route.idle_timeout = found.read_timeout;
    route.body_limit = found.body_limit;
    route.body_limit_text = found.body_limit.value == 0 ? "no limit" : bytes_binary(found.body_limit.value);
    route.auth_basic = found.auth_basic;
    route.buffered = found.buffering;
    route.answer_timeout = found.read_timeout;
    route.reuse = found.reuse;
    for (const auto* header : {"x-forwarded-for", "x-forwarded-proto", "host"}) {
      const auto& set = found.request_headers;
      if (std::find(set.begin(), set.end(), header) == set.end()) route.headers_missing.emplace_back(header);
    }
  }

  static std::string bytes_binary(std::uint64_t count) {
    constexpr std::uint64_t mega = 1024 * 1024;
    return count % mega == 0 ? std::to_string(count / mega) + " MiB" : std::to_string(count) + " bytes";
  }

  void add_if_ours(const NginxServer& server) {
    std::vector<std::string> services;
    std::vector<ProxyRoute> routes;
    for (const auto& want : wants_) {
      routes.push_back(route_of(server, want));
      const auto target = routes.back().target;
      const bool ours = target == ProxyTarget::service || target == ProxyTarget::wrong_port ||
                        target == ProxyTarget::localhost_in_container;
      if (ours && std::find(services.begin(), services.end(), want.service) == services.end())
        services.push_back(want.service);
    }
    for (auto& route : routes)
      if (std::find(services.begin(), services.end(), route.want.service) != services.end())
        reading_.routes.push_back(std::move(route));
  }

  /// It should lead to us, and does not.
  void add_lost(const NginxServer& server) {
    if (wants_.empty()) return;
    const auto& service = wants_.front().service;
    for (const auto& want : wants_) {
      if (want.service != service) continue;
      auto route = route_of(server, want);
      if (route.upstream.empty() && route.target != ProxyTarget::unknown) continue;
      reading_.routes.push_back(std::move(route));
    }
  }

  const Deployment& deployment_;
  const NginxConfig& config_;
  ProxyReading& reading_;
  std::vector<ProxyWant> wants_;
};

/// Whether any address of the deployment stands in the text: a broken file of somebody else's is not ours to tell.
bool mentions(const Deployment& deployment, std::string_view text) {
  for (const auto& base : deployment.http)
    for (const auto* host : {"127.0.0.1:", "localhost:", "[::1]:"})
      if (text.find(host + std::to_string(base.dial.port)) != std::string_view::npos) return true;
  return false;
}

}  // namespace

void read_nginx_proxy(const Deployment& deployment, const ConfigFiles& files, ProxyReading& reading) {
  const auto& proxy = reading.proxy;
  const auto* service = deployment.service(proxy.service);
  bool mentioned = false;
  ConfigFiles seen = files;
  seen.read = [&](const std::string& path) {
    auto text = files.read(path);
    if (text && mentions(deployment, *text)) mentioned = true;
    const bool in_image = !text && path == proxy.config && service != nullptr && !deployment.host_path(*service, path);
    return in_image ? Outcome<std::string>{std::string{image_config}} : text;
  };
  const auto config = read_nginx(proxy.config, directory_of(proxy.config), seen);
  if (!config.refused) NginxProxy{deployment, config, reading}.read();
  reading.ours = is_named(deployment, proxy) || mentioned || !reading.routes.empty();
  if (!reading.ours) return;
  reading.refused = config.refused;
  reading.unseen = config.unseen;
}

}  // namespace doctor::formats::proxies
