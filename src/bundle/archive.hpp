#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

/// Archives are hostile input: read as a stream from beginning to end, never unpacked.
namespace doctor::bundle {

/// Bounds of an archive. What is past one refuses it as a whole.
struct ArchiveLimits {
  std::uint64_t most_bytes = 1024UL * 1024 * 1024;  ///< unpacked, and of the file itself
  std::size_t most_members = 10000;
  std::uint64_t most_ratio = 200;            ///< unpacked to packed,
  std::uint64_t slack = 16UL * 1024 * 1024;  ///< of what is unpacked beyond this
};

/// What is wrong with `name` as that of a member, as the rest of a sentence; "" when nothing is.
std::string problem_of_name(std::string_view name);

/// One member in an archive. `bytes` hands over what it holds, once, in order; what is not taken is skipped.
struct ArchiveMember {
  std::string path;
  std::uint64_t size = 0;
  std::function<tl::expected<void, std::string>(const std::function<bool(std::string_view)>& take)> bytes;
};

/// Visits the members in order until `visit` says false. tar in gzip or zstd only, once. Anything but regular files, a
/// sparse member, an absolute path, an empty step of a path, "." and "..", a character that is not printable ASCII, an
/// empty, overlong or repeated name, bytes behind the end, and what is past a bound refuse the archive; the error names
/// the member and the rule, escaped. What was visited before may have been handed over already.
tl::expected<void, std::string> read_archive(const std::string& path,
                                             const std::function<bool(const ArchiveMember&)>& visit,
                                             const ArchiveLimits& limits = {});

/// The same for a file that is open already; its position neither matters nor changes.
tl::expected<void, std::string> read_archive(int descriptor, const std::function<bool(const ArchiveMember&)>& visit,
                                             const ArchiveLimits& limits = {});

}  // namespace doctor::bundle
