#pragma once

#include <vector>

#include "doctor/deployment.hpp"

/// Which subject depends on which.
namespace doctor::deployment {

/// The edges of the deployment as far as it is filled in, sorted, without duplicates:
///   service  -> its settings, files, volumes, endpoints of its data sources, services of depends_on and talks_to,
///               the compose file, disk:storage, disk:database
///   endpoint -> the service behind it
///   setting  -> the settings that it is built from, and .env when a value there reaches it
///   volume   -> disk:docker
std::vector<Edge> build_edges(const Deployment& deployment);

/// The subject of a file on the host: file:RELATIVE below the directory, else file:/absolute.
std::string file_subject(const Deployment& deployment, const std::string& path);

}  // namespace doctor::deployment
