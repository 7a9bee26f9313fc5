#include "deployment/connections.hpp"

#include <utility>

#include "deployment/find_upstreams.hpp"
#include "deployment/graph.hpp"

namespace doctor::deployment {

std::vector<Edge> find_edges(const Deployment& deployment, const EngineView& engine) {
  auto edges = build_edges(deployment);
  const auto more = upstream_edges(deployment, engine);
  edges.insert(edges.end(), more.begin(), more.end());
  for (const auto& url : deployment.public_urls)
    for (const auto& proxy : deployment.proxies) edges.push_back({url.endpoint, proxy.subject});
  return edges;
}

void find_disks(Deployment& deployment) {
  deployment.disks["deployment"] = deployment.directory;
  for (const auto* setting : deployment.with_role("storage-path")) {
    const auto* service = deployment.service(setting->service);
    const auto& value = setting->value();
    if (service == nullptr || (value && value->is_secret())) continue;
    const auto& path = value && !value->text().empty() ? value->text() : setting->rule.fallback;
    auto host = deployment.host_path(*service, path);
    const bool in_image = host && host->starts_with("/proc/");  // that is Docker's own disk
    if (host && !in_image) deployment.disks["storage"] = std::move(*host);
  }
  for (const auto& service : deployment.services)
    for (const auto& mount : service.container ? service.container->mounts : service.mounts)
      if (service.enabled && mount.target.find("/postgresql") != std::string::npos)
        if (auto host = deployment.host_path(service, mount.target)) deployment.disks["database"] = std::move(*host);
}

}  // namespace doctor::deployment
