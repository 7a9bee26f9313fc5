#pragma once

#include <string>
#include <vector>

#include "cli/own_file.hpp"
#include "deployment/discover.hpp"
#include "guides/file_option.hpp"

/// Where doctor.yaml is looked for, and what it says about doctor's own options.
namespace doctor::cli {

/// The options of one doctor.yaml.
struct OptionLayer {
  std::string origin;  ///< "project", "user", "system"
  std::string path;
  std::vector<guides::FileOption> options;
};

/// The nearest doctor.yaml in `directory` or above it; "" when there is none. The way up ends at the home directory, at
/// the top of a Git working tree, at the root, and before a directory that somebody else may write to.
std::string project_file(const std::string& directory, const std::string& home, const FileAccess& files);

/// The layers below flags and environment, highest first: the project's file (`project`, "" for none), then
/// $XDG_CONFIG_HOME/doctor/doctor.yaml (or ~/.config/...), then /etc/doctor/doctor.yaml. Throws BadInput for a file
/// that cannot be used.
std::vector<OptionLayer> option_layers(const std::string& project, const deployment::Environment& environment,
                                       const FileAccess& files);

}  // namespace doctor::cli
