#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "bundle/archive.hpp"
#include "bundle/manifest.hpp"
#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"
#include "guides/own_pages.hpp"
#include "probes/recorder.hpp"

namespace doctor::bundle {

/// A bundle as far as a diagnosis needs it.
struct Opened {
  Manifest manifest;
  Deployment deployment;
  probes::Tape tape;
  std::string report;                        ///< report.json as it stands in the bundle
  std::vector<diagnosis::Ignore> ignores{};  ///< of doctor.ignore.yaml
  std::vector<guides::OwnPage> guides{};     ///< pages of the user, redacted; sorted by file
};

/// The sizes and SHA-256 sums of the manifest are held against the members; what does not fit refuses the bundle.
tl::expected<Opened, std::string> open(const std::string& path);

}  // namespace doctor::bundle
