#pragma once

#include <string>
#include <vector>

#include "deployment/discover.hpp"

namespace doctor::deployment {

/// Where secrets may stand that no setting of a service holds.
struct SecretSources {
  const Deployment* deployment = nullptr;   ///< with its settings and files
  const ComposeProject* compose = nullptr;  ///< may be null
  const Dotenv* dotenv = nullptr;
  const Environment* shell = nullptr;
  std::vector<Environment> environments;            ///< of containers, images and bare processes
  std::vector<std::vector<std::string>> arguments;  ///< of bare processes
  FileReader read;
};

/// Values of compose secrets; of secret-like names in YAML files (labels, build arguments, health checks, Secrets of
/// Kubernetes, values of Helm charts), in .env and env files, also in their comments, and in the environments of
/// containers and processes; passwords of URLs, of commands and of a PGPASSFILE; the private keys and secret files that
/// settings name. What a described setting declares open is left out.
std::vector<FurtherSecret> find_secrets(const SecretSources& sources);

}  // namespace doctor::deployment
