#pragma once

#include <string>
#include <vector>

#include "deployment/discover.hpp"

/// The reverse proxies that may stand in front of a deployment. Whether one does is judged from its configuration.
namespace doctor::deployment {

/// Services of the deployment that are nginx, Caddy, HAProxy or Traefik by image or program; the files in `named`
/// (absolute); programs of the host with their usual configuration.
std::vector<Proxy> find_proxies(const Deployment& deployment, const Sources& sources,
                                const std::vector<std::string>& named);

}  // namespace doctor::deployment
