#pragma once

#include <map>
#include <string>

#include "lab/check.hpp"

/// What a bundle of a run must be: free of secrets, and good for the same diagnosis.
namespace doctor::lab {

/// Opens every member of the bundle and looks for each secret in its name and its bytes.
void expect_safe_bundle(const std::string& file, const Secrets& secrets);

/// The members of a bundle: path -> bytes. Fails the test when it cannot be read.
std::map<std::string, std::string> bundle_members(const std::string& file);

/// `doctor analyze` says what the run said. `arguments` are those of the run.
void expect_same_from_bundle(const std::string& file, const Secrets& secrets, const Result& result,
                             const Arguments& arguments, const CommandOptions& options);

}  // namespace doctor::lab
