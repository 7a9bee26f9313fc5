#include "deployment/discover_proxies.hpp"

#include <algorithm>
#include <array>

#include "util/text.hpp"

namespace doctor::deployment {
namespace {

struct Kind {
  std::string_view name;
  std::string_view config;  ///< where its packages and images keep it
  std::string_view option;  ///< that names another
};

constexpr std::array<Kind, 4> kinds{Kind{"nginx", "/etc/nginx/nginx.conf", "-c"},
                                    Kind{"caddy", "/etc/caddy/Caddyfile", "--config"},
                                    Kind{"haproxy", "/etc/haproxy/haproxy.cfg", "-f"}, Kind{"traefik", "", ""}};

const Kind* kind_named(std::string_view name) {
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// "registry.example.com:5000/library/nginx:1.27-alpine@sha256:..." is "nginx".
std::string name_of_image(const std::string& image) {
  const auto name = base_name(image.substr(0, image.find('@')));
  return name.substr(0, name.find(':'));
}

const Kind* kind_of(const Service& service) {
  if (const auto* kind = kind_named(name_of_image(service.image))) return kind;
  if (service.process)
    if (const auto* kind = kind_named(base_name(service.process->exe))) return kind;
  const auto image = name_of_image(service.image);
  return image == "nginx-unprivileged" || image == "openresty" ? kind_named("nginx") : nullptr;
}

std::string config_of(const Service& service, const Kind& kind) {
  const auto& words = service.command;
  if (!kind.option.empty())
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
      if (words[i] == kind.option && words[i + 1].starts_with('/')) return words[i + 1];
  if (kind.name == "haproxy") return "/usr/local/etc/haproxy/haproxy.cfg";  // the official image's
  return std::string{kind.config};
}

/// What a named file is for, by its name, else by what stands in it.
std::string kind_of_file(const std::string& path, const Sources& sources) {
  const auto name = util::lower(base_name(path));
  if (name.find("caddy") != std::string::npos) return "caddy";
  if (name.find("haproxy") != std::string::npos) return "haproxy";
  const auto text = sources.read(path);
  if (!text) return "nginx";
  for (const auto& line : util::split(*text, '\n')) {
    const auto words = util::trim(line);
    if (words.starts_with("frontend ") || words.starts_with("backend ")) return "haproxy";
    if (words.starts_with("reverse_proxy ")) return "caddy";
  }
  return "nginx";
}

/// Programs that run outside of containers. Their command line is not known, so the usual place counts.
void add_programs(const Sources& sources, std::vector<Proxy>& proxies) {
  if (!sources.processes) return;
  for (const auto& kind : kinds) {
    const std::string config{kind.config};
    const auto same = [&](const Proxy& proxy) { return proxy.service.empty() && proxy.config == config; };
    if (config.empty() || std::any_of(proxies.begin(), proxies.end(), same)) continue;
    const auto processes = sources.processes(std::string{kind.name});
    if (!processes) continue;
    const bool bare = std::any_of(processes->begin(), processes->end(),
                                  [](const FoundProcess& found) { return found.container.empty(); });
    if (bare) proxies.push_back({std::string{kind.name}, "", config, "file:" + config});
  }
}

}  // namespace

std::vector<Proxy> find_proxies(const Deployment& deployment, const Sources& sources,
                                const std::vector<std::string>& named) {
  std::vector<Proxy> proxies;
  for (const auto& service : deployment.services) {
    if (!service.enabled) continue;
    if (const auto* kind = kind_of(service))
      proxies.push_back({std::string{kind->name}, service.name, config_of(service, *kind), service.subject()});
  }
  for (const auto& path : named)
    proxies.push_back({kind_of_file(path, sources), "", path, "file:" + deployment.shown_path(path)});
  const bool labelled = std::any_of(deployment.services.begin(), deployment.services.end(), [](const Service& service) {
    return service.enabled && service.labels.count("traefik.enable") > 0;
  });
  const bool has_traefik =
      std::any_of(proxies.begin(), proxies.end(), [](const Proxy& p) { return p.kind == "traefik"; });
  // Traefik mostly runs in a project of its own; the labels are for it all the same.
  if (labelled && !has_traefik && !deployment.compose_file.empty())
    proxies.push_back({"traefik", "", "", "file:" + deployment.compose_file});
  add_programs(sources, proxies);
  return proxies;
}

}  // namespace doctor::deployment
