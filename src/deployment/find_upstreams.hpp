#pragma once

#include <vector>

#include "deployment/data_source.hpp"
#include "doctor/deployment.hpp"

/// The services outside the deployment (and inside, when it runs them itself) that its services call by URL.
namespace doctor::deployment {

/// Those of all services that are enabled, and that are called at all: see UpstreamRule::when and `without`. A setting
/// without a value, or with an example, gives none: the check of settings says so. A URL with a password is left out of
/// `url`, and `note` says why.
std::vector<Upstream> find_upstreams(const Deployment& deployment, const EngineView& engine);

/// What depends on the upstreams of the deployment, and what they depend on. Those outside share
/// endpoint:SERVICE:egress, the way out.
std::vector<Edge> upstream_edges(const Deployment& deployment, const EngineView& engine);

}  // namespace doctor::deployment
