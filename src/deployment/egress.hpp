#pragma once

#include <string>
#include <vector>

#include "doctor/deployment.hpp"

/// How a service gets out: through a proxy or not, and whom it trusts.
namespace doctor::deployment {

/// The way from a service to one address.
struct Egress {
  std::string proxy;        ///< "host:port"; "" for none
  std::string authorities;  ///< absolute path as the service sees it; "" for none
  std::string note;         ///< why doctor cannot go that way; empty: it can
};

/// By the settings of the service with the roles egress-proxy and extra-authorities. A proxy counts only when what its
/// rule `needs` is fulfilled. One whose name begins with HTTP_ or HTTPS_ is for that scheme, any other for both.
/// NO_PROXY (or no_proxy) lists hosts, "host:port", ".suffix", "*.suffix" and "*", separated by commas or blanks.
Egress egress_to(const Deployment& deployment, const Service& service, const std::string& host, std::uint16_t port,
                 bool tls);

/// Subjects of the settings that decide about it.
std::vector<std::string> egress_settings(const Deployment& deployment, const std::string& service);

/// Whether a setting of the service has one of the values; see SettingCondition.
bool is_fulfilled(const Deployment& deployment, const std::string& service, const SettingCondition& condition);

}  // namespace doctor::deployment
