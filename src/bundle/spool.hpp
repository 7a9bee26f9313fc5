#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "bundle/sha256.hpp"
#include "util/whole_file.hpp"

namespace doctor::bundle {

/// Where the bytes of one member lie in the spool.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string sha256;
};

/// Members of a bundle, one behind the other in a file without a name, until the archive is written.
class Spool {
 public:
  explicit Spool(util::Descriptor file) : file_{std::move(file)} {}

  /// Appends to the member that is under way. False: it could not be written, and nothing more will be.
  bool write(std::string_view bytes);
  /// Ends the member that is under way.
  tl::expected<Extent, std::string> finish();
  /// Forgets the member that is under way.
  void drop();

  /// Hands over the bytes of a member until `take` says false.
  tl::expected<void, std::string> read(const Extent& extent, const std::function<bool(std::string_view)>& take) const;

 private:
  bool flush();

  util::Descriptor file_;
  std::string held_;
  Sha256 sum_;
  std::uint64_t begin_ = 0;
  std::uint64_t size_ = 0;
  int error_ = 0;  ///< errno
};

}  // namespace doctor::bundle
