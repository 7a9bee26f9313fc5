#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "bundle/item.hpp"
#include "bundle/manifest.hpp"
#include "bundle/selection.hpp"
#include "cli/attempt.hpp"
#include "cli/own_guides.hpp"

namespace doctor::cli {

/// The exit code of a bundle that was not written because the last look at it found a secret.
inline constexpr int leaked = 4;

struct Bundled {
  std::string file;
  std::uint64_t size = 0;  ///< of the file
  bundle::Manifest manifest;
};

/// Why there is no bundle: nothing has been left behind.
struct NotBundled {
  std::string message;  ///< without "doctor: "
  int exit = 2;
};

/// What a bundle is made with.
struct Bundling {
  const CheckCommand& command;
  const BundleOptions& options;
  const bundle::Selection& selection;
  const World& world;
  const Interrupt& interrupt;
  const Guides& guides;
  std::ostream& err;               ///< progress, on a terminal
  const Checks* checks = nullptr;  ///< of the run; for options.hide_hosts
};

/// What could go into a bundle besides report and answers.
std::vector<bundle::Item> items_of(const Bundling& with, const std::shared_ptr<const Deployment>& deployment,
                                   const World::Session& session);

/// Writes a bundle of a run: what it found, what it asked, and what support needs besides. To options.file, or to a
/// name in the working directory.
tl::expected<Bundled, NotBundled> write_bundle(const Bundling& with, const Attempt& attempt);

/// Seconds since 1970 that a bundle states: SOURCE_DATE_EPOCH, else now.
std::int64_t bundle_time();

}  // namespace doctor::cli
