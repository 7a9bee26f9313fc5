#include <algorithm>

#include "doctor/format/nginx.hpp"
#include "formats/nginx_regex.hpp"
#include "formats/nginx_tree.hpp"
#include "util/text.hpp"

// Which server block answers: by the port, then by the name (ngx_http_find_virtual_server).

namespace doctor::formats {
namespace {

using nginx::all;
using nginx::at;

std::uint16_t port_of(const std::string& listen) {
  const auto colon = listen.rfind(':');
  const auto bracket = listen.rfind(']');
  const bool plain = listen.find_first_not_of("0123456789") == std::string::npos;
  const bool has_port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
  const auto digits = plain ? listen : has_port ? listen.substr(colon + 1) : std::string{"80"};
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos) return 0;
  const int port = std::stoi(digits);
  return port > 65535 ? std::uint16_t{0} : static_cast<std::uint16_t>(port);
}

bool has_word(const NginxDirective& directive, std::string_view word) {
  return std::find(directive.arguments.begin(), directive.arguments.end(), word) != directive.arguments.end();
}

bool is_local(const std::string& listen) {
  return listen.starts_with("127.") || listen.starts_with("localhost") || listen.starts_with("[::1]") ||
         listen.starts_with("unix:");
}

NginxServer server_of(const NginxConfig& config, int index) {
  NginxServer server;
  server.directive = index;
  server.place = at(config, index).place;
  for (const int child : all(config, index, "server_name"))
    for (const auto& name : at(config, child).arguments) server.names.push_back(name);
  const auto listens = all(config, index, "listen");
  server.local = !listens.empty();
  for (const int child : listens) {
    const auto& listen = at(config, child);
    server.local = server.local && is_local(listen.arguments.front());
    if (listen.arguments.front().starts_with("unix:")) continue;
    if (const auto port = port_of(listen.arguments.front()); port != 0) server.ports.push_back(port);
    server.tls = server.tls || has_word(listen, "ssl");
  }
  if (listens.empty()) server.ports.push_back(80);
  return server;
}

/// How well a name fits: exact 4, "*.example.com" 3, "example.*" 2, a regular expression 1, not at all 0.
int fit(const std::string& name, const std::string& host) {
  if (name.starts_with("~")) {
    const auto groups = nginx::regex_match(name.substr(1), host, true);
    return groups && !groups->empty() ? 1 : 0;
  }
  const auto lower = util::lower(name);
  if (lower == host) return 4;
  if (lower.starts_with("*.")) return host.ends_with(lower.substr(1)) ? 3 : 0;
  if (lower.starts_with(".")) return host == lower.substr(1) ? 4 : host.ends_with(lower) ? 3 : 0;
  if (lower.ends_with(".*")) return host.starts_with(lower.substr(0, lower.size() - 1)) ? 2 : 0;
  return 0;
}

bool is_default(const NginxConfig& config, int server, std::uint16_t port) {
  for (const int child : all(config, server, "listen")) {
    const auto& listen = at(config, child);
    if (port_of(listen.arguments.front()) == port &&
        (has_word(listen, "default_server") || has_word(listen, "default")))
      return true;
  }
  return false;
}

}  // namespace

std::vector<NginxServer> nginx_servers(const NginxConfig& config) {
  std::vector<NginxServer> servers;
  if (config.directives.empty()) return servers;
  if (config.context == "server") {
    servers.push_back(server_of(config, 0));
    return servers;
  }
  const int http = nginx::http_block(config);
  if (http < 0) return servers;
  for (const int index : all(config, http, "server"))
    if (at(config, index).block) servers.push_back(server_of(config, index));
  return servers;
}

int nginx_server(const NginxConfig& config, std::string_view host, std::uint16_t port) {
  const auto name = util::lower(host);
  int best = -1;
  int fallback = -1;
  int best_fit = 0;
  std::size_t best_length = 0;
  for (const auto& server : nginx_servers(config)) {
    if (std::find(server.ports.begin(), server.ports.end(), port) == server.ports.end()) continue;
    if (fallback < 0 || is_default(config, server.directive, port)) fallback = server.directive;
    for (const auto& one : server.names) {
      const int how = fit(one, name);
      const bool longer = how == best_fit && (how == 2 || how == 3) && one.size() > best_length;
      if (how == 0 || (how <= best_fit && !longer)) continue;
      best = server.directive;
      best_fit = how;
      best_length = one.size();
    }
  }
  return best >= 0 ? best : fallback;
}

}  // namespace doctor::formats
