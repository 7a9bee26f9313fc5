#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "bundle/hidden_hosts.hpp"
#include "diagnosis/report.hpp"
#include "redact/redactor.hpp"

namespace doctor::bundle {

/// What doctor.ignore.yaml of the deployment puts up with, as it goes into a bundle: {"schema": "doctor-ignores/v1",
/// "ignores": [...]}. Every text goes through the redactor, and its hosts are hidden when there is a `hosts`.
std::string to_json(const std::vector<diagnosis::Ignore>& ignores, const redact::Redactor& redactor,
                    const HiddenHosts* hosts = nullptr);

/// At most 1 MB and 64 levels. The error never quotes the input.
tl::expected<std::vector<diagnosis::Ignore>, std::string> ignores_from_json(std::string_view text);

}  // namespace doctor::bundle
