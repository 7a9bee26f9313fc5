#pragma once

#include <string>

#include "cli/options.hpp"
#include "doctor/deployment.hpp"
#include "plugins/plugins.hpp"
#include "redact/redactor.hpp"

namespace doctor::cli {

/// What a run needs to know of plugins before it begins.
struct PluginSetup {
  probes::PluginPlaces places;
  std::string input;      ///< what they are told; redacted
  std::string directory;  ///< in which they run
};

/// The folders of this deployment, of the user, of the host, and those that the command names; Nagios plugins. Nothing
/// at all with --no-plugins. Throws BadInput for a Nagios plugin that is not written as ID=/PATH ARGUMENT ...
PluginSetup plugin_setup(const CheckCommand& command, const Deployment& deployment, const redact::Redactor& redactor);

/// Throws BadInput when a plugin that the user names is refused, or --only or --skip name one that is not there.
void refuse_plugins(const CheckCommand& command, const plugins::Source& source, const Deadline& deadline);

/// Whether a name of --only or --skip is that of a plugin.
bool is_plugin(const std::string& name);

/// What plugins say goes through the redactor.
void redact(std::vector<plugins::Result>& results, const redact::Redactor& redactor);

}  // namespace doctor::cli
