#pragma once

#include <vector>

#include "deployment/data_source.hpp"
#include "doctor/deployment.hpp"

/// What follows from the settings, services and addresses of a deployment that is filled in so far.
namespace doctor::deployment {

/// All edges: those of build_edges, of the upstreams, and from what users reach to the proxies that it goes through.
std::vector<Edge> find_edges(const Deployment& deployment, const EngineView& engine);

/// The disks that hold the deployment, what it stores and its database; what Deployment::disks has of others stays.
void find_disks(Deployment& deployment);

}  // namespace doctor::deployment
