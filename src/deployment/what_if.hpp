#pragma once

#include <string>
#include <vector>

#include "deployment/discover_options.hpp"
#include "doctor/deployment.hpp"

/// Other values for settings of a deployment that was recorded: nothing can be asked of it any more, and of its secrets
/// nothing is known.
namespace doctor::deployment {

/// A setting that has another value now.
struct ChangedSetting {
  std::string subject;
  bool by_flag = true;   ///< false: it is built from one that is
  bool is_known = true;  ///< false: what it is built from is not all known, and neither is its value
  std::string shown;     ///< the new value, "[redacted]" when secret; empty: not known, or empty
  std::string note;      ///< why editing .env would not do that, or why it changes nothing; may be empty
};

struct WhatIf {
  Deployment deployment;
  std::vector<ChangedSetting> changed;  ///< in the order of the settings
};

/// `recorded` with other values, [SERVICE.]NAME=VALUE, as --set gives them to a deployment that is there: whatever
/// .env and the compose file do with such an edit, which the notes tell. Settings that are built from a changed one are
/// changed, too. Then what follows from the settings: data sources, addresses, upstreams, disks and edges.
Read<WhatIf> what_if(const Deployment& recorded, const std::vector<std::string>& overrides);

}  // namespace doctor::deployment
