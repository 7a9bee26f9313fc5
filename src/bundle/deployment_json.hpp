#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bundle/hidden_hosts.hpp"
#include "doctor/deployment.hpp"
#include "redact/redactor.hpp"

namespace doctor::bundle {

/// deployment.json: everything that checks and diagnosis may ask a Deployment for. Of a secret value only that there is
/// one (or that it is empty) is written; every other text goes through the redactor, each by itself,
/// and its hosts are hidden when there is a `hosts`.
std::string to_json(const Deployment& deployment, const redact::Redactor& redactor, const HiddenHosts* hosts = nullptr);

/// At most 16 MB and 64 levels. The error names the place and never quotes the input.
tl::expected<Deployment, std::string> deployment_from_json(std::string_view text);

}  // namespace doctor::bundle
