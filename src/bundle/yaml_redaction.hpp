#pragma once

#include <string>
#include <string_view>

#include "bundle/hidden_hosts.hpp"
#include "redact/redactor.hpp"

namespace doctor::bundle {

/// The text of a YAML file with its secrets replaced so that it stays the YAML that it was: what base64 holds is
/// redacted inside of it, as the values of a Kubernetes Secret are written, and a scalar that begins with what stands
/// for a secret is put in quotes, since it would be a list otherwise. Hosts are hidden when there is a `hosts`.
std::string redacted_yaml(std::string_view text, const redact::Redactor& redactor, const HiddenHosts* hosts = nullptr);

}  // namespace doctor::bundle
