#pragma once

#include <vector>

#include "doctor/deployment.hpp"

namespace doctor::deployment {

/// The addresses that users have: settings with the role `public-url` of enabled services, as the process has them. A
/// value that is empty, an example, secret or no http or https URL gives none.
std::vector<PublicUrl> find_public_urls(const Deployment& deployment);

}  // namespace doctor::deployment
