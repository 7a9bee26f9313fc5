#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/interrupt.hpp"
#include "cli/options.hpp"
#include "cli/run.hpp"
#include "cli/world.hpp"
#include "doctor/deployment.hpp"
#include "guides/library.hpp"
#include "redact/redactor.hpp"

namespace doctor::cli {

/// Doctor's own environment.
deployment::Environment own_environment();

/// An absolute path without "." and "..", and without a slash at the end.
std::string absolute(const std::string& path);

struct Discovered {
  std::shared_ptr<const Deployment> deployment;  ///< nothing: there is nothing to examine, and the message was written
  std::vector<redact::Rule> redact;              ///< what the deployment's doctor.yaml wants to be redacted
};

/// Finds out what is deployed.
Discovered discover(const TargetOptions& options, const World& world, const guides::Library& library,
                    const Interrupt& interrupt, Streams streams);

/// A redactor that knows every secret of the deployment.
redact::Redactor redactor_for(const Deployment& deployment, const std::vector<redact::Rule>& rules = {});

}  // namespace doctor::cli
