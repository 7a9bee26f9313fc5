#pragma once

#include "deployment/discover_services.hpp"
#include "doctor/deployment.hpp"

namespace doctor::deployment {

/// What the settings of a deployment were made of.
struct SettingsSeen {
  const ComposeProject* compose = nullptr;  ///< nullptr: there is none
  bool cluster = false;                     ///< manifests take its place
  const Dotenv& dotenv;
  const std::map<std::string, RunningEnvironment>& running;  ///< by service
};

/// A setting that doctor cannot see is not missing: what nobody but the running process, or an .env that doctor may not
/// read, could have given a value is forgotten together with its rule, so that nothing is concluded from its absence
/// or its fallback. The same where nothing but an address of the application is known.
void forget_unseen(Deployment& deployment, const SettingsSeen& seen);

}  // namespace doctor::deployment
