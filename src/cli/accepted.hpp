#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/own_file.hpp"
#include "cli/run.hpp"
#include "diagnosis/baseline.hpp"
#include "diagnosis/report.hpp"
#include "doctor/deployment.hpp"
#include "guides/library.hpp"

namespace doctor::cli {

inline constexpr const char* ignore_file = "doctor.ignore.yaml";

/// What the user puts up with: --ignore, doctor.ignore.yaml and --baseline.
struct Accepted {
  std::vector<diagnosis::Ignore> ignores;
  std::optional<diagnosis::Baseline> baseline;
  std::string baseline_file;  ///< as the user named it
};

/// Reads it. `directory` is where doctor.ignore.yaml may be, empty: nowhere. Nothing when it cannot be used: the
/// message has been written, the exit code is 2.
std::optional<Accepted> accepted(const CheckCommand& command, const std::string& directory, const std::string& system,
                                 const FileAccess& files, const guides::Library& library, Streams streams);

/// Marks it in a report, whose `started` is set.
void put_up_with(diagnosis::Report& report, const Accepted& accepted, const Deployment& deployment,
                 const guides::Library& library);

}  // namespace doctor::cli
