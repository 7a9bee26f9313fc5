#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/own_file.hpp"
#include "cli/run.hpp"
#include "guides/library.hpp"
#include "guides/own_pages.hpp"

/// Where the guides of a run are from.
namespace doctor::cli {

struct Guides {
  guides::Library known;
  std::vector<guides::OwnPage> pages{};  ///< the user's, as they were read
};

/// What is built in, the pages of --guides (`given`: files and folders), and those that the doctor.yaml at `project`
/// names ("": there is none), whose description is held against all of them. Only what is given is looked at. Throws
/// BadInput with all mistakes.
Guides read_guides(const std::vector<std::string>& given, const std::string& project, const FileAccess& files);

/// The same for what a command examines. Nothing: the message has been written, the exit code is 2.
std::optional<Guides> guides_for(const TargetOptions& target, const FileAccess& files, Streams streams);

/// The doctor.yaml of the working directory, or above it; "" for none.
std::string project_here(const FileAccess& files);

/// The guides of a bundle, unless --guides gives others. Pages that this program cannot use are left out, which is said
/// on standard error. Nothing: --guides cannot be used, the message has been written.
std::optional<Guides> guides_of_bundle(const TargetOptions& target, const std::vector<guides::OwnPage>& pages,
                                       Streams streams);

}  // namespace doctor::cli
