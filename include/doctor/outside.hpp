#pragma once

#include <string_view>
#include <vector>

#include "doctor/deployment.hpp"
#include "doctor/finding.hpp"

namespace doctor {

/// Why something was left out that lies outside the deployment's own hosts.
inline constexpr std::string_view offline_reason = "--offline";

/// Whether a host name or numeric address can only be this machine or a network of its own: localhost (RFC 6761, 6.3),
/// Docker's names for the host, and addresses that are loopback, private, shared, unique-local or link-local (RFC 1122,
/// 1918, 6598, 4193, 3927, 4291).
bool is_private_host(std::string_view host);

/// Whether the user has asked for nothing outside to be contacted, and this host is outside.
bool is_kept_from(const Deployment& deployment, std::string_view host);

/// The public addresses that are not looked at therefore.
std::vector<NotLookedAt> kept_public_urls(const Deployment& deployment);

}  // namespace doctor
