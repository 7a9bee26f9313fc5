#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bundle/manifest.hpp"
#include "doctor/deployment.hpp"
#include "probes/recorder.hpp"

/// Bundles are hostile input: read as a stream from beginning to end, never unpacked.
namespace doctor::bundle {

/// Bounds of an archive. What is past one refuses it as a whole.
struct ArchiveLimits {
  std::uint64_t most_bytes = 1024UL * 1024 * 1024;  ///< unpacked
  std::size_t most_members = 10000;
  std::uint64_t most_ratio = 200;  ///< unpacked to packed
};

/// One member in an archive. `bytes` hands over what it holds, once, in order; what is not taken is skipped.
struct ArchiveMember {
  std::string path;
  std::uint64_t size = 0;
  std::function<tl::expected<void, std::string>(const std::function<bool(std::string_view)>& take)> bytes;
};

/// Visits the members in order until `visit` says false. tar in gzip or zstd only. Anything but regular files, an
/// absolute path, "..", a control character, an empty, overlong or repeated name, and what is past a bound refuse the
/// archive; the error names the member and the rule, escaped.
tl::expected<void, std::string> read_archive(const std::string& path,
                                             const std::function<bool(const ArchiveMember&)>& visit,
                                             const ArchiveLimits& limits = {});

/// A bundle as far as a diagnosis needs it.
struct Opened {
  Manifest manifest;
  Deployment deployment;
  probes::Tape tape;
  std::string report;  ///< report.json as it stands in the bundle
};

/// The sizes and SHA-256 sums of the manifest are held against the members; what does not fit refuses the bundle.
tl::expected<Opened, std::string> open(const std::string& path);

}  // namespace doctor::bundle
