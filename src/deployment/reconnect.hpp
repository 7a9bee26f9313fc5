#pragma once

#include "doctor/deployment.hpp"

namespace doctor::deployment {

/// Brings what follows from the settings of `after` up to date: data sources, Redis, HTTP bases, public addresses,
/// upstreams, disks and edges. `after` is `before`, a recorded deployment, with other settings. What would be found for
/// both in the same way stays as it was recorded, since a record does not hold all that it was found by.
void reconnect(Deployment& after, const Deployment& before);

}  // namespace doctor::deployment
