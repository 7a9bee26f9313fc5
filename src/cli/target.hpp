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

/// Finds out what is deployed. Nothing when there is nothing to examine: the message has been written, the exit code
/// is 2.
std::shared_ptr<const Deployment> discover(const TargetOptions& options, const World& world,
                                           const guides::Library& library, const Interrupt& interrupt, Streams streams);

/// A redactor that knows every secret of the deployment.
redact::Redactor redactor_for(const Deployment& deployment, const std::vector<redact::Rule>& rules = {});

/// The same, with the rules of the doctor.yaml that discover() used. Throws std::runtime_error when that has become
/// unusable since.
redact::Redactor redactor_for(const Deployment& deployment, const TargetOptions& options, const World& world,
                              const Interrupt& interrupt);

}  // namespace doctor::cli
